"""What is kept no longer goes for good, with all that hangs on it; what stays is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.utils import timezone

from chat import resume
from chat.actions import (
    expiry,
    held_posts,
    messages,
    pins,
    redaction,
    reports,
    retention,
    room_switches,
)
from chat.actions.expiry import sweep
from chat.actions.invitations import create_invitation
from chat.actions.retention import prune_due, prune_room, set_keep_days
from chat.errors import ForbiddenError, NotFoundError
from chat.grants import read_entries
from chat.models import (
    AuditEntry,
    Evidence,
    HeldPost,
    Invitation,
    Message,
    Report,
    ReportCase,
    Room,
    User,
)
from chat.retention import Going, count_going, rule_of
from chat.search.looking import matching
from chat.search.questions import ask
from chat.verifying import find_damage
from tests.conftest import Post, fresh, new_nonce
from tests.retention.conftest import Said
from tests.store.conftest import Rung

pytestmark = pytest.mark.django_db


def places(room: Room) -> list[int]:
    return list(Message.objects.filter(room=room).order_by("seq").values_list("seq", flat=True))


def sound() -> bool:
    return list(find_damage()) == []


def test_what_is_older_than_the_room_keeps_it_goes_and_the_rest_stays(
    ada: User, lobby: Room, said: Said
) -> None:
    said(lobby, 5, days_ago=31)
    said(lobby, 3, days_ago=29)
    set_keep_days(actor=ada, room_id=lobby.pk, days=30)
    assert prune_due() == 5
    assert places(lobby) == [6, 7, 8]
    room = fresh(lobby)
    assert (room.pruned_to_seq, room.last_seq) == (5, 8)
    assert sound()
    assert prune_due() == 0


def test_a_room_that_says_nothing_keeps_what_the_site_does(
    ada: User, lobby: Room, cellar: Room, said: Said, settings: Any
) -> None:
    said(lobby, 2, days_ago=31)
    said(cellar, 2, days_ago=31)
    assert prune_due() == 0
    settings.KEEP_DAYS = 30
    set_keep_days(actor=ada, room_id=cellar.pk, days=0)
    assert prune_due() == 2
    assert (places(lobby), places(cellar)) == ([], [1, 2])
    assert sound()


def test_a_room_in_which_something_is_wrong_keeps_no_other_from_its_term(
    lobby: Room, cellar: Room, said: Said, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sorted((lobby, cellar), key=lambda room: room.pk)
    said(first, 2, days_ago=31)
    said(second, 2, days_ago=31)
    settings.KEEP_DAYS = 30
    remove = retention._remove

    def fails_in_one(room: Room, going: Going) -> None:
        if room.pk == first.pk:
            raise IntegrityError("something refers to a message that nobody knows of")
        remove(room, going)

    monkeypatch.setattr(retention, "_remove", fails_in_one)
    assert prune_due() == 2
    assert (places(first), places(second)) == ([1, 2], [])
    assert sound()


def test_ones_own_post_is_read_where_all_before_it_was_removed_unread(
    ada: User, bob: User, lobby: Room, said: Said, post: Post
) -> None:
    said(lobby, 3, days_ago=31)
    set_keep_days(actor=ada, room_id=lobby.pk, days=30)
    assert prune_due() == 3
    assert post(ada, lobby, "Anybody here?").seq == 4
    [entry] = read_entries(ada.pk, [lobby.pk])
    assert (entry["last_seq"], entry["last_read_seq"]) == (4, 4)
    [entry] = read_entries(bob.pk, [lobby.pk])
    assert entry["last_seq"] - entry["last_read_seq"] == 1
    assert sound()


def test_many_ended_sessions_go_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many have piled up, no transaction has more to do than a few of them."""
    ended = timezone.now() - timedelta(days=1)
    for letter in "abcde":
        Session.objects.create(session_key=letter * 32, expire_date=ended)
    monkeypatch.setattr(expiry, "ROWS_AT_ONCE", 2)
    at_once: list[int] = []
    writing = expiry.writing

    @contextmanager
    def counted() -> Iterator[None]:
        before = Session.objects.count()
        with writing():
            yield
        at_once.append(before - Session.objects.count())

    monkeypatch.setattr(expiry, "writing", counted)
    assert expiry.forget_ended() == 5
    assert (sum(at_once), max(at_once)) == (5, 2)


def test_an_emptied_room_goes_on_with_the_next_place(
    ada: User, bob: User, lobby: Room, said: Said, post: Post
) -> None:
    said(lobby, 3, days_ago=31)
    set_keep_days(actor=ada, room_id=lobby.pk, days=30)
    prune_due()
    assert post(bob, lobby, "Anybody here?").seq == 4
    assert sound()


