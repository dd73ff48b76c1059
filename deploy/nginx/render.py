"""Fill in nginx's templates: ``python -m deploy.nginx.render FOLDER NAME=value …``.

Only ``${CHAT_…}`` is filled in, so that nginx's own ``$variables`` stay. It does what
``envsubst`` does in nginx's image, and refuses what is missing or cannot be.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent / "templates"
_NAME = re.compile(r"\$\{(CHAT_[A-Z_]+)\}")
# A value that ends a directive could begin another.
_BAD = re.compile(r"[\n\r{}\"'\\$#]")

DEBIAN = {
    "CHAT_USER": "www-data",
    "CHAT_RUN": "/run",
    "CHAT_ERROR_LOG": "/var/log/nginx/error.log",
    "CHAT_TEMP": "/var/lib/nginx",
    "CHAT_MIME_TYPES": "/etc/nginx/mime.types",
    "CHAT_SITE": "tls",
    "CHAT_HTTP": "80",
    "CHAT_HTTPS": "443",
    "CHAT_STATIC": "/var/cache/chat-static",
}
"""What Debian's package and the units in ``deploy/systemd`` call for."""


class RenderError(Exception):
    """The values cannot be used. Its text is one sentence a line."""


def names() -> list[str]:
    """Every name that the templates ask for."""
    found = {name for path in _templates() for name in _NAME.findall(path.read_text())}
    return sorted(found)


def servers(addresses: Sequence[str]) -> str:
    """The value of ``CHAT_SERVERS`` for processes at ``addresses``, each a host and a port."""
    return " ".join(f"server {address} max_fails=1 fail_timeout=1s;" for address in addresses)


def for_long(servers: str) -> str:
    """The value of ``CHAT_LONG_SERVERS`` that belongs to one of ``CHAT_SERVERS``."""
    return servers.replace("max_fails=1 fail_timeout=1s", "max_fails=0")


def render(folder: Path, values: Mapping[str, str]) -> Path:
    """Write the configuration into ``folder``, and return the path of ``nginx.conf``.

    ``CHAT_LONG_SERVERS`` follows from ``CHAT_SERVERS`` where it is not given.
    Raises ``RenderError`` with a sentence for each name that is missing or wrong.
    """
    long = for_long(values.get("CHAT_SERVERS", ""))
    given = {"CHAT_FOLDER": str(folder), "CHAT_LONG_SERVERS": long, **values}
    _judge(given)
    for path in _templates():
        written = folder / path.relative_to(TEMPLATES).with_suffix("")
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(_NAME.sub(lambda found: given[found[1]], path.read_text()))
    return folder / "nginx.conf"


def _judge(given: Mapping[str, str]) -> None:
    wrong = [f"{name} is missing." for name in names() if not given.get(name)]
    wrong += [
        f"{name} has a character that would change more than it."
        for name, value in given.items()
        if _BAD.search(value)
    ]
    if given.get("CHAT_SITE", "tls") not in ("http", "tls"):
        wrong.append("CHAT_SITE must be http or tls.")
    if wrong:
        raise RenderError("\n".join(wrong))


def _templates() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.template"))


def main(words: Sequence[str]) -> int:
    """Write the configuration; return the exit code."""
    if not words or any("=" not in word for word in words[1:]):
        print("Say: python -m deploy.nginx.render FOLDER NAME=value …", file=sys.stderr)
        return 2
    values = {**DEBIAN, **dict(word.split("=", 1) for word in words[1:])}
    try:
        written = render(Path(words[0]).resolve(), values)
    except RenderError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"Wrote {written}. Look at it with: nginx -t -c {written}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
