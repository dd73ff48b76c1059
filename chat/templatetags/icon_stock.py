"""``{% icon_stock %}``: the icons that the page's JavaScript draws, in one template element."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.templatetags.icons import icon

register = template.Library()
NAMES = (
    "archive arrow-down ban check circle-alert clock copy crown door-open ellipsis eye-off "
    "flag hash hourglass inbox link lock message-square message-square-off messages-square "
    "pencil pin pin-off refresh-cw settings shield timer trash-2 undo-2 user user-minus "
    "wifi-off x"
).split()


@register.simple_tag
def icon_stock() -> SafeString:
    """Cloned by ``icon()`` in ``js/helpers/dom.js``."""
    drawings = format_html_join("", '<i data-icon="{}">{}</i>', ((n, icon(n)) for n in NAMES))
    return format_html('<template id="icons">{}</template>', drawings)
