"""Each bound on waiting bites, and a connection that it ended is not the site's end."""

from __future__ import annotations

import time

import pytest
from django.db import connection, transaction

from chat.database import in_database
from chat.errors import BusyError
from chat.models import Room, User
from chatsite import databases
from chatsite.postgresql.outage import Outage
from tests.postgresql.conftest import held

pytestmark = [pytest.mark.only_on("postgresql"), pytest.mark.django_db(transaction=True)]


def _run(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_the_bounds_are_those_of_the_settings(db: None) -> None:
    bounds = {
        "statement_timeout": databases.STATEMENT_TIMEOUT_S,
        "lock_timeout": databases.LOCK_TIMEOUT_S,
        "idle_in_transaction_session_timeout": databases.IDLE_IN_TRANSACTION_TIMEOUT_S,
    }
    with connection.cursor() as cursor:
        for name, seconds in bounds.items():
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (f"{seconds}s",), name


async def test_a_statement_that_takes_too_long_is_busy(db: None) -> None:
    since = time.monotonic()
    with pytest.raises(BusyError):
        await in_database(_run, "SET LOCAL statement_timeout = '300ms'", "SELECT pg_sleep(20)")
    assert time.monotonic() - since < 10
    await in_database(_run, "SELECT 1")


async def test_who_waits_too_long_for_a_row_is_busy(lobby: Room) -> None:
    lock = "SET LOCAL lock_timeout = '300ms'"
    touch = f"UPDATE chat_room SET topic = 'Tea' WHERE id = {lobby.pk}"
    with (
        held("SELECT 1 FROM chat_room WHERE id = %s FOR UPDATE", lobby.pk),
        pytest.raises(BusyError),
    ):
        await in_database(_run, lock, touch)
    await in_database(_run, touch)


async def test_who_rests_in_a_transaction_is_put_out_and_holds_nobody_up(bob: User) -> None:
    def rest() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '300ms'")
            User.objects.filter(pk=bob.pk).update(hue=1)
            time.sleep(1)
            cursor.execute("SELECT 1")

    with pytest.raises(BusyError):
        await in_database(rest)
    await in_database(_run, f"UPDATE chat_user SET hue = 2 WHERE id = {bob.pk}")
    assert (await in_database(User.objects.get, pk=bob.pk)).hue == 2


def test_in_an_outage_one_asks_and_the_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    outage = Outage()
    assert [outage.refuses() for _ in range(3)] == [False] * 3
    outage.began()
    assert [outage.refuses() for _ in range(3)] == [True] * 3
    now += 1.1
    assert [outage.refuses() for _ in range(3)] == [False, True, True]
    outage.ended()
    assert [outage.refuses() for _ in range(3)] == [False] * 3
