"""A link that is as good as a password does not stand in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.test import Client

from chat.actions.owner import offer_owner_link
from chatsite.secret_paths import WithoutSecrets


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the log's own handler would write."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(WithoutSecrets())
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
def test_the_owners_link_is_blotted_also_when_it_is_refused(log: StringIO) -> None:
    link = offer_owner_link()
    assert link is not None
    Client(enforce_csrf_checks=True).post(link, {})
    assert "/owner/…" in log.getvalue()
    assert link.split("/")[2] not in log.getvalue()


@pytest.mark.parametrize(
    "path",
    [
        "/owner/canary/",
        "/accounts/password/reset/key/1-canary/",
        "/accounts/confirm-email/canary/",
        "/accounts/signup/?invitation=canary",
        "/accounts/signup/?next=/&invitation=canary&x=1",
    ],
)
def test_every_such_link_is_blotted(log: StringIO, path: str) -> None:
    logging.getLogger("django.request").warning("Not Found: %s", path)
    assert "canary" not in log.getvalue()
    assert "Not Found" in log.getvalue()


def test_other_addresses_are_left_to_read(log: StringIO) -> None:
    logging.getLogger("django.request").warning("Not Found: %s", "/rooms/7/")
    assert "/rooms/7/" in log.getvalue()
