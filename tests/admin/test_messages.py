"""Messages in the admin: read, found, redacted with a reason; never edited, never deleted."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from chat.admin import redaction
from chat.models import Message, Room, User
from tests.admin.conftest import audited, said, tick
from tests.conftest import Post, fresh

LIST = "/admin/chat/message/"
REDACT = f"{LIST}redact/"


def ids(*messages: Message) -> str:
    return f"{REDACT}?ids={','.join(str(message.pk) for message in messages)}"


def test_ticked_messages_are_redacted_after_a_page_that_says_what_will_be_seen(
    as_max: Client,
    bob: User,
    lobby: Room,
    post: Post,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    one, two, kept = post(bob, lobby, "Buy gold"), post(bob, lobby, "Now"), post(bob, lobby, "Hi")
    question = as_max.post(LIST, tick("redact", one, two))
    assert question["Location"] == ids(one, two).replace(",", "%2C")
    shown = said(as_max.get(question["Location"]))
    assert "Buy gold" in shown
    assert "A moderator redacted this message." in shown
    assert fresh(one).body == "Buy gold"

    with django_capture_on_commit_callbacks() as told:
        answer = as_max.post(question["Location"], {"reason": "spam"}, follow=True)
    assert "2 messages are redacted." in said(answer)
    assert [fresh(m).body for m in (one, two, kept)] == ["", "", "Hi"]
    assert fresh(one).redacted_by == "moderator"
    assert len(told) == 1
    assert audited() == [("max", "redact", "spam")] * 2


def test_messages_of_two_rooms_are_redacted_in_one_go(
    as_max: Client, max_: User, ada: User, lobby: Room, post: Post
) -> None:
    from chat.actions.rooms import create_room

    hall = create_room(actor=ada, name="The hall")
    here, there = post(ada, lobby, "a"), post(ada, hall, "b")
    as_max.post(ids(here, there), {"reason": ""})
    assert fresh(here).is_tombstone
    assert fresh(there).is_tombstone


def test_ones_own_message_is_shown_as_taken_back(
    as_olga: Client, olga: User, lobby: Room, post: Post
) -> None:
    from chat.actions.members import join_room

    join_room(actor=olga, room_id=lobby.pk)
    message = post(olga, lobby, "Oops")
    assert "The author took this message back." in said(as_olga.get(ids(message)))


def test_asking_changes_nothing(as_max: Client, bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby)
    as_max.post(LIST, tick("redact", message))
    as_max.get(ids(message))
    assert not fresh(message).is_tombstone


def test_a_reason_too_long_is_said_and_nothing_is_redacted(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    answer = as_max.post(ids(message), {"reason": "x" * 501})
    assert "errorlist" in said(answer)
    assert not fresh(message).is_tombstone


@pytest.mark.parametrize(
    "asked", ["", "?ids=", "?ids=x", "?ids=1,x", "?ids=" + "9" * 30, "?ids=-1"]
)
def test_nonsense_for_messages_is_not_found(as_max: Client, db: None, asked: str) -> None:
    assert as_max.get(f"{REDACT}{asked}").status_code == 404
    assert as_max.post(f"{REDACT}{asked}", {"reason": ""}).status_code == 404


def test_too_many_at_once_are_refused_with_a_sentence(
    as_max: Client, bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "MOST_AT_ONCE", 2)
    three = [post(bob, lobby) for _ in range(3)]
    answer = as_max.post(LIST, tick("redact", *three), follow=True)
    assert "too many at once" in said(answer)
    assert as_max.post(ids(*three), {}).status_code == 404
    assert not any(fresh(message).is_tombstone for message in three)
    as_max.post(ids(*three[:2]), {})
    assert [fresh(message).is_tombstone for message in three] == [True, True, False]


def test_the_outsider_redacts_nothing(as_eve: Client, bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby)
    for path, form in ((LIST, tick("redact", message)), (ids(message), {"reason": ""})):
        assert as_eve.post(path, form, follow=True).status_code == 403
    assert not fresh(message).is_tombstone


def test_what_is_said_in_private_is_not_for_the_staff(
    as_max: Client, as_olga: Client, bob: User, cellar: Room, post: Post
) -> None:
    secret = post(bob, cellar, "between us")
    for client in (as_max, as_olga):
        assert "between us" not in said(client.get(LIST))
        assert client.get(ids(secret)).status_code == 404
        assert client.post(ids(secret), {"reason": ""}).status_code == 404
        page = client.get(f"{LIST}{secret.pk}/change/", follow=True)
        assert "between us" not in said(page)
    assert fresh(secret).body == "between us"


def test_a_body_cannot_be_written(as_olga: Client, bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby, "mine")
    path = f"{LIST}{message.pk}/change/"
    assert "mine" in said(as_olga.get(path))
    assert as_olga.post(path, {"body": "yours", "author": 1}).status_code == 403
    assert as_olga.post(f"{LIST}add/", {"body": "new"}).status_code == 403
    assert fresh(message).body == "mine"
    assert Message.objects.count() == 1


def test_a_text_is_shown_as_text(as_max: Client, bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby, "<script>alert(1)</script>")
    for path in (LIST, f"{LIST}{message.pk}/change/", ids(message)):
        assert b"<script>alert" not in as_max.get(path).content


def test_history_is_the_audit(as_max: Client, bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby)
    as_max.post(ids(message), {"reason": "rude words"})
    answer = as_max.get(f"{LIST}{message.pk}/history/", follow=True)
    assert "rude words" in said(answer)


@pytest.mark.parametrize(
    ("term", "found"),
    [("bob", 2), ("the lobby", 3), ("lob", 3), ("nobody at all", 0), ("", 3), ("#999999", 0)],
)
def test_messages_are_found_by_person_and_room(
    as_max: Client, ada: User, bob: User, lobby: Room, post: Post, term: str, found: int
) -> None:
    for author in (bob, bob, ada):
        post(author, lobby)
    page = said(as_max.get(LIST, {"q": term}))
    assert page.count('class="action-select"') == found


def test_a_message_is_found_by_its_number(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    messages = [post(bob, lobby) for _ in range(3)]
    page = said(as_max.get(LIST, {"q": f"#{messages[1].pk}"}))
    assert page.count('class="action-select"') == 1


@pytest.mark.parametrize(
    "term", ["\x00", "%", "_", "\\", "'", "#", "##", "😀", "x" * 5000, "room:"]
)
def test_any_search_is_answered(as_max: Client, lobby: Room, term: str) -> None:
    assert as_max.get(LIST, {"q": term}).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["p=9999", "p=x", "all=", "o=1.2", "redacted=zzz", "id__lt=x", "room__id__exact=x", "e=1",
     "author__password__startswith=a", "nope=1", "_facets=True", "room__id__exact=1&p=2"],
)  # fmt: skip
def test_any_query_is_answered(as_max: Client, lobby: Room, query: str) -> None:
    assert as_max.get(f"{LIST}?{query}", follow=True).status_code in (200, 400)
