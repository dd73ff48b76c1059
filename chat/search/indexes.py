"""The index of this database: what both kinds can do, each in its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from chat.search.entries import Entry
from chat.search.questions import Question
from chat.search.scopes import Scope

TOP_ID = 2**62
"""Above every id."""
CHUNK_IDS = 2_000
"""How many ids a rebuild does in one transaction, while others wait for the lock."""


class Index(ABC):
    """All of it but ``tidy`` and ``erase`` happens in the transaction of whoever calls."""

    table: str
    """The statement that makes it, empty."""
    finish: tuple[str, ...]
    """Statements that are best made after the table was filled for the first time."""
    drop: tuple[str, ...]
    """Statements that undo all of it."""

    def add(self, entries: Sequence[Entry]) -> None:
        """Take in messages that are new, by ascending id."""
        self.insert(entries)
        self.put_off(len(entries))

    @abstractmethod
    def insert(self, entries: Sequence[Entry]) -> None:
        """Do as ``add`` does, for very many: nothing is tidied behind it."""

    @abstractmethod
    def put_off(self, count: int) -> None:
        """Note that ``count`` entries were written, and something was left to be tidied."""

    @abstractmethod
    def read(self, message_id: int) -> Entry | None:
        """The message as the database has it; None where it is not in the index yet."""

    @abstractmethod
    def replace(self, before: Entry, after: Entry) -> None:
        """Forget what ``before`` said, and take in ``after``."""

    @abstractmethod
    def forget(self, message_ids: Sequence[int]) -> None:
        """Take messages out for good, before their rows go."""

    @abstractmethod
    def erase(self) -> Iterator[None]:
        """Overwrite the words of what was forgotten, in steps. Opens transactions."""

    @abstractmethod
    def find(self, question: Question, scope: Scope, before_id: int, limit: int) -> list[int]:
        """The newest ids below ``before_id`` that answer the question, newest first."""

    @abstractmethod
    def begin_rebuild(self) -> int:
        """Make ready to index everything anew; return the highest id to be done."""

    @abstractmethod
    def rebuild(self, highest: int) -> tuple[int, int]:
        """Index the ``CHUNK_IDS`` up to ``highest`` anew.

        Returns the highest id that is still to be done, 0 for none, and how many were done now.
        """

    @abstractmethod
    def end_rebuild(self) -> None:
        """Forget what belongs to no message."""

    @abstractmethod
    def tidy(self) -> bool:
        """Do a little of what was put off; return whether there is more. Opens transactions."""

    @abstractmethod
    def redacted(self) -> tuple[int, int]:
        """How many redacted messages can be found by their words, and the first one's id."""

    @abstractmethod
    def missing(self) -> tuple[int, int]:
        """How many messages are not in the index, and the first one's id."""


def the_index() -> Index:
    """The index of the database that this thread is connected to."""
    from chat.search.postgresql import PostgresqlIndex
    from chat.search.sqlite import SqliteIndex

    return PostgresqlIndex() if connection.vendor == "postgresql" else SqliteIndex()


def select(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return the rows of a statement of ours."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
