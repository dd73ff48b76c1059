"""Messages in the admin: read, found, redacted with a reason; never edited, never deleted."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from chat.actions.imports import ImportedMessage, import_messages
from chat.actions.members import join_room
from chat.actions.rooms import create_room
from chat.admin import asking, redaction
from chat.admin.messages import MessageAdmin
from chat.models import Message, Room, User
from tests.admin.conftest import audited, client_of, said, tick
from tests.conftest import Post, fresh, new_nonce

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
    hall = create_room(actor=ada, name="The hall")
    here, there = post(ada, lobby, "a"), post(ada, hall, "b")
    as_max.post(ids(here, there), {"reason": ""})
    assert fresh(here).is_tombstone
    assert fresh(there).is_tombstone


def test_ones_own_message_is_shown_as_taken_back(
    as_olga: Client, olga: User, lobby: Room, post: Post
) -> None:
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


def rows(page: str) -> int:
    return page.count('class="action-select"')


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("coffee", 2),
        ("COF", 2),
        ("coffee bob", 1),
        ('"bob coffee"', 0),
        ("咖啡", 1),
        ("from:bob", 3),
        ("from:BOB", 3),
        ("FROM:bob coffee", 2),
        ("from:ada coffee", 0),
        ("in:lob", 4),
        ('in:"the lobby"', 4),
        ('in:"the lobby" from:ada', 1),
        ("in:“the lobby” from:ada tea", 1),
        ("in：「the lobby」 from：ada tea", 1),
        ("in:nowhere", 0),
        ("from:nobody", 0),
        ("from:ada from:bob", 0),
        ("bob", 1),
        ("nobody at all", 0),
        ("?!", 0),
        ("", 4),
        ("#999999", 0),
        ("in:lobby #2", 1),
        ("in:nowhere #2", 0),
    ],
)
def test_messages_are_found_by_their_words_their_authors_and_rooms(
    as_max: Client, ada: User, bob: User, lobby: Room, post: Post, term: str, found: int
) -> None:
    for author, body in (
        (bob, "Coffee, bob says"),
        (bob, "coffee 手沖咖啡"),
        (bob, "hello"),
        (ada, "tea"),
    ):
        post(author, lobby, body)
    assert rows(said(as_max.get(LIST, {"q": term}))) == found


def test_the_person_and_the_room_of_a_name_are_one_click_away(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    post(bob, lobby)
    page = said(as_max.get(LIST, {"q": "Bob"}))
    assert f'href="{LIST}?author__id__exact={bob.pk}">Everything by bob<' in page
    page = said(as_max.get(LIST, {"q": "the LOBBY"}))
    assert f'href="{LIST}?room__id__exact={lobby.pk}">Everything in The lobby<' in page
    assert "Everything" not in said(as_max.get(LIST, {"q": "lobb"}))


def test_the_name_of_a_private_room_leads_nowhere(
    as_max: Client, bob: User, cellar: Room, post: Post
) -> None:
    post(bob, cellar, "between us")
    for asked in ({"q": "The cellar"}, {"in": "The cellar"}, {"room__id__exact": cellar.pk}):
        page = said(as_max.get(LIST, asked))
        assert rows(page) == 0
        assert "Everything in" not in page
    assert 'value="The cellar"' not in said(as_max.get(LIST, {"room__id__exact": cellar.pk}))
    assert rows(said(as_max.get(LIST, {"q": "between"}))) == 0


def test_the_list_is_narrowed_by_person_room_and_state_together(
    as_max: Client, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    hall = create_room(actor=ada, name="The hall")
    join_room(actor=bob, room_id=hall.pk)
    gone, *_ = (post(bob, lobby, "tea"), post(bob, hall, "tea"), post(ada, hall, "tea"))
    as_max.post(ids(gone), {"reason": ""})
    for asked, found in (
        ({"author__id__exact": bob.pk}, 2),
        ({"room__id__exact": hall.pk}, 2),
        ({"from": "bob", "in": "hall"}, 1),
        ({"from": "bob", "in": "hall", "q": "tea"}, 1),
        ({"from": "bob", "q": "in:hall te"}, 1),
        ({"from": "bob", "in": "hall", "q": "coffee"}, 0),
        ({"redacted": "moderator"}, 1),
        ({"redacted": "moderator", "from": "bob"}, 1),
        ({"redacted": "moderator", "from": "ada"}, 0),
        ({"redacted": "author", "from": "bob"}, 0),
        ({"redacted": "no", "q": "tea"}, 2),
        ({"redacted": "moderator", "q": "tea"}, 0),
    ):
        assert rows(said(as_max.get(LIST, asked))) == found, asked


def test_what_is_typed_into_a_filter_stays_with_the_rest_that_was_asked(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    post(bob, lobby, "tea")
    page = said(as_max.get(LIST, {"q": "tea", "author__id__exact": bob.pk, "redacted": "no"}))
    assert '<input id="filter-from" name="from" value="bob"' in page
    assert '<option value="The lobby"></option>' in page
    room_form = page[page.index('id="filter-in"') :]
    for name, value in (("q", "tea"), ("author__id__exact", bob.pk), ("redacted", "no")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in room_form


def test_dates_lead_from_years_to_days(
    as_max: Client, ada: User, olga: User, lobby: Room, post: Post
) -> None:
    post(ada, lobby, "today")
    said_then = [
        ImportedMessage(ada.pk, new_nonce(), f"on {day:%Y-%m-%d}", day)
        for day in (
            datetime(2019, 3, 1, 12, tzinfo=UTC),
            datetime(2019, 3, 2, 12, tzinfo=UTC),
            datetime(2020, 5, 5, 12, tzinfo=UTC),
        )
    ]
    import_messages(actor=olga, room_id=lobby.pk, messages=said_then)
    years = said(as_max.get(LIST))
    assert '<a href="?created_at__year=2018">' not in years
    for year in range(2019, timezone.localtime().year + 1):
        assert f'<a href="?created_at__year={year}">{year}</a>' in years
    year = {"created_at__year": 2019}
    months = said(as_max.get(LIST, year))
    assert rows(months) == 2
    assert '<a href="?created_at__month=3&created_at__year=2019">Mar</a>' in months
    month = {**year, "created_at__month": 3}
    days = said(as_max.get(LIST, month))
    assert rows(days) == 2
    assert days.count("created_at__day=") == 31
    day = said(as_max.get(LIST, {**month, "created_at__day": 2}))
    assert rows(day) == 1
    assert "on 2019-03-02" in day
    assert rows(said(as_max.get(LIST, {**month, "created_at__day": 3}))) == 0
    assert rows(said(as_max.get(LIST, {**year, "q": "on"}))) == 2
    assert rows(said(as_max.get(LIST, {"created_at__year": 2020, "from": "ada"}))) == 1


def test_a_day_is_the_day_of_who_looks(ada: User, max_: User, olga: User, lobby: Room) -> None:
    # Half past eleven in the evening in Berlin is the same day there, and in Taipei the next.
    at = datetime(2020, 6, 30, 21, 30, tzinfo=UTC)
    late = ImportedMessage(ada.pk, new_nonce(), "late", at)
    import_messages(actor=olga, room_id=lobby.pk, messages=[late])
    for zone, day in (("Europe/Berlin", (2020, 6, 30)), ("Asia/Taipei", (2020, 7, 1))):
        max_.time_zone = zone
        max_.save()
        asked = dict(zip(("year", "month", "day"), day, strict=True))
        found = client_of(max_).get(LIST, {f"created_at__{k}": v for k, v in asked.items()})
        assert rows(said(found)) == 1


def test_more_than_is_looked_up_is_reached_by_key(
    as_max: Client, bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "FOUND_MOST", 6)
    monkeypatch.setattr(MessageAdmin, "list_per_page", 3)
    texts = [post(bob, lobby, f"tea {number:02d}").body for number in range(15)]
    post(bob, lobby, "coffee")
    seen: list[str] = []
    address: str | None = "?q=tea&from=bob"
    while address is not None:
        page = said(as_max.get(f"{LIST}{address}"))
        seen += re.findall(r"tea \d\d", page)
        following = re.search(
            r'class="this-page">\d+</span> *\s*<a (?:role="button" )?href="([^"]+)"', page
        ) or re.search(r'<a href="([^"]+)" class="older"', page)
        address = following.group(1) if following else None
    assert seen == sorted(texts, reverse=True)


def test_what_was_ticked_is_acted_on_wherever_it_stands_by_now(
    as_max: Client, bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "FOUND_MOST", 2)
    old = post(bob, lobby, "tea")
    for _ in range(5):
        post(bob, lobby, "tea")
    question = as_max.post(f"{LIST}?q=tea", tick("redact", old))
    assert question["Location"] == ids(old)


@pytest.mark.parametrize(
    "term",
    ["\x00", "%", "_", "\\", "'", '"', "*", "#", "##", "NEAR(", "😀", "x" * 5000, "room:", "in:",
     'from:"', "from: in:", "in:\x00", "from:%", "#9999999999999999999", "#-1", "字" * 5000],
)  # fmt: skip
def test_any_search_is_answered(as_max: Client, lobby: Room, term: str) -> None:
    assert as_max.get(LIST, {"q": term}).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["p=9999", "p=x", "all=", "o=1.2", "redacted=zzz", "id__lt=x", "room__id__exact=x", "e=1",
     "author__password__startswith=a", "nope=1", "_facets=True", "room__id__exact=1&p=2",
     "created_at__year=x", "created_at__year=0", "created_at__year=1", "created_at__year=9999",
     "created_at__year=99999999999", "created_at__year=2024&created_at__month=13", "in=%00",
     "created_at__year=2023&created_at__month=2&created_at__day=29", "created_at__month=3",
     "created_at__year=2024&created_at__day=3", "created_at__year=-1", "from=&in=", "q=a&id__lt=x",
     "q=a&id__lt=99999999999999999999999", "author__id__exact=x&q=a", "q=a&redacted=zzz",
     "in=x&in=y"],
)  # fmt: skip
def test_any_query_is_answered(as_max: Client, lobby: Room, query: str) -> None:
    assert as_max.get(f"{LIST}?{query}", follow=True).status_code in (200, 400)
