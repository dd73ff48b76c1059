"""The index on SQLite: FTS5 without a copy of the texts.

Our terms go in separated by spaces, so SQLite's plainest tokenizer takes them apart again; of
a text in ASCII it makes the same terms by itself. What is to be forgotten has to be said
word by word, and since ``terms`` always says the same of a text, it is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import starmap
from typing import Any, cast

from django.db import DatabaseError, OperationalError, connection

from chat.database import writing
from chat.search import tidying
from chat.search.entries import Entry
from chat.search.indexes import CHUNK_IDS, Index, select
from chat.search.questions import Phrase, Question
from chat.search.scopes import Scope
from chat.search.terms import terms

logger = logging.getLogger(__name__)

WRITES_TO_TIDY = 512
MERGED_PAGES = 32
"""How much is merged in one step: some milliseconds."""

_INSERT = "INSERT INTO chat_search (rowid, terms) VALUES (%s, %s)"
_DELETE = "INSERT INTO chat_search (chat_search, rowid, terms) VALUES ('delete', %s, %s)"
_ENTRY = "id, room_id, author_id, strftime('%%Y%%m%%d', created_at), body"
_VOCABULARY = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.chat_search_found"
    " USING fts5vocab('main', 'chat_search', 'instance')"
)


def _settings(**values: int) -> tuple[str, ...]:
    return tuple(
        f"INSERT INTO chat_search (chat_search, rank) VALUES ('{name}', {value})"
        for name, value in values.items()
    )


class SqliteIndex(Index):
    table = (
        "CREATE VIRTUAL TABLE chat_search"
        " USING fts5 (terms, content='', columnsize=0, tokenize='ascii')"
    )
    finish = (
        # Merging is put off until nobody waits (``tidy``); small segments are merged at once.
        *_settings(automerge=0, crisismerge=32, usermerge=16),
        # While it is rebuilt, from the newest message down, what is not in it yet.
        "CREATE TABLE chat_search_state (unindexed_to bigint NOT NULL)",
        "INSERT INTO chat_search_state VALUES (0)",
    )
    drop = ("DROP TABLE chat_search", "DROP TABLE chat_search_state")

    def insert(self, entries: Sequence[Entry]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [(entry.id, document(entry)) for entry in entries])

    def put_off(self, count: int) -> None:
        # However many there were, they made one segment.
        tidying.put_off(1, most=WRITES_TO_TIDY)

    def read(self, message_id: int) -> Entry | None:
        rows = select(
            f"SELECT {_ENTRY} FROM chat_message WHERE id = %s"
            " AND id > (SELECT unindexed_to FROM chat_search_state)",
            [message_id],
        )
        return Entry(*rows[0]) if rows else None

    def replace(self, before: Entry, after: Entry) -> None:
        try:
            # Without a savepoint, of which each would leave a segment to be merged.
            with connection.cursor() as cursor:
                cursor.execute(_DELETE, [before.id, document(before)])
                cursor.execute(_INSERT, [after.id, document(after)])
        except OperationalError:
            raise
        except DatabaseError:
            # Nobody keeps a text because its index is broken, nor finds it there afterwards.
            logger.exception("the search index is damaged, and now empty: manage.py reindex")
            self.begin_rebuild()
        self.put_off(1)

    def forget(self, message_ids: Sequence[int]) -> None:
        # What a rebuild has not reached yet is not in the index, and must not be taken out.
        marks = ", ".join(["%s"] * len(message_ids))
        rows = select(
            f"SELECT {_ENTRY} FROM chat_message WHERE id IN ({marks})"
            " AND id > (SELECT unindexed_to FROM chat_search_state) ORDER BY id",
            message_ids,
        )
        try:
            with connection.cursor() as cursor:
                cursor.executemany(
                    _DELETE, [(entry.id, document(entry)) for entry in starmap(Entry, rows)]
                )
        except OperationalError:
            raise
        except DatabaseError:
            logger.exception("the search index is damaged, and now empty: manage.py reindex")
            self.begin_rebuild()
        self.put_off(1)

    def erase(self) -> Iterator[None]:
        # FTS5 notes a deletion and leaves the words where they are until both are merged; a
        # negative number begins to merge all there is, and plain ones go on with it.
        pages = -MERGED_PAGES
        while self._merge(pages):
            pages = MERGED_PAGES
            yield

    def find(self, question: Question, scope: Scope, before_id: int, limit: int) -> list[int]:
        rows = select(
            "SELECT rowid FROM chat_search WHERE chat_search MATCH %s AND rowid < %s"
            " ORDER BY rowid DESC LIMIT %s",
            [expression(question, scope), before_id, limit],
        )
        return [rowid for (rowid,) in rows]

    def begin_rebuild(self) -> int:
        [(highest,)] = select("SELECT COALESCE(MAX(id), 0) FROM chat_message")
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO chat_search (chat_search) VALUES ('delete-all')")
            cursor.execute("UPDATE chat_search_state SET unindexed_to = %s", [highest])
        return int(highest)

    def rebuild(self, highest: int) -> tuple[int, int]:
        # Where it stands is in the store: another process may do the same, or have begun it.
        [(highest,)] = select("SELECT unindexed_to FROM chat_search_state")
        lowest = max(highest - CHUNK_IDS, 0)
        rows = select(
            f"SELECT {_ENTRY} FROM chat_message WHERE id > %s AND id <= %s ORDER BY id",
            [lowest, highest],
        )
        self.insert([Entry(*row) for row in rows])
        with connection.cursor() as cursor:
            cursor.execute("UPDATE chat_search_state SET unindexed_to = %s", [lowest])
        return lowest, len(rows)

    def end_rebuild(self) -> None:
        """It began with nothing."""

    def tidy(self) -> bool:
        return self._merge(MERGED_PAGES)

    def _merge(self, pages: int) -> bool:
        """Merge some pages; return whether there was anything to be done."""
        with writing(), connection.cursor() as cursor:
            sqlite: Any = cast("Any", connection).connection
            before = sqlite.total_changes
            cursor.execute(
                "INSERT INTO chat_search (chat_search, rank) VALUES ('merge', %s)", [pages]
            )
            # "If this value is less than 2, then no work was done" (SQLite's documentation).
            return bool(sqlite.total_changes - before >= 2)

    def redacted(self) -> tuple[int, int]:
        return _count_from_vocabulary(
            "SELECT COUNT(DISTINCT doc), COALESCE(MIN(doc), 0) FROM temp.chat_search_found"
            " WHERE (term < '§' OR term >= '¨') AND doc IN"
            " (SELECT id FROM chat_message WHERE redacted_at IS NOT NULL)"
        )

    def missing(self) -> tuple[int, int]:
        return _count_from_vocabulary(
            "SELECT COUNT(*), COALESCE(MIN(id), 0) FROM chat_message WHERE id NOT IN (SELECT doc"
            " FROM temp.chat_search_found WHERE term >= '§room' AND term < '§roon')"
        )


def _count_from_vocabulary(sql: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_VOCABULARY)
    [(count, first)] = select(sql)
    return count, first


def document(entry: Entry) -> str:
    """What FTS5 gets: terms and facets, or the text itself where that comes to the same."""
    body = entry.body
    return f"{body if body.isascii() else ' '.join(terms(body))} {entry.facets}"


def expression(question: Question, scope: Scope) -> str:
    """The question in FTS5's terms. Each string is ours: no term has a quote in it."""
    parts = [_string(phrase) for phrase in question.phrases]
    for choice in scope.choices:
        facets = " OR ".join(f'"{facet}"' for facet in choice)
        parts.append(f"({facets})")
    return " AND ".join(parts)


def _string(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.terms)}"{" *" if phrase.is_prefix else ""}'
