"""``{% counted n %}``: a number in a badge, that was counted so far and no further."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chat.admin.desk import Counted

register = template.Library()


@register.simple_tag
def counted(count: Counted) -> SafeString | str:
    """The badge; nothing where there is none to count."""
    if not count.number:
        return ""
    said = _("more than %d") % count.shown if count.is_bounded else str(count.number)
    return format_html('<span class="desk-count">{}</span>', said)
