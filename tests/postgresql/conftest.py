"""Connections beside the site's own: an operator's shell, another process, somebody's tool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.core.conftest import hub_ends, layer_back, no_hub_before

__all__ = ["hub_ends", "layer_back", "no_hub_before"]


def beside() -> psycopg.Connection[Any]:
    """Open a connection to the test's database that is none of the site's, without timeouts."""
    own = connection.settings_dict
    return psycopg.connect(
        host=own["HOST"], port=own["PORT"], dbname=own["NAME"], user=own["USER"], autocommit=False
    )


@contextmanager
def held(sql: str, *values: Any) -> Iterator[psycopg.Connection[Any]]:
    """Run a statement in a transaction of somebody else's, which stays open inside."""
    with beside() as other:
        other.execute(sql, values)
        yield other
        other.rollback()


@pytest.fixture
def only_ours(transactional_db: None) -> Iterator[None]:
    """Nobody is left in a transaction."""
    yield
    with beside() as other:
        [left] = other.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone() or [0]
    assert left == 0
