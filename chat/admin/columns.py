"""What columns of lists have in common: links to a person, a room, a shortened text."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from chat.errors import ChatError
from chat.models import Message, Room, User

EXCERPT_CHARS = 160


def person_link(person: User | None) -> SafeString | str:
    """The name of a person, leading to their page; a dash for nobody."""
    return _link("chat_user", person.pk, person.display_name) if person is not None else "—"


def room_link(room: Room | None) -> SafeString | str:
    """The name of a room, leading to its page; a dash for none."""
    return _link("chat_room", room.pk, room.name) if room is not None else "—"


def _link(model: str, pk: int, text: str) -> SafeString:
    address = reverse(f"admin:{model}_change", args=[pk])
    return format_html('<a href="{}"><bdi>{}</bdi></a>', address, text)


def list_link(model: str, text: object, **filters: Any) -> SafeString:
    """A link to the list of ``model``, narrowed by ``filters``."""
    address = reverse(f"admin:chat_{model}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(filters), text)


def excerpt(body: str) -> SafeString:
    """The beginning of a text, on one line, in its own direction."""
    shortened = Truncator(" ".join(body.split())).chars(EXCERPT_CHARS)
    return format_html('<bdi class="excerpt">{}</bdi>', shortened)


def tombstone_sentence(redacted_by: str) -> SafeString:
    """What everybody reads in the place of a redacted message."""
    if redacted_by == Message.RedactedBy.AUTHOR:
        sentence = _("The author took this message back.")
    else:
        sentence = _("A moderator redacted this message.")
    return format_html('<span class="tombstone">{}</span>', sentence)


def refused_sentence(row: object, refusal: ChatError) -> str:
    """Say of one row of many that it was refused, and why."""
    return _("%(row)s: %(sentence)s") % {"row": row, "sentence": refusal.text}


def message_excerpt(message: Message) -> SafeString:
    """The beginning of a message, or what stands in its place."""
    if message.is_tombstone:
        return tombstone_sentence(message.redacted_by)
    return excerpt(message.body)
