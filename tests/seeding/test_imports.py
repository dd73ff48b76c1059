"""``import_messages``: what was said elsewhere comes in once, in order, with its times."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from chat import errors
from chat.actions.imports import ImportedMessage, import_messages
from chat.actions.rooms import archive_room
from chat.models import Message, Room, User
from tests.conftest import fresh, make_moderator

LONG_AGO = timezone.make_aware(datetime(2019, 5, 4, 12, 0))  # noqa: DTZ001


@pytest.fixture
def olga(db: None) -> User:
    return User.objects.create_superuser("olga")


def said(author: User, number: int, body: str = "Hello.", **changes: datetime) -> ImportedMessage:
    at = changes.get("at", LONG_AGO + timedelta(minutes=number))
    return ImportedMessage(author.pk, f"import-{number:04d}", body, at)


def test_messages_come_in_with_their_times_and_are_told_once(
    olga: User,
    bob: User,
    lobby: Room,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as told:
        marks = import_messages(
            actor=olga, room_id=lobby.pk, messages=[said(bob, number) for number in range(20)]
        )
    assert [mark.seq for mark in marks] == list(range(1, 21))
    assert len(told) == 1
    first = Message.objects.get(pk=marks[0].id)
    assert (first.created_at, first.author, first.edited_at) == (LONG_AGO, bob, None)


def test_more_than_a_person_may_post_in_a_minute_come_in(
    olga: User, bob: User, lobby: Room, settings: object
) -> None:
    settings.POSTS_PER_MINUTE = settings.POSTS_BURST = 1  # type: ignore[attr-defined]
    messages = [said(bob, number) for number in range(600)]
    assert len(import_messages(actor=olga, room_id=lobby.pk, messages=messages)) == 600


def test_an_import_that_is_run_again_brings_nothing_twice(
    olga: User, bob: User, lobby: Room
) -> None:
    half, whole = ([said(bob, number) for number in range(count)] for count in (5, 10))
    first = import_messages(actor=olga, room_id=lobby.pk, messages=half)
    again = import_messages(actor=olga, room_id=lobby.pk, messages=whole)
    assert again[:5] == first
    assert fresh(lobby).last_seq == 10


def test_the_same_name_for_another_message_is_a_conflict_and_all_is_undone(
    olga: User, bob: User, lobby: Room
) -> None:
    import_messages(actor=olga, room_id=lobby.pk, messages=[said(bob, 1)])
    before = fresh(lobby).revision
    with pytest.raises(errors.NonceConflictError):
        import_messages(
            actor=olga, room_id=lobby.pk, messages=[said(bob, 0), said(bob, 1, "Other.")]
        )
    assert fresh(lobby).revision == before


def test_the_future_is_refused(olga: User, bob: User, lobby: Room) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    with pytest.raises(errors.BadFieldError):
        import_messages(actor=olga, room_id=lobby.pk, messages=[said(bob, 1, at=soon)])


@pytest.mark.parametrize("body", ["", " \n ", "\x00", "x" * 4001, "\ud800"])
def test_a_text_that_could_not_be_posted_is_refused(
    olga: User, bob: User, lobby: Room, body: str
) -> None:
    with pytest.raises(errors.ChatError):
        import_messages(actor=olga, room_id=lobby.pk, messages=[said(bob, 1), said(bob, 2, body)])
    assert not Message.objects.exists()


def test_only_owners_of_the_site_import(ada: User, bob: User, eve: User, lobby: Room) -> None:
    mod = make_moderator("mod")
    for actor in (ada, bob, eve, mod):
        with pytest.raises(errors.ForbiddenError):
            import_messages(actor=actor, room_id=lobby.pk, messages=[said(bob, 1)])


def test_the_outsider_is_no_author_and_an_archived_room_stays_as_it_is(
    olga: User, ada: User, bob: User, eve: User, lobby: Room
) -> None:
    with pytest.raises(errors.NotAMemberError):
        import_messages(actor=olga, room_id=lobby.pk, messages=[said(bob, 1), said(eve, 2)])
    archive_room(actor=ada, room_id=lobby.pk)
    with pytest.raises(errors.ArchivedError):
        import_messages(actor=olga, room_id=lobby.pk, messages=[said(bob, 1)])
    assert not Message.objects.exists()
