"""Look something up: the newest messages that answer a question."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from chat.models import Message
from chat.search.indexes import TOP_ID, the_index
from chat.search.questions import Question
from chat.search.scopes import Scope
from chat.search.terms import terms

EVERYWHERE = Scope()
READ_FIRST = 500
"""So many candidates are read and judged here before the index is asked for a begun word."""
CHUNK_MOST = 4_096


def matching(
    question: Question,
    *,
    scope: Scope = EVERYWHERE,
    among: QuerySet[Message] | None = None,
    before_id: int | None = None,
    limit: int,
) -> list[int]:
    """Return the ids of at most ``limit`` messages that answer the question, newest first.

    ``among`` is who may read what, asked of the database: only its messages are returned.
    Rooms and people to look among belong into the ``scope``; said in ``among`` as well, they
    would tempt SQLite to read all of a room. ``before_id`` is where the page before ended.
    Without a phrase and a scope there is nothing to look for, and nothing is found.
    """
    if not question.phrases and not scope.choices:
        return []
    found: list[int] = []
    for ids in _candidates(question, scope, before_id or TOP_ID, limit):
        found += _allowed(ids, among)
        if len(found) >= limit:
            break
    return found[:limit]


def _allowed(ids: list[int], among: QuerySet[Message] | None) -> list[int]:
    if among is None or not ids:
        return ids
    allowed = set(among.filter(pk__in=ids).order_by().values_list("pk", flat=True))
    return [pk for pk in ids if pk in allowed]


def _candidates(
    question: Question, scope: Scope, before_id: int, limit: int
) -> Iterator[list[int]]:
    """Ids that fit, newest first, in portions that grow."""
    if question.is_begun:
        read, before_id = _read(question, scope, before_id, max(READ_FIRST, 2 * limit))
        yield read
    size = limit
    while before_id:
        ids = the_index().find(question, scope, before_id, size)
        yield ids
        before_id = ids[-1] if len(ids) == size else 0
        size = min(4 * size, CHUNK_MOST)


def _read(question: Question, scope: Scope, before_id: int, count: int) -> tuple[list[int], int]:
    """Judge the newest ``count`` that the question without its begun words leaves.

    Returns those that fit, and the id below which the index is to be asked: 0 if all were read.
    For a word that is only begun the index has to bring together all that begin so. Where they
    are many, they are found here; where the rest of the question leaves few, all of them are.
    """
    newest = Message.objects.filter(pk__lt=before_id).order_by("-pk")
    if question.whole.phrases or scope.choices:
        ids = the_index().find(question.whole, scope, before_id, count)
        newest = newest.filter(pk__in=ids)
    bodies = list(newest.values_list("pk", "body")[:count])
    fitting = [pk for pk, body in bodies if question.fits(terms(body))]
    return fitting, bodies[-1][0] if len(bodies) == count else 0
