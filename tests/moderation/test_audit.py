"""Each thing that a moderator does has exactly one entry, and what one click did shares an id."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chat import errors, ranks
from chat.actions import (
    addresses,
    held_posts,
    members,
    pins,
    redaction,
    reports,
    room_switches,
    rooms,
    sanctions,
    site_level,
    site_roles,
    word_rules,
)
from chat.models import AuditEntry, HeldPost, Room, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from tests.conftest import Post, make_person, moderates_the_site, new_nonce
from tests.moderation.conftest import entries


class Stage:
    """What the rows of the table act on."""

    def __init__(self, actor: User, bob: User, room: Room, post: Post) -> None:
        self.about: dict[str, Any] = {"actor": actor}
        self.why: dict[str, Any] = {"actor": actor, "reason": "The reason"}
        self.bob, self.room, self.post = bob, room, post

    @property
    def him(self) -> dict[str, Any]:
        return {**self.why, "user_id": self.bob.pk, "room_id": self.room.pk}

    @property
    def here(self) -> dict[str, Any]:
        return {**self.why, "room_id": self.room.pk}

    def message(self) -> int:
        return self.post(self.bob, self.room).pk

    def redacted(self) -> int:
        message_id = self.message()
        redaction.redact_messages(**self.about, message_ids=[message_id])
        return message_id

    def case(self) -> int:
        eve = make_person("the reader")
        return reports.report_message(actor=eve, message_id=self.message(), reason="Rude").pk

    def held(self) -> int:
        room_switches.set_approve_first(
            **self.about, room_id=self.room.pk, approve_first="everyone"
        )
        commit_posts([PostIntent(self.bob.pk, self.room.pk, new_nonce(), "Hello.")])
        return HeldPost.objects.get().pk

    def rule(self) -> int:
        return word_rules.add_rule(**self.about, pattern="spam").pk


def _on(thing: Any, act: Callable[..., Any], stage: Stage, name: str) -> Callable[[], Any]:
    about = stage.about if act.__name__ in ("pin_message", "approve_post") else stage.why
    return lambda: act(**about, **{name: thing})


def _pinned(stage: Stage) -> Callable[[], Any]:
    message_id = stage.message()
    pins.pin_message(**stage.about, message_id=message_id)
    return lambda: pins.unpin_message(**stage.about, message_id=message_id)


def _decided(stage: Stage) -> Callable[[], Any]:
    case_id = stage.case()
    return lambda: reports.decide_case(**stage.why, case_id=case_id, outcome="dismissed")


def _changed(stage: Stage) -> Callable[[], Any]:
    rule_id = stage.rule()
    return lambda: word_rules.change_rule(**stage.why, rule_id=rule_id, pattern="scam")


Row = tuple[str, Callable[[Stage], Callable[[], Any]]]
TABLE: list[Row] = [
    ("mute", lambda s: lambda: sanctions.mute(**s.him)),
    ("ban", lambda s: lambda: sanctions.ban(**s.him)),
    ("kick", lambda s: lambda: sanctions.kick(**s.him)),
    ("lift", lambda s: _on(sanctions.mute(**s.him).pk, sanctions.lift, s, "sanction_id")),
    ("redact", lambda s: _on([s.message()], redaction.redact_messages, s, "message_ids")),
    (
        "restore_message",
        lambda s: _on([s.redacted()], redaction.restore_messages, s, "message_ids"),
    ),
    ("pin", lambda s: _on(s.message(), pins.pin_message, s, "message_id")),
    ("unpin", _pinned),
    ("approve_post", lambda s: _on(s.held(), held_posts.approve_post, s, "held_id")),
    ("reject_post", lambda s: _on(s.held(), held_posts.reject_post, s, "held_id")),
    ("dismiss_reports", _decided),
    ("set_slow_mode", lambda s: lambda: room_switches.set_slow_mode(**s.here, seconds=5)),
    ("set_posting", lambda s: lambda: room_switches.set_posting(**s.here, posting="members")),
    (
        "set_approve_first",
        lambda s: lambda: room_switches.set_approve_first(**s.here, approve_first="guests"),
    ),
    ("archive_room", lambda s: lambda: rooms.archive_room(**s.here)),
    ("rename_room", lambda s: lambda: rooms.rename_room(**s.here, name="Another")),
    ("set_topic", lambda s: lambda: rooms.set_topic(**s.here, topic="Another")),
    ("set_role", lambda s: lambda: members.set_role(**s.him, role="moderator")),
    ("set_level", lambda s: lambda: site_level.set_level(**s.why, level="members")),
    ("ban_address", lambda s: lambda: addresses.ban_address(**s.why, network="8.8.8.8")),
    ("add_rule", lambda s: lambda: word_rules.add_rule(**s.why, pattern="spam")),
    ("change_rule", _changed),
    ("remove_rule", lambda s: _on(s.rule(), word_rules.remove_rule, s, "rule_id")),
    (
        "set_site_role",
        lambda s: (
            lambda: site_roles.set_site_role(**s.why, user_id=s.bob.pk, site_role="moderator")
        ),
    ),
]
WITHOUT_A_REASON = {"pin", "unpin", "approve_post"}
ABOUT_NOBODY = {
    "set_slow_mode", "set_posting", "set_approve_first", "archive_room", "rename_room",
    "set_topic", "set_level", "ban_address", "add_rule", "change_rule", "remove_rule",
}  # fmt: skip
ABOUT_NO_ROOM = {
    "set_level", "ban_address", "add_rule", "change_rule", "remove_rule", "set_site_role",
}  # fmt: skip


@pytest.mark.parametrize(("verb", "prepare"), TABLE, ids=[verb for verb, _ in TABLE])
def test_each_action_has_exactly_one_entry_that_says_who_did_what_to_whom_and_why(
    verb: str, prepare: Callable[[Stage], Callable[[], Any]], bob: User, lobby: Room, post: Post
) -> None:
    adam = moderates_the_site(make_person("adam"), ranks.ADMINISTRATORS)
    act = prepare(Stage(adam, bob, lobby, post))
    before = AuditEntry.objects.count()
    act()
    assert AuditEntry.objects.count() == before + 1
    entry = entries()[-1]
    assert (entry.verb, entry.actor) == (verb, adam)
    assert entry.reason == ("" if verb in WITHOUT_A_REASON else "The reason")
    assert entry.target == (None if verb in ABOUT_NOBODY else bob)
    assert entry.room == (None if verb in ABOUT_NO_ROOM else lobby)


def test_what_is_refused_has_no_entry(bob: User, eve: User, lobby: Room) -> None:
    with pytest.raises(errors.ForbiddenError):
        sanctions.mute(actor=bob, user_id=eve.pk, room_id=lobby.pk)
    assert entries() == []


def test_a_click_that_does_several_things_is_found_by_its_id(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    click = uuid.uuid4()
    about: dict[str, Any] = {"actor": ada, "reason": "Rude", "action_id": click}
    ids = [post(bob, lobby).pk, post(bob, lobby).pk]
    redaction.redact_messages(**about, message_ids=ids)
    sanctions.mute(**about, user_id=bob.pk, room_id=lobby.pk)
    assert [e.verb for e in entries(action_id=click)] == ["redact", "redact", "mute"]


def test_the_audit_is_only_ever_added_to(ada: User, bob: User, lobby: Room) -> None:
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    [entry] = entries()
    with pytest.raises(Exception, match=r"."):
        entry.delete()
    for attempt in (
        lambda: AuditEntry.objects.update(reason="Another"),
        lambda: AuditEntry.objects.all().delete(),
    ):
        with pytest.raises(Exception, match=r"."):
            attempt()
    assert [e.pk for e in entries(reason="")] == [entry.pk]
