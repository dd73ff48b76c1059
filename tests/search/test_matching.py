"""What was said is found again: on this database as ``Question.fits`` has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from chat.actions import members, rooms
from chat.models import Message, Room, User
from chat.search import looking, postgresql
from chat.search.entries import days_of
from chat.search.indexes import the_index
from chat.search.looking import matching
from chat.search.questions import ask
from chat.search.scopes import Scope
from chat.search.terms import terms
from tests.conftest import Post, shown
from tests.search.conftest import HOSTILE, Say, found
from tests.search.test_questions import FITTING, NOT_FITTING
from tests.search.test_terms import TERMS


@pytest.fixture
def asking_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read and judged beside the index."""
    monkeypatch.setattr(looking, "_read", lambda *asked: ([], asked[2]))


@pytest.mark.usefixtures("asking_the_index")
@pytest.mark.parametrize(("question", "text"), FITTING)
def test_what_answers_is_found(say: Say, question: str, text: str) -> None:
    say(text)
    assert found(question) == [text]


@pytest.mark.usefixtures("asking_the_index")
@pytest.mark.parametrize(("question", "text"), NOT_FITTING)
def test_what_does_not_answer_is_not_found(say: Say, question: str, text: str) -> None:
    say(text)
    assert found(question) == []


@pytest.mark.usefixtures("asking_the_index")
def test_the_index_says_the_same_as_the_texts_do(say: Say) -> None:
    texts = [text for text in TERMS if terms(text)] + [text for _, text in FITTING]
    bodies = {say(f"{text}").pk: text for text in texts}
    for asked in [*texts, *(f'"{text}"' for text in texts), *HOSTILE]:
        question = ask(asked)
        if not question.phrases:
            continue
        fitting = [pk for pk in sorted(bodies, reverse=True) if question.fits(terms(bodies[pk]))]
        assert matching(question, limit=1000) == fitting, shown(asked)


def test_terms_are_the_same_in_the_index_and_in_a_question(say: Say) -> None:
    # A text in ASCII is handed to SQLite as it is.
    text = "".join(map(chr, range(0x20, 0x7F)))
    message = say(f"{text} {'x' * 3000}")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE VIRTUAL TABLE temp.found USING fts5vocab(main, chat_search, instance)"
            )
            cursor.execute(
                "SELECT term FROM temp.found WHERE doc = %s ORDER BY offset", [message.pk]
            )
            kept = [term for (term,) in cursor.fetchall() if "§" not in term]
            cursor.execute("DROP TABLE temp.found")
        assert kept == terms(message.body)
    assert found(f'"{text}"') == [message.body]


def test_whatever_is_typed_is_answered(say: Say) -> None:
    say("a b x 字")
    for typed in HOSTILE:
        assert len(found(typed)) <= 1, shown(typed)
        assert found(f'word "{typed}') == [], shown(typed)


def test_nothing_is_found_where_there_is_nothing_to_look_for(say: Say) -> None:
    say("Hello")
    assert found("?!") == []


def test_the_newest_come_first_and_pages_follow_one_another(say: Say) -> None:
    ids = [say(f"tea {number}").pk for number in range(7)]
    say("coffee")
    for question in (ask("tea"), ask('"tea"')):
        pages, before = [], None
        while page := matching(question, before_id=before, limit=3):
            pages.append(page)
            before = page[-1]
        newest_first = ids[::-1]
        assert pages == [newest_first[:3], newest_first[3:6], newest_first[6:]]


def test_a_begun_word_is_found_beyond_what_is_read_at_first(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "READ_FIRST", 4)
    ids = [say(f"{word} {number}").pk for number, word in enumerate(["teapot", "cup"] * 10)]
    assert matching(ask("tea"), limit=2) == [ids[18], ids[16]]
    assert matching(ask("tea"), limit=50) == ids[::2][::-1]
    assert matching(ask("3 teap"), limit=50) == []
    assert matching(ask("4 teap"), limit=50) == [ids[4]]
    assert matching(ask('"4" teap'), limit=2) == [ids[4]]
    assert matching(ask("tea"), limit=2, before_id=ids[3]) == [ids[2], ids[0]]
    say("cups and saucers")
    say("more cups")
    assert matching(ask("teap"), limit=1) == [ids[18]]
    assert matching(ask("teapo"), limit=2, before_id=ids[18] + 9) == [ids[18], ids[16]]


