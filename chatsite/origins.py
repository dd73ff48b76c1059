"""Under which names the site is reached: hosts, exact origins, addresses in the local network."""

from __future__ import annotations

import fcntl
import ipaddress
import re
import socket
import struct
import sys
from urllib.parse import urlsplit

from chatsite.variables import Variables

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - names the choice, does not make it
_SIOCGIFADDR = {"linux": 0x8915, "darwin": 0xC0206921}
_HOST = re.compile(r"\*|\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")


def from_variables(variables: Variables) -> tuple[str, int, list[str], list[str]]:
    """Return host and port to listen on, the allowed hosts, and the allowed origins."""
    host = variables.text("HOST", "127.0.0.1").strip("[]")
    if not (_HOST.fullmatch(host) or _is_address(host)) or host.startswith((".", "*")):
        variables.refuse("HOST", "an address of this machine, such as 127.0.0.1 or 0.0.0.0")
    port = variables.number("PORT", 8000, least=1, most=65535)
    tls = variables.yes_no("BEHIND_TLS")
    named = _named_hosts(variables)
    origins = _named_origins(variables, tls=tls)
    from_origins = [name for origin in origins if (name := _host_of(origin))]
    reached = _unique([*named, *from_origins, *_own_names(host)])
    if not origins:
        origins = _origins_for(variables, named, _own_names(host), port, tls=tls)
    return host, port, reached, origins


def local_addresses() -> list[str]:
    """This machine's IPv4 addresses other than loopback, without sending anything."""
    request = _SIOCGIFADDR.get(sys.platform)
    if request is None:
        return []
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _index, name in socket.if_nameindex():
            asked = struct.pack("256s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(probe.fileno(), request, asked)
            except OSError:
                continue  # An interface without an IPv4 address.
            address = socket.inet_ntoa(answer[20:24])
            if not ipaddress.ip_address(address).is_loopback:
                found.append(address)
    return _unique(found)


def _own_names(host: str) -> list[str]:
    if host in EVERYWHERE:
        return [*LOOPBACK, *local_addresses()]
    return _unique([*LOOPBACK, f"[{host}]" if ":" in host else host])


def _named_hosts(variables: Variables) -> list[str]:
    hosts = variables.words("ALLOWED_HOSTS")
    if any(not _HOST.fullmatch(host) for host in hosts):
        variables.refuse(
            "ALLOWED_HOSTS",
            "host names with commas between them, without scheme and port, like chat.example.org",
        )
    return hosts


def _named_origins(variables: Variables, *, tls: bool) -> list[str]:
    origins = [origin.rstrip("/").lower() for origin in variables.words("ORIGINS")]
    if not all(_host_of(origin) for origin in origins):
        variables.refuse(
            "ORIGINS",
            "exact origins with commas between them: scheme, host and, where it is not the "
            "usual one, port, like https://chat.example.org",
        )
    elif tls and any(not origin.startswith("https://") for origin in origins):
        variables.refuse("ORIGINS", "https:// addresses, because BEHIND_TLS is on")
    return origins


def _origins_for(
    variables: Variables, named: list[str], own: list[str], port: int, *, tls: bool
) -> list[str]:
    if any(host == "*" or host.startswith(".") for host in named):
        variables.refuse(
            "ALLOWED_HOSTS",
            "without wildcards where ORIGINS is not set: a socket is opened only from an "
            "exact origin, which a wildcard does not say",
        )
    if not tls:
        suffix = "" if port == 80 else f":{port}"
        return [f"http://{host}{suffix}" for host in _unique([*named, *own])]
    if not named:
        variables.refuse(
            "BEHIND_TLS",
            "used together with ALLOWED_HOSTS or ORIGINS, which say the site's public name",
        )
    return [f"https://{host}" for host in named]


def _host_of(origin: str) -> str:
    """The host of an exact http origin, with an IPv6 address in brackets; "" if it is none."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return ""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    exact = f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")
    known = parts.scheme in ("http", "https") and _HOST.fullmatch(host)
    return host if known and exact == origin and not host.startswith((".", "*")) else ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _unique(items: list[str]) -> list[str]:
    return list(dict.fromkeys(items))
