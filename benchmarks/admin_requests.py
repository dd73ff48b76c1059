"""Measures one database: the admin's list of messages by real requests, and bare searches.

Run as a process of its own by ``admin_list``, since Django knows one database a process.
Prints its figures as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from typing import Any

from benchmarks import indexing
from benchmarks.chatter import Chatter
from benchmarks.figures import Figure, under
from benchmarks.million import RARE_WORD, fill

PAGE_MS = 200
SEARCH_MS = {"sqlite": 20, "postgresql": 50}
REQUESTS = 12
LIST = "/admin/chat/message/"
WORDS_A_KIND = 25


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.ALLOWED_HOSTS = ["testserver"]
    began = time.monotonic()
    _fill(int(sys.argv[1]))
    took = time.monotonic() - began
    scenario = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    figures = [
        Figure(scenario, "filling and indexing", "s", (took,)),
        *_pages(scenario),
        *_searches(scenario, SEARCH_MS[connection.vendor]),
        *indexing.figures(scenario),
    ]
    json.dump([asdict(figure) for figure in figures], sys.stdout)


def _fill(count: int) -> None:
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # As a database of that size would be set; to make the index once, not to read it.
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        fill(count)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SET statement_timeout TO DEFAULT")


def _pages(scenario: str) -> Iterable[Figure]:
    from django.test import Client

    from chat.models import User

    client = Client()
    client.force_login(User.objects.create_superuser("olga"))
    client.get(LIST)
    for what, parameters in _requests():
        values = [_ms(partial(_get, client, parameters)) for _ in range(REQUESTS)]
        yield Figure(scenario, what, "ms", tuple(values), under(PAGE_MS))


def _get(client: Any, parameters: dict[str, Any]) -> None:
    answer = client.get(LIST, parameters)
    assert answer.status_code == 200, (parameters, answer.status_code)


def _requests() -> list[tuple[str, dict[str, Any]]]:
    from chat.models import Message, Room, User

    largest, smallest = Room.objects.get(name="Room 000"), Room.objects.get(name="Room 039")
    most, least = User.objects.order_by("pk").first(), User.objects.order_by("-pk").first()
    assert most is not None
    assert least is not None
    middle = Message.objects.count() // 2
    then = Message.objects.get(pk=middle).created_at
    month = {"created_at__year": then.year, "created_at__month": then.month}
    return [
        ("page 1", {}),
        ("page 100", {"p": 100}),
        ("page by key, from the middle", {"id__lt": middle}),
        ("largest room", {"room__id__exact": largest.pk}),
        ("smallest room", {"in": smallest.name}),
        ("who says most", {"author__id__exact": most.pk}),
        ("who says least", {"from": least.display_name}),
        ("redacted by a moderator", {"redacted": "moderator"}),
        ("redacted, of who says most", {"redacted": "moderator", "author__id__exact": most.pk}),
        ("a year", {"created_at__year": then.year}),
        ("a month", month),
        ("a day", {**month, "created_at__day": then.day}),
        ("search: a rare word", {"q": RARE_WORD}),
        ("search: a common word", {"q": "the"}),
        ("search: a common word, page 5", {"q": "the", "p": 5}),
        ("search: a common word, from the middle", {"q": "the", "id__lt": middle}),
        ("search: the beginning of common words", {"q": "th"}),
        ("search: two words", {"q": "coffee meeting"}),
        ("search: a phrase", {"q": '"of the"'}),
        ("search: two Chinese characters", {"q": "一是"}),
        ("search: one Chinese character", {"q": "的"}),
        ("search: a person", {"q": f'from:"{most.display_name}"'}),
        ("search: a common word in the smallest room", {"q": f'the in:"{smallest.name}"'}),
        ("search: a common word by who says least", {"q": f'the from:"{least.display_name}"'}),
        ("search: a common word of a month", {"q": "the", **month}),
        ("search: a name of nobody", {"q": "from:nobody"}),
        ("search: nothing found", {"q": "xyzzyplugh"}),
        ("search: a number", {"q": f"#{middle}"}),
    ]


def _searches(scenario: str, target: float) -> Iterable[Figure]:
    """The 95th percentile of searches as people will make them, from the index alone."""
    from chat.models import Room
    from chat.search.looking import matching
    from chat.search.questions import ask
    from chat.search.scopes import Scope

    chatter = Chatter()
    rooms = {
        "everywhere": Scope(),
        "largest room": Scope(rooms=(Room.objects.get(name="Room 000").pk,)),
        "smallest room": Scope(rooms=(Room.objects.get(name="Room 039").pk,)),
    }
    for kind, words in chatter.words_by_frequency(WORDS_A_KIND).items():
        for place, scope in rooms.items():
            search = partial(matching, scope=scope, limit=50)
            times = sorted(_ms(partial(search, ask(word))) for word in words)
            p95 = times[int(0.95 * len(times))]
            yield Figure(scenario, f"p95 of {kind}, {place}", "ms", (p95,), under(target))


def _ms(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    main()
