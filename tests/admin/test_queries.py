"""A list costs as many queries with many rows as with few, and reads no more than it shows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.actions import members, rooms
from chat.admin import paging
from chat.admin.messages import MessageAdmin
from chat.models import Room, User
from tests.admin.conftest import said, tick
from tests.conftest import Post, make_person

LISTS = [f"/admin/chat/{name}/" for name in ("user", "room", "membership", "message", "auditentry")]
PAGES = [*LISTS, "/admin/chat/invitation/", "/admin/", "/admin/chat/message/?q=The+lobby"]


def populate(count: int, olga: User, as_olga: Client, post: Post) -> None:
    start = User.objects.count()
    for number in range(start, start + count):
        person = make_person(f"person {number:03d}")
        room = rooms.create_room(actor=person, name=f"Room {number}")
        members.join_room(actor=olga, room_id=room.pk)
        post(person, room)
        as_olga.post("/admin/chat/room/", tick("archive", room))
        as_olga.post("/admin/chat/invitation/add/", {"note": "", "uses": 1, "days": 1})


@pytest.mark.parametrize("path", PAGES)
def test_no_query_is_made_for_a_row(
    as_olga: Client, olga: User, lobby: Room, post: Post, path: str
) -> None:
    populate(3, olga, as_olga, post)
    as_olga.get(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        as_olga.get(path)
    populate(9, olga, as_olga, post)
    with CaptureQueriesContext(connection) as many:
        as_olga.get(path)
    assert len(many) == len(few), [query["sql"] for query in many]
    # The desk answers seven questions, each with one query or two; a search asks the index
    # as well, and whether somebody or some room is called so.
    assert len(many) <= {"/admin/": 12, PAGES[-1]: 14}.get(path, 10)


def test_a_rooms_page_makes_no_query_for_a_member(as_olga: Client, lobby: Room) -> None:
    path = f"/admin/chat/room/{lobby.pk}/change/"
    as_olga.get(path)
    with CaptureQueriesContext(connection) as few:
        as_olga.get(path)
    for number in range(9):
        members.join_room(actor=make_person(f"person {number}"), room_id=lobby.pk)
    with CaptureQueriesContext(connection) as many:
        as_olga.get(path)
    assert len(many) == len(few)


def test_a_room_with_many_members_shows_those_who_lead_and_some(
    as_olga: Client, bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.admin.members.MEMBERS_SHOWN", 3)
    for number in range(5):
        members.join_room(actor=make_person(f"person {number}"), room_id=lobby.pk)
    page = said(as_olga.get(f"/admin/chat/room/{lobby.pk}/change/"))
    assert 'name="memberships-INITIAL_FORMS" value="3"' in page
    assert f"/admin/chat/membership/?room__id__exact={lobby.pk}" in page


def test_beyond_the_counted_pages_a_key_leads_on_to_the_oldest(
    as_olga: Client, bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED_ROWS", 6)
    monkeypatch.setattr(MessageAdmin, "list_per_page", 3)
    texts = [post(bob, lobby, f"text {number:02d}").body for number in range(15)]
    seen: list[str] = []
    address = "/admin/chat/message/"
    for _ in range(9):
        page = said(as_olga.get(address))
        seen += re.findall(r"text \d\d", page)
        older = re.search(r'<a href="([^"]+)" class="older"', page)
        following = re.search(
            r'class="this-page">\d+</span> *\s*<a (?:role="button" )?href="([^"]+)"', page
        )
        after = following or older
        if after is None:
            break
        address = f"/admin/chat/message/{after.group(1)}"
    assert seen == sorted(texts, reverse=True)


def test_the_list_of_messages_reads_no_more_rows_than_it_shows(
    as_olga: Client, bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MessageAdmin, "list_per_page", 1)
    post(bob, lobby)
    post(bob, lobby)
    with CaptureQueriesContext(connection) as queries:
        as_olga.get("/admin/chat/message/")
    about_messages = [q["sql"] for q in queries if 'FROM "chat_message"' in q["sql"]]
    assert about_messages
    assert all("LIMIT" in sql for sql in about_messages), about_messages
