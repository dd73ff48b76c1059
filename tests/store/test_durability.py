"""Acknowledged is durable: how the database is opened, and who waits for whom."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from chat import database, errors
from chat.actions.messages import post_message
from chat.models import Room, User
from tests.conftest import new_nonce

pytestmark = pytest.mark.only_on("sqlite")


@pytest.mark.django_db(transaction=True)
def test_commits_are_synced_and_readers_do_not_wait_for_writers(db: None) -> None:
    with connection.cursor() as cursor:
        answers = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode", "foreign_keys")
        }
    assert answers == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}


@pytest.mark.django_db(transaction=True)
def test_a_transaction_takes_the_write_lock_at_its_start(bob: User) -> None:
    """A deferred one that reads first and then writes would fail at once."""
    failed: list[BaseException] = []
    reading, wrote = threading.Event(), threading.Event()

    def other() -> None:
        reading.wait(10)
        try:
            with database.writing():
                User.objects.filter(pk=bob.pk).update(hue=2)
        except errors.ChatError as error:
            failed.append(error)
        finally:
            wrote.set()
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    with transaction.atomic():
        User.objects.get(pk=bob.pk)
        reading.set()
        # The other one waits for our lock, so it cannot be done before we are.
        assert not wrote.wait(0.3)
        User.objects.filter(pk=bob.pk).update(hue=1)
    thread.join(10)
    assert failed == []
    bob.refresh_from_db()
    assert bob.hue == 2


@pytest.mark.django_db(transaction=True)
def test_a_store_that_stays_locked_is_busy_and_nothing_was_written(
    bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, release = threading.Event(), threading.Event()

    def lock() -> None:
        with transaction.atomic():
            locked.set()
            release.wait(30)
        connection.close()

    holder = threading.Thread(target=lock)
    holder.start()
    locked.wait(10)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 200")
    nonce = new_nonce()
    with pytest.raises(errors.BusyError) as refusal:
        post_message(actor=bob, room_id=lobby.pk, nonce=nonce, body="Hello.")
    assert refusal.value.retry_after
    assert Room.objects.get(pk=lobby.pk).last_seq == 0
    release.set()
    holder.join(10)
    mark = post_message(actor=bob, room_id=lobby.pk, nonce=nonce, body="Hello.")
    assert mark.seq == 1
    connection.close()
