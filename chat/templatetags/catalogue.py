"""``{% catalogue %}``: the words that the page's JavaScript needs, in the active language."""

from __future__ import annotations

import json
from functools import cache

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation.trans_real import DjangoTranslation
from django.views.i18n import JSONCatalog

register = template.Library()
_ESCAPES = {
    ord("<"): "\\u003C",
    ord(">"): "\\u003E",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


@cache
def catalogue_json(language: str) -> str:
    """The ``djangojs`` catalogue of a language as JSON: ``catalog`` and ``plural``."""
    view = JSONCatalog()
    view.translation = DjangoTranslation(
        language, domain="djangojs", localedirs=[str(path) for path in settings.LOCALE_PATHS]
    )
    words = {"catalog": view.get_catalog(), "plural": view.get_plural()}
    return json.dumps(words, ensure_ascii=False).translate(_ESCAPES)


@register.simple_tag
def catalogue() -> SafeString:
    """A data block; it is not a script, so it needs no nonce."""
    return format_html(
        '<script type="application/json" id="catalogue">{}</script>',
        # Translated sentences, escaped above for where they stand.
        mark_safe(catalogue_json(get_language() or settings.LANGUAGE_CODE)),  # noqa: S308
    )
