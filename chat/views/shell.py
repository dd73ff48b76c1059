"""The room page's shell, kept rendered: what differs between two requests is spliced in.

Rendering the template took most of a request, and all but four strings of it are the same
for everybody who reads in one language and one theme.
"""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape

from chat.views.preferences import site, theme_of

# Characters of a private use area: no template, catalogue or name of ours has them.
_NAME, _NONCE, _CSRF, _BOOT = (
    "\ue000name\ue000",
    "\ue000nonce\ue000",
    "\ue000csrf\ue000",
    "\ue000boot\ue000",
)
_HOLES = re.compile(f"({_NAME}|{_NONCE}|{_CSRF}|{_BOOT})")


def room_page(request: HttpRequest, *, room_name: str, boot: str) -> bytes:
    """Return the page for this request. ``boot`` is JSON that may stand in a ``<script>``."""
    fillings = {
        _NAME: escape(room_name),
        _NONCE: str(request.csp_nonce),  # type: ignore[attr-defined]
        _CSRF: get_token(request),
        _BOOT: boot,
    }
    pieces = _shell(translation.get_language() or "", theme_of(request))
    return "".join([fillings.get(piece, piece) for piece in pieces]).encode()


@cache
def _shell(language: str, theme: str) -> list[str]:
    """Return the page's pieces, with the holes between them."""
    request = HttpRequest()
    request.COOKIES["theme"] = theme
    context = {
        **site(request),
        "room": SimpleNamespace(name=_NAME),
        "CSP_NONCE": _NONCE,
        "csrf_token": _CSRF,
        "boot": _BOOT,
    }
    with translation.override(language):
        return _HOLES.split(render_to_string("chat/room.html", context))
