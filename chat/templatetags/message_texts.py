"""``{% tombstone message %}``: what everybody reads in the place of a redacted message."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from chat.admin.columns import tombstone_sentence
from chat.models import Message

register = template.Library()


@register.simple_tag
def tombstone(message: Message) -> SafeString:
    """The sentence, by who redacted it."""
    return tombstone_sentence(message.redacted_by)
