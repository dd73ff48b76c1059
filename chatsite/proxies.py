"""A proxy that the site was not told of: said once in the log, and remembered for the doctor."""

from __future__ import annotations

import ipaddress
import logging
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

_MARK = "proxy-seen"


def notice(scope: dict[str, Any]) -> None:
    """Say once that X-Forwarded-For comes from a machine of ours, and is not believed.

    From any other it is a client's own invention, and no news.
    """
    if settings.TRUSTED_PROXIES or not _is_near((scope.get("client") or ("",))[0]):
        return
    if any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
        _say_once()


def was_seen() -> bool:
    """Whether a server on this data folder has noticed one."""
    return _mark().exists()


@cache
def _say_once() -> None:
    logger.warning(
        "A request came through a proxy, but TRUSTED_PROXIES is 0: everybody behind the proxy "
        "seems to be one. If it is yours, set TRUSTED_PROXIES=1 (docs/settings.md)."
    )
    try:
        _mark().touch()
    except OSError as error:
        # A full disk is no reason to fail a request that was answered already.
        logger.info("the doctor will not know of it: %s", error.strerror)


def _mark() -> Path:
    return Path(settings.DATA_DIR) / _MARK


def _is_near(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_private
    except ValueError:
        return False