def test_a_large_room_goes_slice_by_slice_and_each_leaves_it_whole(
    ada: User, lobby: Room, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.actions.retention.MESSAGES_A_SLICE", 4)
    said(lobby, 10, days_ago=31)
    slices = prune_room(room_id=lobby.pk, rule=rule_of(days=30))
    for removed, left in ((4, 6), (4, 2), (2, 0)):
        assert next(slices) == removed
        assert len(places(lobby)) == left
        assert sound()
    assert next(slices, None) is None


def test_the_newest_stay_and_so_does_what_was_said_within_the_hour(lobby: Room, said: Said) -> None:
    said(lobby, 6, days_ago=2)
    said(lobby, 2, days_ago=0)
    list(prune_room(room_id=lobby.pk, rule=rule_of(newest=5)))
    assert places(lobby) == [4, 5, 6, 7, 8]
    list(prune_room(room_id=lobby.pk, rule=rule_of(newest=0)))
    assert places(lobby) == [7, 8]
    assert sound()


@pytest.mark.django_db(transaction=True)
def test_a_cursor_that_may_have_missed_something_of_it_is_reset_and_others_are_told(
    ada: User, bob: User, lobby: Room, said: Said, post: Post, rung: Rung
) -> None:
    gone = said(lobby, 4, days_ago=31)
    stayed = said(lobby, 2, days_ago=0)
    before_edit = fresh(lobby).revision
    edited = messages.edit_message(actor=bob, message_id=gone[1].pk, body="Said otherwise.")
    set_keep_days(actor=ada, room_id=lobby.pk, days=30)
    after_edit = fresh(lobby).revision
    rung.clear()
    prune_due()
    assert fresh(lobby).floor == edited.revision
    assert resume.changes_since(lobby.pk, before_edit) is None
    told = resume.changes_since(lobby.pk, after_edit)
    assert told is not None
    assert told.parts == []
    assert '"pruned_to_seq":4' in (told.facts_json or "")
    [(_, announcement)] = rung
    assert announcement["floor"] == edited.revision
    assert '"pruned_to_seq":4' in announcement["facts"]
    assert [m.pk for m in stayed] == list(
        Message.objects.filter(room=lobby).order_by("seq").values_list("pk", flat=True)
    )


def test_all_that_hangs_on_a_message_goes_with_it_and_the_audit_stays(
    ada: User, bob: User, eve: User, lobby: Room, said: Said, post: Post
) -> None:
    first, second, third = said(lobby, 3, days_ago=31, word="Canary")
    pins.pin_message(actor=ada, message_id=first.pk)
    reports.report_message(actor=eve, message_id=second.pk, reason="Look.")
    redaction.redact_messages(actor=ada, message_ids=[second.pk], reason="Enough.")
    room_switches.set_approve_first(actor=ada, room_id=lobby.pk, approve_first="everyone")
    messages.post_message(actor=bob, room_id=lobby.pk, nonce=new_nonce(), body="Let me in.")
    held = HeldPost.objects.get()
    held_posts.approve_post(actor=ada, held_id=held.pk)
    room_switches.set_approve_first(actor=ada, room_id=lobby.pk, approve_first="nobody")
    Message.log.filter(room=lobby).update(created_at=timezone.now() - timedelta(days=31))
    entries = AuditEntry.objects.count()
    assert Evidence.objects.exists()
    assert Report.objects.exists()
    assert matching(ask("canary"), limit=9) == [third.pk, first.pk]
    list(prune_room(room_id=lobby.pk, rule=rule_of(days=30)))
    left = [Message, Evidence, Report, ReportCase, HeldPost]
    assert [model.objects.count() for model in left] == [0] * 5
    assert matching(ask("canary"), limit=9) == []
    assert AuditEntry.objects.count() == entries
    assert not AuditEntry.objects.filter(message__isnull=False).exists()
    with pytest.raises(NotFoundError):
        messages.edit_message(actor=bob, message_id=third.pk, body="Still here?")
    assert sound()


@pytest.mark.django_db(transaction=True)
def test_a_report_that_nobody_has_decided_on_keeps_its_message_and_what_came_after(
    ada: User, eve: User, lobby: Room, said: Said
) -> None:
    old = said(lobby, 5, days_ago=31)
    reports.report_message(actor=eve, message_id=old[2].pk, reason="Look.")
    set_keep_days(actor=ada, room_id=lobby.pk, days=30)
    assert count_going(fresh(lobby), 30) == 2
    out = StringIO()
    call_command("prune", stdout=out)
    assert places(lobby) == [3, 4, 5]
    assert f"Room {lobby.pk} keeps what is too old from place 3 on" in out.getvalue()
    case = ReportCase.objects.get()
    reports.decide_case(actor=ada, case_id=case.pk, outcome=ReportCase.Outcome.DISMISSED)
    assert prune_due() == 3
    assert sound()


def test_who_owns_the_room_says_for_how_long_and_it_is_in_the_audit(
    ada: User, bob: User, max_: User, lobby: Room
) -> None:
    with pytest.raises(ForbiddenError):
        set_keep_days(actor=bob, room_id=lobby.pk, days=1)
    set_keep_days(actor=ada, room_id=lobby.pk, days=90, reason="Less is more.")
    set_keep_days(actor=ada, room_id=lobby.pk, days=90)
    set_keep_days(actor=max_, room_id=lobby.pk, days=None)
    entries = AuditEntry.objects.filter(verb=AuditEntry.Verb.SET_KEEP_DAYS).order_by("pk")
    assert [(e.actor, e.details, e.reason) for e in entries] == [
        (ada, "90", "Less is more."),
        (max_, "", ""),
    ]


def test_what_was_removed_unread_is_unread_no_longer(
    ada: User, bob: User, lobby: Room, said: Said
) -> None:
    from chat.grants import read_entries

    said(lobby, 4, days_ago=31)
    said(lobby, 1, days_ago=0)
    list(prune_room(room_id=lobby.pk, rule=rule_of(days=30)))
    [entry] = [e for e in read_entries(ada.pk) if e["facts"]["id"] == lobby.pk]
    assert entry["last_seq"] - entry["last_read_seq"] == 1
    assert (entry["facts"]["pruned_to_seq"], entry["facts"]["keep_days"]) == (4, 0)


@pytest.mark.django_db(transaction=True)
def test_the_command_removes_what_it_is_asked_to_and_writes_it_down(
    lobby: Room, said: Said
) -> None:
    said(lobby, 5, days_ago=3)
    out = StringIO()
    call_command("prune", room=[lobby.pk], newest=2, stdout=out)
    assert f"Room {lobby.pk}: removed 3 messages." in out.getvalue()
    entry = AuditEntry.objects.get(verb=AuditEntry.Verb.PRUNE)
    assert (entry.actor, entry.room, entry.details) == (None, lobby, "newest 2")
    with pytest.raises(CommandError, match="There is no room 4711"):
        call_command("prune", room=[4711], days=3)
    with pytest.raises(CommandError, match="say which --room"):
        call_command("prune", days=3)


def test_the_sweep_takes_ended_sessions_and_old_invitations_along(max_: User) -> None:
    now = timezone.now()
    Session.objects.create(session_key="a" * 32, expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="b" * 32, expire_date=now + timedelta(days=1))
    for _ in range(2):
        create_invitation(actor=max_)
    first = Invitation.objects.order_by("pk").first()
    Invitation.objects.filter(pk=first.pk).update(expires_at=now - timedelta(days=8))
    assert sweep().ended == 2
    assert (Session.objects.count(), Invitation.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_removed_text_is_left_in_the_files_of_the_database(
    ada: User, lobby: Room, said: Said
) -> None:
    if connection.vendor != "sqlite":
        return  # PostgreSQL's files are its own; VACUUM, which it runs by itself, frees them.
    for _ in range(3):
        said(lobby, 40, days_ago=31, word="Zitronenfalter")
        said(lobby, 5, days_ago=0, word="Pfauenauge")
    redacted = Message.objects.filter(body__startswith="Zitronen").order_by("seq")[3]
    redaction.redact_messages(actor=ada, message_ids=[redacted.pk], reason="Enough.")
    Message.log.filter(body__startswith="Zitronen").update(
        created_at=timezone.now() - timedelta(days=31)
    )
    Message.log.filter(room=lobby, seq__lte=130).update(
        created_at=timezone.now() - timedelta(days=31)
    )
    set_keep_days(actor=ada, room_id=lobby.pk, days=30)
    assert b"Zitronenfalter" in files_of_the_database()
    call_command("prune", stdout=StringIO())
    left = files_of_the_database()
    assert b"itronenfalter" not in left
    assert b"Pfauenauge number 4" in left
    assert sound()


def files_of_the_database() -> bytes:
    """Return the bytes of the database's file and of its log."""
    name = connection.settings_dict["NAME"]
    files = (Path(name), Path(f"{name}-wal"))
    return b"".join(path.read_bytes() for path in files if path.exists())
