"""Which store a test is about: ``@pytest.mark.only_on("sqlite")`` leaves it out on the other.

It is taken out, not skipped: on the other store nothing is missing.
"""

from __future__ import annotations

import pytest
from django.conf import settings


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on(vendor): a test of what one database promises")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    vendor = "sqlite" if "sqlite" in settings.DATABASES["default"]["ENGINE"] else "postgresql"
    here = [item for item in items if _vendor_of(item) in (None, vendor)]
    if len(here) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in here])
        items[:] = here


def _vendor_of(item: pytest.Item) -> str | None:
    marker = item.get_closest_marker("only_on")
    return marker.args[0] if marker else None
