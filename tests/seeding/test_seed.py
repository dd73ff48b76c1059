"""``manage.py seed``: a small world, once, through the actions, the same each time."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from chat.models import HeldPost, Membership, Message, ReportCase, Room, Sanction, User
from chat.seeding import world
from chat.seeding.cast import CAST, ROOMS
from chat.seeding.talk import read_talk
from chat.verifying import find_damage

SEEDED = Room.objects.filter(kind="open").exclude(name="Lobby")
TROUBLE = 4
"""Messages beyond the talk: what moderators have to do with, and what they pinned."""


def seed() -> str:
    said = StringIO()
    call_command("seed", stdout=said)
    return said.getvalue()


@pytest.fixture
def said(db: None) -> str:
    return seed()


def test_a_world_is_made_and_the_room_log_is_sound(said: str) -> None:
    assert User.objects.filter(kind="member").count() == len(CAST) + 1
    assert SEEDED.count() == len(ROOMS) == 7
    assert Message.objects.filter(room__in=SEEDED.all()).count() == 2000 + TROUBLE
    assert list(find_damage()) == []


def test_it_speaks_three_languages_and_writes_from_both_sides(said: str) -> None:
    every = " ".join(Message.objects.values_list("body", flat=True))
    for script in (
        "[a-z]{5}",
        "[这么]",
        "[這麼]",
        "[\u0600-\u06ff]{3}",
        "[\u05d0-\u05ea]{3}",
        "😂",
    ):
        assert re.search(script, every), script
    assert "https://example.org/" in every
    assert "{" not in every.replace("{i", "").replace("{time", "")


def test_people_speak_languages_that_they_know(said: str) -> None:
    for script, speaker in (
        ("[\u0600-\u06ff]{3}", "Noor Haddad"),
        ("[\u05d0-\u05ea]{3}", "Yael Mor"),
    ):
        found = Message.objects.filter(body__regex=script)
        assert speaker in {message.author.display_name for message in found}
    tom = " ".join(
        Message.objects.filter(author__display_name="Tom Okafor").values_list("body", flat=True)
    )
    assert len(re.findall("[\u4e00-\u9fff]", tom)) < len(tom) / 20


def test_people_have_read_to_different_places_and_never_less_than_they_wrote(said: str) -> None:
    unread = set()
    for row in Membership.objects.select_related("room"):
        unread.add(row.room.last_seq - row.last_read_seq)
        own = Message.objects.filter(room=row.room, author=row.user_id).order_by("-seq").first()
        assert own is None or own.seq <= row.last_read_seq
    assert len(unread) > 5
    assert 0 in unread


def test_some_messages_are_edited_and_some_redacted_by_authors_and_by_a_moderator(
    said: str,
) -> None:
    assert Message.objects.filter(edited_at__isnull=False).count() > 20
    for by in ("author", "moderator"):
        assert Message.objects.filter(redacted_by=by, body="").count() > 3


def test_moderators_have_something_to_do(said: str) -> None:
    open_cases = ReportCase.objects.filter(closed_at__isnull=True)
    assert sorted(open_cases.values_list("report_count", flat=True)) == [1, 2]
    lines = Message.objects.filter(room__kind="private").values_list("body", flat=True)
    assert len(lines) == 2
    assert HeldPost.objects.filter(status="waiting").count() == 1
    assert Sanction.objects.get().expires_at is not None
    assert Message.objects.filter(pinned_at__isnull=False).count() == 1
    assert Room.objects.filter(slow_mode_s=10).count() == 1


def test_times_go_on_in_each_room_up_to_now(said: str) -> None:
    for room in SEEDED.all():
        times = list(
            Message.objects.filter(room=room).order_by("seq").values_list("created_at", flat=True)
        )
        assert times == sorted(times)
        assert times[-1] < timezone.now()
        assert (times[-1] - times[0]).days >= 7


def test_the_accounts_it_prints_can_sign_in(said: str, client: Client) -> None:
    [password] = re.findall(r"(\S+)  王思穎", said)
    answer = client.post("/accounts/login/", {"login": "王思穎", "password": password})
    assert answer.status_code == 302
    assert client.get("/rooms/").status_code == 200


def test_the_first_of_them_owns_a_site_that_nobody_owned(said: str) -> None:
    owners = User.objects.filter(is_superuser=True)
    assert [owner.display_name for owner in owners] == ["Mara Lindqvist"]


def test_a_site_that_has_an_owner_keeps_them_and_shows_them_around(db: None) -> None:
    olga = User.objects.create_superuser("olga")
    seed()
    assert list(User.objects.filter(is_superuser=True)) == [olga]
    assert Membership.objects.filter(user=olga, room__in=SEEDED.all()).count() == 7


def test_the_second_time_it_refuses_and_changes_nothing(said: str) -> None:
    before = list(Room.objects.values_list("pk", "revision").order_by("pk"))
    with pytest.raises(CommandError, match="Mara Lindqvist"):
        seed()
    assert list(Room.objects.values_list("pk", "revision").order_by("pk")) == before


def test_what_breaks_halfway_leaves_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class PowerCutError(Exception):
        pass

    def cut(*_: object) -> None:
        raise PowerCutError

    monkeypatch.setattr(world.aftermath, "redact", cut)
    with pytest.raises(PowerCutError):
        seed()
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_it_is_the_same_world_each_time_but_for_the_passwords(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    worlds = []
    for _ in range(2):
        monkeypatch.setattr(world.aftermath, "read", _keep_and_stop(worlds))
        with pytest.raises(StopIteration):
            seed()
    assert worlds[0] == worlds[1]


def _keep_and_stop(worlds: list[list[tuple[str, str]]]) -> object:
    def keep(*_: object) -> None:
        rows = Message.objects.order_by("pk").exclude(nonce__startswith="welcome")
        worlds.append(list(rows.values_list("author__display_name", "body")))
        raise StopIteration

    return keep


def test_passwords_are_of_that_run_alone(said: str) -> None:
    passwords = re.findall(r"^    (\S{12,})  ", said, re.MULTILINE)
    assert len(set(passwords)) == len(CAST)


@pytest.mark.parametrize("place", ROOMS, ids=lambda place: place.talk)
def test_every_conversation_can_be_held_by_those_in_its_room(place: object) -> None:
    talk = read_talk(place.talk)  # type: ignore[attr-defined]
    people_here = place.people  # type: ignore[attr-defined]
    for conversation in talk.conversations:
        assert len({line.speaker for line in conversation}) <= len(people_here)
        for line in conversation:
            assert re.fullmatch(r"[A-E]", line.speaker), line
            assert line.text.strip()
            for blank in re.findall(r"\{(\w+)\}", line.text):
                assert blank in talk.words, line
