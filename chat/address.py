"""Where a client comes from, as far as that can be believed.

``X-Forwarded-For`` is written by whoever wants to. Each proxy of ours appends the
address that it saw; so with ``TRUSTED_PROXIES`` of them before the server, that
many entries at the end are true and everything to their left is hearsay.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - nobody's address: what a peer without one shares
IPV6_NETWORK_BITS = 64
"""What a provider gives to one customer (RFC 6177): these count as one address."""


def client_address(forwarded: str, peer: str, trusted: int) -> str:
    """Return the client's address: ``peer``, or what our outermost proxy saw.

    ``forwarded`` is the value of ``X-Forwarded-For`` ("" if none; several headers
    joined by commas), ``peer`` the other end of the connection, ``trusted`` the
    number of proxies of ours.
    """
    entries = [entry.strip() for entry in forwarded.split(",") if entry.strip()]
    if trusted < 1 or not entries:
        return _plain(peer) or UNKNOWN
    return _plain(entries[-min(trusted, len(entries))]) or _plain(peer) or UNKNOWN


def request_address(request: HttpRequest) -> str:
    """The address that an HTTP request comes from."""
    meta = request.META
    return client_address(
        meta.get("HTTP_X_FORWARDED_FOR", ""),
        meta.get("REMOTE_ADDR") or "",
        settings.TRUSTED_PROXIES,
    )


def scope_address(scope: dict[str, Any]) -> str:
    """The address that an ASGI connection comes from, a WebSocket for one."""
    forwarded = b",".join(
        value for name, value in scope.get("headers", []) if name.lower() == b"x-forwarded-for"
    )
    peer = (scope.get("client") or ("",))[0] or ""
    return client_address(forwarded.decode("latin-1"), peer, settings.TRUSTED_PROXIES)


def throttle_address(address: str) -> str:
    """What to count ``address`` as: itself, or for IPv6 the network of one customer."""
    if ":" not in address:
        return address
    network = ipaddress.ip_network(f"{address}/{IPV6_NETWORK_BITS}", strict=False)
    return str(network.network_address)


def _plain(text: str) -> str:
    """``text`` as an address in its usual form, without a port; "" if it is none."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
