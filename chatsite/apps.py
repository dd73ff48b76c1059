"""The site as an application of its own: the ``serve`` command and the checks."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "chatsite"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_login_failed

        from chatsite import checks  # noqa: F401 - importing registers them

        user_login_failed.connect(_count_failure, dispatch_uid="metrics")


def _count_failure(**_: Any) -> None:
    """Count it, and nothing of whose it was."""
    from chat import metrics

    metrics.SIGN_IN_FAILURES.inc()
