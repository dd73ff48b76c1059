"""``REDIS_URL``: which Redis servers there are, judged with a sentence for what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote

from chat.redis.address import RedisAddress
from chatsite.variables import Variables

NAME = "REDIS_URL"
PORT, SENTINEL_PORT = 6379, 26379
_SENTINEL = ("redis+sentinel", "rediss+sentinel")
_SCHEMES = ("redis", "rediss", "unix", *_SENTINEL)
_EXAMPLE = "redis://127.0.0.1:6379/0"
_SENTINEL_EXAMPLE = "redis+sentinel://host1:26379,host2:26379/service/0"
_FILES = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
_TLS_WORDS = frozenset({"ssl_cert_reqs", "ssl_check_hostname"})
_SENTINEL_WORDS = frozenset({"sentinel_username", "sentinel_password"})
# A comma stands between two addresses, and within one between its Sentinels.
_NEXT_ADDRESS = re.compile(r",(?=\s*[A-Za-z][A-Za-z0-9+.-]*://)")


def redis_addresses(variables: Variables) -> tuple[RedisAddress, ...]:
    """Return the servers in ``REDIS_URL``; each is a shard of the layer, the first one counts."""
    texts = [text.strip() for text in _NEXT_ADDRESS.split(variables.text(NAME)) if text.strip()]
    read = [_read(variables, text) for text in texts]
    return tuple(address for address in read if address is not None)


def _read(variables: Variables, text: str) -> RedisAddress | None:
    scheme = text.partition("://")[0]
    # The port of one of several hosts is no port to urlsplit: hosts are judged below.
    parts = variables.url(NAME, _without_hosts(text), _SCHEMES, _EXAMPLE)
    if parts is None:
        return None
    if scheme == "unix":
        return _file(variables, parts)
    is_sentinel = scheme in _SENTINEL
    shown = _shown(text)
    hosts = _hosts(variables, text, SENTINEL_PORT if is_sentinel else PORT, shown)
    service, db = _path(variables, parts.path, is_sentinel, shown)
    is_encrypted = scheme.startswith("rediss")
    known = _FILES | _TLS_WORDS if is_encrypted else frozenset()
    extra = _extra(variables, parts, known | (_SENTINEL_WORDS if is_sentinel else frozenset()))
    line = {name: value for name, value in extra.items() if name.startswith("ssl_")}
    options = {"db": db, **_account(text), **line}
    if not hosts:
        return None
    if is_sentinel:
        asking = {name[9:]: extra[name] for name in _SENTINEL_WORDS & extra.keys()}
        return RedisAddress(
            shown=shown,
            options=tuple(options.items()),
            is_encrypted=is_encrypted,
            sentinels=tuple(hosts),
            service=service,
            sentinel_options=tuple((asking | line).items()),
        )
    if len(hosts) > 1:
        variables.refuse(
            NAME,
            f"several whole addresses, like {_EXAMPLE}, or one of Sentinels, "
            f"like {_SENTINEL_EXAMPLE}",
            shown=shown,
        )
    host, port = hosts[0]
    options |= {"host": host, "port": port}
    return RedisAddress(shown=shown, options=tuple(options.items()), is_encrypted=is_encrypted)


def _shown(text: str) -> str:
    """Return the address without its secrets, however it was misspelt."""
    scheme, _, rest = text.partition("://")
    bare = rest.partition("?")[0]
    # A question mark in a password that was not quoted would show the half of it.
    return f"{scheme}://…" if "@" in rest[len(bare) :] else f"{scheme}://{bare.rpartition('@')[2]}"


def _without_hosts(text: str) -> str:
    """Return the address with one host in the place of all."""
    scheme, colon, rest = text.partition("://")
    if scheme not in _SCHEMES or scheme == "unix":
        return text
    end = re.search(r"[/?#]", rest)
    return f"{scheme}{colon}host{rest[end.start() :] if end else ''}"


def _file(variables: Variables, parts: SplitResult) -> RedisAddress:
    if parts.netloc.rpartition("@")[2] or not parts.path.strip("/"):
        variables.refuse(NAME, "a path, like unix:///run/redis/redis.sock", shown="unix://…")
    db = _extra(variables, parts, frozenset({"db"})).get("db", "0")
    options = {
        "path": unquote(parts.path),
        "db": _number(variables, db, "unix://…"),
        **_account(parts.geturl()),
    }
    return RedisAddress(shown=f"unix://{parts.path}", options=tuple(options.items()), is_file=True)


def _hosts(variables: Variables, text: str, port: int, shown: str) -> list[tuple[str, int]]:
    netloc = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
    found: list[tuple[str, int]] = []
    for word in netloc.split(","):
        match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+)(?::([0-9]{1,5}))?", word.strip())
        if match is None or not 0 < int(match[2] or port) < 65536:
            variables.refuse(
                NAME, f"an address with a host and a port, like {_EXAMPLE}", shown=shown
            )
            return []
        found.append((match[1].strip("[]"), int(match[2] or port)))
    return found


def _path(variables: Variables, path: str, is_sentinel: bool, shown: str) -> tuple[str, int]:
    words = [unquote(word) for word in path.strip("/").split("/") if word]
    service = ""
    if is_sentinel:
        if not words:
            variables.refuse(
                NAME,
                f"an address with the name of a service, like {_SENTINEL_EXAMPLE}",
                shown=shown,
            )
            return "", 0
        service = words.pop(0)
    if len(words) > 1:
        variables.refuse(NAME, f"an address like {_EXAMPLE}", shown=shown)
    return service, _number(variables, words[0] if words else "0", shown)


def _number(variables: Variables, text: str, shown: str) -> int:
    if re.fullmatch(r"[0-9]{1,4}", text):
        return int(text)
    variables.refuse(NAME, "an address that ends with the number of a database", shown=shown)
    return 0


def _account(text: str) -> dict[str, Any]:
    netloc = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    name, _, password = netloc.rpartition("@")[0].partition(":")
    found = {"username": unquote(name), "password": unquote(password)}
    return {key: value for key, value in found.items() if value}


def _extra(variables: Variables, parts: SplitResult, known: frozenset[str]) -> dict[str, Any]:
    """Return what stands after the question mark, in redis-py's words."""
    found: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    shown = f"{parts.scheme}://…"
    for name in sorted(found.keys() - known):
        allowed = f" (known: {', '.join(sorted(known))})" if known else ""
        named = name if re.fullmatch("[a-z_]+", name) else "…"
        variables.refuse(NAME, f"without “{named}”{allowed}", shown=shown)
    for name in sorted(_FILES & known & found.keys()):
        if not Path(found[name]).is_file():
            variables.refuse(NAME, f"with a file that is there as {name}", shown=shown)
    if found.get("ssl_check_hostname", "1") not in ("0", "1"):
        variables.refuse(NAME, "with 1 (yes) or 0 (no) as ssl_check_hostname", shown=shown)
    if found.get("ssl_cert_reqs", "required") not in ("required", "none"):
        variables.refuse(NAME, "with required or none as ssl_cert_reqs", shown=shown)
    if "ssl_certfile" in found and "ssl_keyfile" not in found:
        variables.refuse(NAME, "with ssl_keyfile where there is ssl_certfile", shown=shown)
    if "ssl_check_hostname" in found or found.get("ssl_cert_reqs") == "none":
        # Where no certificate is asked for, there is no name in it to be compared.
        is_checked = found.get("ssl_check_hostname", "0") != "0"
        found["ssl_check_hostname"] = is_checked and found.get("ssl_cert_reqs") != "none"
    return found
