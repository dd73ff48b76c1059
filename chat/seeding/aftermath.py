"""What happens to what was said: some of it is edited, some redacted, and most of it read."""

from __future__ import annotations

import random

from chat.actions import members, messages, redaction
from chat.models import Membership, Message, Room, User

EDITED = 30
REDACTED = 14
AFTERTHOUGHTS = (" 👍", " 🙂", " ✅")
AFTERTHOUGHTS_ZH = (" 👍", " 😄", "！", " 🙏")
UNREAD = (0, 0, 0, 2, 5, 9, 14, 23, 41, 78)
"""How many messages people may have before them, in rooms that they follow."""


def edit(chance: random.Random, made: list[Room]) -> None:
    """Some say it again, better."""
    for message in _some(chance, made, EDITED):
        is_chinese = any("\u4e00" <= char <= "\u9fff" for char in message.body)
        ending = chance.choice(AFTERTHOUGHTS_ZH if is_chinese else AFTERTHOUGHTS)
        messages.edit_message(
            actor=message.author, message_id=message.pk, body=f"{message.body}{ending}"
        )


def redact(chance: random.Random, staff: User, made: list[Room]) -> None:
    """Some think better of it; and some are stopped."""
    chosen = _some(chance, made, REDACTED)
    half = len(chosen) // 2
    for message in chosen[:half]:
        redaction.redact_messages(actor=message.author, message_ids=[message.pk])
    for message in chosen[half:]:
        redaction.redact_messages(actor=staff, message_ids=[message.pk], reason="Advertising.")


def _some(chance: random.Random, made: list[Room], count: int) -> list[Message]:
    """Messages here and there, none of them redacted yet, more of the new than of the old."""
    chosen = []
    for number in range(count):
        room = made[number % len(made)]
        last = Message.objects.filter(room=room, redacted_at__isnull=True).order_by("-seq")
        reach = 40 if number % 2 else 400
        candidates = list(last.select_related("author")[:reach])
        chosen.append(chance.choice(candidates))
    return list({message.pk: message for message in chosen}.values())


def read(chance: random.Random, made: list[Room]) -> None:
    """Everybody has read up to somewhere, and past their own last words."""
    for room in made:
        last_seq = Room.objects.get(pk=room.pk).last_seq
        for membership in Membership.objects.filter(room=room).select_related("user"):
            own = Message.objects.filter(room=room, author=membership.user).order_by("-seq").first()
            seq = max(last_seq - chance.choice(UNREAD), own.seq if own else 0)
            members.mark_read(actor=membership.user, room_id=room.pk, seq=seq)
