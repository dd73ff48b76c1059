"""No door writes the room log in silence, and nothing of it is deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db.models import Model, ProtectedError

from chat.actions import addresses, reports, sanctions
from chat.holding import hold_post
from chat.models import (
    AddressBan,
    AuditEntry,
    HeldPost,
    Membership,
    Message,
    Report,
    ReportCase,
    Room,
    Sanction,
    User,
)
from chat.models.guarded import NeverDeleted, UnguardedWriteError
from tests.conftest import Post, fresh, make_moderator

KEPT = [Room, Message, AuditEntry, Sanction, ReportCase, Report, HeldPost, AddressBan]
"""Rows that are there for ever, whoever asks."""
GUARDED = [*KEPT, Membership]
NOT_OF_THE_LOG = {
    *("User", "Invitation", "Store", "Site", "WordRule"),
    # Kept for a while by the operator's wish, and then gone.
    *("Evidence", "SeenAddress"),
}


@pytest.mark.parametrize("model", GUARDED)
@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(pk=1),
        lambda rows: rows.delete(),
        lambda rows: rows.all().filter(pk=1).delete(),
        lambda rows: rows.bulk_create([]),
        lambda rows: rows.bulk_update([], ["pk"]),
        lambda rows: rows.filter(pk__gt=0).order_by("pk").exclude(pk=2).update(pk=1),
    ],
    ids=["update", "delete", "delete of some", "bulk_create", "bulk_update", "update of some"],
)
def test_bulk_writes_around_the_actions_are_refused(
    model: type, write: Callable[[object], None], db: None
) -> None:
    with pytest.raises(UnguardedWriteError, match="chat/actions"):
        write(model.objects)


def test_what_hangs_on_a_room_or_a_person_is_guarded_too(bob: User, lobby: Room) -> None:
    for rows in (lobby.messages, lobby.memberships, bob.messages, bob.memberships):
        with pytest.raises(UnguardedWriteError):
            rows.all().delete()


def test_every_table_is_guarded_or_named_as_one_that_is_not() -> None:
    """Who adds a model says which it is."""
    ours = {model.__name__ for model in apps.get_app_config("chat").get_models()}
    guarded = {model.__name__ for model in GUARDED}
    assert ours - guarded == NOT_OF_THE_LOG
    assert all(issubclass(model, NeverDeleted) for model in KEPT)


@pytest.fixture
def moderated(ada: User, bob: User, lobby: Room, post: Post) -> dict[type[Model], Model]:
    """One row of everything that moderation keeps."""
    keeper = make_moderator("max")
    case = reports.report_message(actor=ada, message_id=post(bob, lobby).pk, reason="Rude.")
    held_post = hold_post(
        author_id=bob.pk, room_id=lobby.pk, nonce="nonce-held", digest=b"", body="May I?",
        cause=HeldPost.Cause.ROOM,
    )  # fmt: skip
    return {
        Sanction: sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk, reason="Loud."),
        ReportCase: case,
        Report: case.reports.get(),
        HeldPost: held_post,
        AddressBan: addresses.ban_address(actor=keeper, network="81.2.69.160"),
        AuditEntry: AuditEntry.objects.latest("pk"),
    }


def test_what_moderation_did_is_never_deleted(moderated: dict[type[Model], Model]) -> None:
    for model, row in moderated.items():
        with pytest.raises(UnguardedWriteError, match="never deleted"):
            row.delete()
        assert fresh(row) == row, model


def test_what_hangs_on_a_person_a_room_or_a_case_is_guarded_too(
    moderated: dict[type[Model], Model], bob: User, lobby: Room
) -> None:
    case = moderated[ReportCase]
    for rows in (bob.sanctions, bob.held_posts, lobby.held_posts, lobby.sanctions, case.reports):
        for write in (lambda rows: rows.all().delete(), lambda rows: rows.update(pk=1)):
            with pytest.raises(UnguardedWriteError):
                write(rows)


def test_an_audit_entry_is_never_changed(moderated: dict[type[Model], Model]) -> None:
    entry = AuditEntry.objects.latest("pk")
    entry.reason = "Something nicer."
    with pytest.raises(UnguardedWriteError, match="never changed"):
        entry.save()
    with pytest.raises(UnguardedWriteError, match="never changed"):
        entry.save(update_fields=["reason"])
    assert fresh(entry).reason != "Something nicer."


def test_nobody_of_whom_moderation_keeps_anything_can_be_deleted(
    moderated: dict[type[Model], Model], ada: User, bob: User
) -> None:
    """Not by a superuser either: the database itself holds them."""
    for person in (ada, bob):
        with pytest.raises(ProtectedError):
            User.objects.filter(pk=person.pk).delete()


def test_rooms_messages_and_audit_entries_are_never_deleted(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    for row in (message, lobby):
        with pytest.raises(UnguardedWriteError, match="never deleted"):
            row.delete()
    assert Message.objects.filter(pk=message.pk).exists()


def test_a_person_with_messages_cannot_be_deleted_from_under_them(
    bob: User, lobby: Room, post: Post
) -> None:
    post(bob, lobby)
    with pytest.raises(ProtectedError):
        bob.delete()
