"""The index on PostgreSQL: a tsvector of our terms with a GIN index, in a table of its own.

GIN knows nothing of order: of a word in half a million messages it would fetch half a
million to sort them, and walking the ids down instead, as the planner would for any word,
takes a second for a rare one. So each entry also has facets for its block of ids, in two
sizes. The newest blocks are asked first, which is enough for a common word; then the whole,
which is enough for a rare one; and only for a word that was common once, block by block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection

from chat.search import tidying
from chat.search.entries import Entry
from chat.search.indexes import CHUNK_IDS, Index, select
from chat.search.questions import Phrase, Question
from chat.search.scopes import Scope
from chat.search.terms import terms

MESSAGES_TO_TIDY = 1_000
SMALL, LARGE = 12, 16
"""Blocks of 4,096 ids, and of 65,536."""
FEW = 5_000
"""So many are quickly fetched and sorted."""
MAX_LEXEME_CHARS = 500
"""A lexeme has at most 2,046 bytes."""

_ENTRY = "id, room_id, author_id, to_char(created_at AT TIME ZONE 'UTC', 'YYYYMMDD'), body"
# Whatever the planner thinks of a word, only the GIN index is left to it: the addition keeps
# it from reading a million ids beside.
_FUNCTION = """
CREATE FUNCTION {name}(wanted tsquery, before bigint, most bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off
AS 'SELECT message_id FROM chat_search WHERE terms @@ wanted AND message_id + 0 < before {order}
    LIMIT most'
"""


class PostgresqlIndex(Index):
    table = "CREATE TABLE chat_search (message_id bigint PRIMARY KEY, terms tsvector NOT NULL)"
    finish = (
        "CREATE INDEX chat_search_terms ON chat_search USING gin (terms)",
        _FUNCTION.format(name="chat_search_newest", order="ORDER BY message_id DESC"),
        _FUNCTION.format(name="chat_search_any", order=""),
    )
    drop = (
        "DROP TABLE chat_search",
        "DROP FUNCTION chat_search_newest",
        "DROP FUNCTION chat_search_any",
    )

    def insert(self, entries: Sequence[Entry]) -> None:
        values = [value for entry in entries for value in (entry.id, vector(entry))]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO chat_search (message_id, terms) VALUES"
                f" {', '.join(['(%s, %s::tsvector)'] * len(entries))}"
                " ON CONFLICT (message_id) DO UPDATE SET terms = EXCLUDED.terms",
                values,
            )

    def put_off(self, count: int) -> None:
        tidying.put_off(count, most=MESSAGES_TO_TIDY)

    def read(self, message_id: int) -> Entry | None:
        # The message is locked before its entry is, as in ``rebuild``.
        rows = select(f"SELECT {_ENTRY} FROM chat_message WHERE id = %s FOR UPDATE", [message_id])
        return Entry(*rows[0]) if rows else None

    def replace(self, before: Entry, after: Entry) -> None:
        self.add([after])

    def forget(self, message_ids: Sequence[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM chat_search WHERE message_id = ANY(%s)", [list(message_ids)]
            )

    def erase(self) -> Iterator[None]:
        """VACUUM does it, which PostgreSQL starts by itself."""
        return iter(())

    def find(self, question: Question, scope: Scope, before_id: int, limit: int) -> list[int]:
        wanted = expression(question, scope)
        [(highest,)] = select(
            "SELECT COALESCE(MAX(message_id), 0) FROM chat_search WHERE message_id < %s",
            [before_id],
        )
        found: list[int] = []
        for size in (SMALL, LARGE):
            before_id = _look(found, wanted, size, highest, before_id, limit)
            if len(found) == limit or before_id == 0:
                return found
        rest = _ask("chat_search_any", wanted, before_id, FEW)
        if len(rest) < FEW:
            return (found + sorted(rest, reverse=True))[:limit]
        while before_id and len(found) < limit:
            before_id = _look(found, wanted, LARGE, before_id - 1, before_id, limit)
        return found

    def begin_rebuild(self) -> int:
        [(highest,)] = select("SELECT COALESCE(MAX(id), 0) FROM chat_message")
        return int(highest)

    def rebuild(self, highest: int) -> tuple[int, int]:
        # Who edits or redacts one of them meanwhile waits, and has the last word.
        rows = select(
            f"SELECT {_ENTRY} FROM chat_message WHERE id > %s AND id <= %s ORDER BY id FOR SHARE",
            [highest - CHUNK_IDS, highest],
        )
        if rows:
            self.insert([Entry(*row) for row in rows])
        return max(highest - CHUNK_IDS, 0), len(rows)

    def end_rebuild(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM chat_search WHERE NOT EXISTS"
                " (SELECT 1 FROM chat_message WHERE id = message_id)"
            )

    def tidy(self) -> bool:
        # New entries wait in a list that every question has to read through.
        select("SELECT gin_clean_pending_list('chat_search_terms')")
        return False

    def redacted(self) -> tuple[int, int]:
        return _count(
            "SELECT COUNT(*), COALESCE(MIN(id), 0) FROM chat_message"
            " JOIN chat_search ON message_id = id WHERE redacted_at IS NOT NULL AND EXISTS"
            " (SELECT 1 FROM unnest(tsvector_to_array(terms)) AS term WHERE term NOT LIKE '§%%')"
        )

    def missing(self) -> tuple[int, int]:
        return _count(
            "SELECT COUNT(*), COALESCE(MIN(id), 0) FROM chat_message WHERE NOT EXISTS"
            " (SELECT 1 FROM chat_search WHERE message_id = id)"
        )


def _count(sql: str) -> tuple[int, int]:
    [(count, first)] = select(sql)
    return count, first


def vector(entry: Entry) -> str:
    """The entry as a tsvector is written. No term has a quote in it."""
    words = [f"'{_lexeme(term)}':{at}" for at, term in enumerate(terms(entry.body), 1)]
    blocks = f"{_block(SMALL, entry.id >> SMALL)} {_block(LARGE, entry.id >> LARGE)}"
    return " ".join([*words, entry.facets, blocks])


def _lexeme(term: str) -> str:
    return term[:MAX_LEXEME_CHARS]


def _block(size: int, number: int) -> str:
    return f"§block{size}-{number}"


def _ask(function: str, wanted: str, before_id: int, most: int) -> list[int]:
    rows = select(f"SELECT {function}(%s::tsquery, %s, %s)", [wanted, before_id, most])
    return [message_id for (message_id,) in rows]


def _look(
    found: list[int], wanted: str, size: int, highest: int, before_id: int, limit: int
) -> int:
    """Add to ``found`` from the block with ``highest`` and the one below; return where they end."""
    number = highest >> size
    blocks = f"('{_block(size, number)}' | '{_block(size, number - 1)}')"
    found += _ask("chat_search_newest", f"{wanted} & {blocks}", before_id, limit - len(found))
    return max(number - 1, 0) << size


def expression(question: Question, scope: Scope) -> str:
    """The question as a tsquery is written."""
    parts = [_phrase(phrase) for phrase in question.phrases]
    for choice in scope.choices:
        facets = " | ".join(f"'{facet}'" for facet in choice)
        parts.append(f"({facets})")
    return " & ".join(parts)


def _phrase(phrase: Phrase) -> str:
    words = " <-> ".join(f"'{_lexeme(term)}'" for term in phrase.terms)
    return f"({words}:*)" if phrase.is_prefix else f"({words})"
