"""``{% import_map %}``: which hashed file each of our ES modules is in.

Modules import each other by relative paths, which a browser resolves against the
address of the importing file; the map then leads from the plain address to the one
with the hash. https://html.spec.whatwg.org/multipage/webappapis.html#import-maps
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
MODULES = Path(__file__).resolve().parent.parent / "static" / "chat" / "js"
# Loaded by itself, by pages that have no map.
STANDS_ALONE = "chat/js/passkeys.js"
# What may not stand in a script element as it is.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def module_names() -> list[str]:
    """The static names of the room page's modules, such as ``chat/js/app.js``."""
    names = (f"chat/js/{path.relative_to(MODULES).as_posix()}" for path in MODULES.rglob("*.js"))
    return sorted(name for name in names if name != STANDS_ALONE)


@cache
def _addresses() -> dict[str, str]:
    """The plain address of each module and the one to fetch; once a process."""
    prefix = (
        settings.STATIC_URL if settings.STATIC_URL.startswith("/") else f"/{settings.STATIC_URL}"
    )
    return {f"{prefix}{name}": static(name) for name in module_names()}


def addresses() -> dict[str, str]:
    """As ``_addresses``; while developing, new files are to be seen without a restart."""
    if settings.DEBUG:
        _addresses.cache_clear()
    return _addresses()


@register.simple_tag
def import_map(nonce: str) -> SafeString:
    """The inline import map, let through by the ``nonce`` of this answer."""
    text = json.dumps({"imports": addresses()}).translate(_ESCAPES)
    # Our own file names, escaped above: safe to mark as such.
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>',
        nonce,
        mark_safe(text),  # noqa: S308
    )


@register.simple_tag
def preload_modules() -> SafeString:
    """All modules at once, so that the browser need not discover them one by one."""
    return format_html_join(
        "\n  ", '<link rel="modulepreload" href="{}">', ((url,) for url in addresses().values())
    )
