"""What keeps moderators busy: advertising, reports, a post that waits, a mute, a ban, a rule."""

from __future__ import annotations

import secrets
from datetime import timedelta

from chat.actions import (
    members,
    messages,
    people,
    pins,
    reports,
    room_switches,
    sanctions,
    word_rules,
)
from chat.actions.moderators_room import tell_new_cases
from chat.models import Message, Room, User

SELLER = "Best Deals 24"
ADVERTISING = (
    "Amazing watches, 90 % off, only today: https://example.com/watches",
    "Work from home and earn 5000 a week! Ask me how.",
    "限时优惠，名牌手表一折起，点这里 https://example.com/watches",
)
"""What the seller says in the first room; readers report the first two, twice the one."""
ANNOUNCED = "Please say in the first line of an incident what is broken and for whom."


def trouble(boss: User, cast: list[User], staff: User, made: list[Room]) -> User:
    """Bring trouble into the first three rooms, and return who made it."""
    kitchen, engineering, books = made[0], made[1], made[2]
    seller = people.add_person(
        actor=boss, display_name=SELLER, password=secrets.token_urlsafe(16), hue=45
    )
    word_rules.add_rule(
        actor=staff, pattern="casino*", kind="wildcard", outcome="hold", reason="Advertising."
    )
    for room in (kitchen, books):
        members.join_room(actor=seller, room_id=room.pk)
    said = [_say(seller, kitchen, body) for body in ADVERTISING]
    _say(seller, books, "Our casino pays more than any book. Try it!")
    _report(cast[1], said[0], "Advertising, again.")
    _report(cast[4], said[0], "Spam")
    _report(cast[8], said[1], "骗人的广告")
    sanctions.mute(
        actor=staff,
        user_id=seller.pk,
        room_id=kitchen.pk,
        term=timedelta(hours=6),
        reason="No advertising, please.",
        note="The third time this week.",
    )
    room_switches.set_slow_mode(actor=staff, room_id=kitchen.pk, seconds=10, reason="A busy day.")
    announced = _say(staff, engineering, ANNOUNCED) if _is_in(staff, engineering) else None
    if announced is not None:
        pins.pin_message(actor=staff, message_id=announced)
    tell_new_cases()
    return seller


def _say(author: User, room: Room, body: str) -> int:
    """Post and return the id of the message; 0 for a post that waits."""
    nonce = f"seed-{secrets.token_hex(8)}"
    messages.post_message(actor=author, room_id=room.pk, nonce=nonce, body=body)
    found = Message.objects.filter(author=author, nonce=nonce).first()
    return found.pk if found else 0


def _report(reader: User, message_id: int, reason: str) -> None:
    reports.report_message(actor=reader, message_id=message_id, reason=reason)


def _is_in(person: User, room: Room) -> bool:
    return room.memberships.filter(user=person).exists()
