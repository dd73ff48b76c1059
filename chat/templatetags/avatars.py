"""``{% avatar person %}``: a person's picture, or their initials on their colour."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat import avatars

register = template.Library()


@register.simple_tag
def avatar(person: Any, size: str = "") -> SafeString:
    """``person`` is a User; ``size`` is "", "small" or "large".

    Hidden from screen readers: the name always stands beside it.
    """
    classes = f"avatar {avatars.hue_class(person.hue)} {size}".rstrip()
    if person.picture:
        return format_html(
            '<span class="{}" aria-hidden="true"><img src="{}" alt="" width="256" height="256"'
            ' loading="{}"></span>',
            classes,
            person.picture.url,
            # The sized ones stand alone, at the top; the others come in long lists.
            "eager" if size else "lazy",
        )
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>',
        classes,
        avatars.initials(person.display_name),
    )
