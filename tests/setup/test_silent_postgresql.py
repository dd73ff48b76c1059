"""A PostgreSQL that takes a question and says nothing is not waited for by a server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from chatsite.postgresql import base, patience
from chatsite.postgresql.connection import ImpatientConnection
from tests.fault_suite.line import Weather
from tests.fault_suite.proxy import FaultProxy
from tests.postgresql_server import PostgresServer

SOON_S = 0.3
LATE_S = 20.0


@pytest.fixture
def line(postgres: PostgresServer) -> Iterator[FaultProxy]:
    """A line to the server that can go silent."""
    with FaultProxy(("127.0.0.1", postgres.port)) as proxy:
        yield proxy


@pytest.fixture
def address(line: FaultProxy) -> str:
    return f"postgresql://postgres@127.0.0.1:{line.port}/postgres?connect_timeout=2"


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has people who wait for it, and little patience."""
    monkeypatch.setattr(patience.Patience, "limit", SOON_S)


@pytest.mark.usefixtures("serving")
def test_an_answer_that_does_not_come_is_given_up_with_its_connection(
    line: FaultProxy, address: str
) -> None:
    with ImpatientConnection.connect(address) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        line.blow(down=Weather(black_hole=True))
        since = time.monotonic()
        with pytest.raises(psycopg.OperationalError, match="did not answer in time"):
            connection.execute("SELECT 2")
        assert SOON_S <= time.monotonic() - since < LATE_S
        assert connection.closed


@pytest.mark.usefixtures("serving")
def test_an_answer_that_takes_its_time_is_not_given_up_by_commands(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience.Patience, "limit", None)
    with ImpatientConnection.connect(address) as connection:
        connection.execute("SELECT pg_sleep(%s)", [2 * SOON_S])
        assert not connection.closed


def test_a_pool_of_silent_connections_says_so_and_recovers(
    line: FaultProxy, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "CHECK_TIMEOUT_S", SOON_S)
    made: ConnectionPool[Any] = ConnectionPool(
        address, connection_class=ImpatientConnection, min_size=2, timeout=3, open=False
    )
    with made as pool:
        pool.wait()
        line.blow(Weather(black_hole=True))
        since = time.monotonic()
        with pytest.raises(psycopg.OperationalError):
            base._sound_connection(pool)
        assert time.monotonic() - since < LATE_S
        line.calm()
        deadline = time.monotonic() + LATE_S
        while True:
            try:
                connection = base._sound_connection(pool)
            except psycopg.OperationalError:
                assert time.monotonic() < deadline
            else:
                break
        assert connection.execute("SELECT 1").fetchone() == (1,)
        pool.putconn(connection)