def test_it_is_looked_for_where_one_asks(ada: User, bob: User, lobby: Room, post: Post) -> None:
    hall = rooms.create_room(actor=ada, name="The hall")
    members.join_room(actor=bob, room_id=hall.pk)
    here, there = post(bob, lobby, "tea here"), post(ada, hall, "tea there")
    both = [there.pk, here.pk]

    def tea(**where: tuple[int, ...]) -> list[int]:
        return matching(ask("tea"), scope=Scope(**where), limit=9)

    assert tea(rooms=(lobby.pk,)) == [here.pk]
    assert tea(rooms=(lobby.pk, hall.pk)) == both
    assert tea(authors=(ada.pk,)) == [there.pk]
    assert tea(authors=(ada.pk, bob.pk)) == both
    assert tea(rooms=(lobby.pk,), authors=(ada.pk,)) == []
    assert matching(ask(""), scope=Scope(authors=(bob.pk,)), limit=9) == [here.pk]


def test_it_is_looked_for_in_very_many_rooms(bob: User, lobby: Room, post: Post) -> None:
    here = post(bob, lobby, "tea")
    anywhere = tuple(range(lobby.pk, lobby.pk + 1_000))
    assert matching(ask("tea"), scope=Scope(rooms=anywhere), limit=9) == [here.pk]
    assert matching(ask("tea"), scope=Scope(rooms=anywhere[1:]), limit=9) == []


def test_who_decides_has_the_last_word(ada: User, lobby: Room, cellar: Room, post: Post) -> None:
    public = [post(ada, lobby, f"tea {number}").pk for number in range(3)]
    for _ in range(40):
        post(ada, cellar, "tea in secret")
    among = Message.objects.exclude(room=cellar)
    for question in (ask("tea"), ask('"tea"')):
        assert matching(question, among=among, limit=2) == public[:0:-1]
        assert matching(question, among=among, limit=9) == public[::-1]


def test_a_day_is_found_in_the_middle_of_years(ada: User, lobby: Room) -> None:
    from chat.actions.imports import ImportedMessage, import_messages

    ada.is_superuser = ada.is_staff = True
    ada.save()
    start = datetime(2023, 11, 29, 12, tzinfo=UTC)
    days = [start + timedelta(days=number) for number in range(500)]
    said = [
        ImportedMessage(author_id=ada.pk, nonce=f"day-{day:%Y%m%d}", body="tea", created_at=day)
        for day in days
    ]
    ids = [mark.id for mark in import_messages(actor=ada, room_id=lobby.pk, messages=said)]
    for first, last in ((0, 1), (1, 3), (0, 33), (2, 400), (32, 398), (33, 34), (64, 92), (0, 500)):
        facets = days_of(days[first], days[last - 1] + timedelta(hours=1))
        assert len(facets) <= 62
        expected = ids[first:last][::-1]
        assert matching(ask("tea"), scope=Scope(days=facets), limit=999) == expected
    assert days_of(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)) == ("§2024",)


@pytest.mark.parametrize("few", [5_000, 1])
def test_blocks_of_ids_meet_without_a_gap(
    say: Say, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "FEW", few)
    # Each message alone where a block of some size begins or ends.
    borders = [0, 1, 4095, 4096, 4097, 65535, 65536, 69631, 69632, 2**20 - 1, 2**20, 2**21 + 4096]
    say("Hello")
    [entry] = [the_index().read(Message.objects.get().pk)]
    assert entry is not None
    ids = [2**22 + border for border in borders]
    the_index().insert([entry._replace(id=pk, body="zyzzyva") for pk in ids])
    assert matching(ask('"zyzzyva"'), limit=99) == ids[::-1]
    for before in ids:
        below = [pk for pk in ids if pk < before][::-1]
        assert matching(ask('"zyzzyva"'), before_id=before, limit=99) == below
        assert matching(ask('"zyzzyva"'), before_id=before, limit=2) == below[:2]
