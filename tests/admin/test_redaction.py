"""Redaction in the admin: one, many, all of a person; what is kept of it; and the way back."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import redaction, reports, sanctions
from chat.admin import redact_all
from chat.models import AuditEntry, Evidence, Message, Room, Sanction, User
from chat.ranks import ADMINISTRATORS
from tests.admin.conftest import audited, client_of, said, tick
from tests.conftest import Post, fresh, let_in, make_person, moderates_the_site

LIST = "/admin/chat/message/"


def ask(*messages: Message) -> str:
    return f"{LIST}redact/?ids={','.join(str(message.pk) for message in messages)}"


def ask_all(*people: User, room: Room | None = None) -> str:
    address = f"{LIST}redact-all/?people={','.join(str(person.pk) for person in people)}"
    return address if room is None else f"{address}&room={room.pk}"


def undo_page(click: uuid.UUID | None = None) -> str:
    return f"/admin/undo/{click or AuditEntry.objects.latest('pk').action_id}/"


def age(message: Message, by: timedelta) -> None:
    Message.log.filter(pk=message.pk).update(created_at=timezone.now() - by)


def forget() -> None:
    """The days are over for which the texts are kept."""
    Evidence.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


# --- One and many -------------------------------------------------------------------------------


def test_after_a_redaction_there_is_a_link_that_undoes_it(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    one, two = post(bob, lobby, "Buy gold"), post(bob, lobby, "Buy more gold")
    page = said(as_max.post(ask(one, two), {"reason": "spam"}, follow=True))
    assert "2 messages are redacted." in page
    assert f'<a href="{undo_page()}" class="undo">' in page
    page = said(as_max.get(undo_page()))
    assert "2 messages come back" in page
    page = said(as_max.post(undo_page(), {"reason": "a mistake"}, follow=True))
    assert "2 messages are back." in page
    assert [fresh(message).body for message in (one, two)] == ["Buy gold", "Buy more gold"]
    assert not fresh(one).is_tombstone
    assert audited()[2:] == [("max", "restore_message", "a mistake")] * 2


def test_what_one_takes_back_oneself_cannot_be_undone_and_no_link_says_so(
    as_max: Client, max_: User, lobby: Room, post: Post
) -> None:
    let_in(lobby, max_)
    message = post(max_, lobby, "Oops")
    page = said(as_max.post(ask(message), {"reason": ""}, follow=True))
    assert "1 message is redacted." in page
    assert "/admin/undo/" not in page


def test_what_stood_there_is_on_the_messages_page_while_it_is_kept(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "Buy gold")
    as_max.post(ask(message), {"reason": ""})
    page = said(as_max.get(f"{LIST}{message.pk}/change/"))
    assert "Buy gold" in page
    assert "Kept for moderators alone until" in page
    assert undo_page() in page
    assert "Buy gold" not in said(as_max.get(LIST))
    forget()
    assert "Buy gold" not in said(as_max.get(f"{LIST}{message.pk}/change/"))


# --- All of a person ------------------------------------------------------------------------------


def test_the_list_leads_to_all_that_the_authors_of_ticked_messages_said(
    as_max: Client, ada: User, bob: User, lobby: Room, cellar: Room, post: Post
) -> None:
    one, two = post(bob, lobby), post(ada, lobby)
    answer = as_max.post(LIST, tick("redact_all", one, two))
    wanted = ask_all(*sorted((ada, bob), key=lambda person: person.pk), room=lobby)
    assert answer["Location"].replace("%2C", ",") == wanted


@pytest.mark.parametrize(
    ("span", "gone"),
    [
        ("hour", ["now"]),
        ("day", ["now", "today"]),
        ("week", ["now", "today", "monday"]),
        ("ever", ["now", "today", "monday", "long ago"]),
    ],
)
def test_all_of_a_span_goes_from_every_room_and_nothing_else(
    as_max: Client,
    ada: User,
    bob: User,
    lobby: Room,
    cellar: Room,
    post: Post,
    span: str,
    gone: Any,
) -> None:
    said_by_bob = {
        "long ago": (lobby, timedelta(days=30)),
        "monday": (cellar, timedelta(days=3)),
        "today": (lobby, timedelta(hours=5)),
        "now": (cellar, timedelta(0)),
    }
    messages = {}
    for body, (room, past) in said_by_bob.items():
        messages[body] = post(bob, room, body)
        age(messages[body], past)
    other = post(ada, lobby, "ada's own")
    form = {"span": span, "where": "site", "reason": "a flood"}
    page = said(as_max.post(ask_all(bob), form, follow=True))
    assert f"{len(gone)} message" in page
    assert undo_page() in page
    assert [body for body in messages if not fresh(messages[body]).body] == list(reversed(gone))
    assert fresh(other).body
    assert AuditEntry.objects.values("action_id").distinct().count() == 1
    as_max.post(undo_page(), {"reason": ""})
    assert all(fresh(message).body == body for body, message in messages.items())


def test_the_page_counts_what_would_go_and_shows_nothing_of_private_rooms(
    as_max: Client, bob: User, lobby: Room, cellar: Room, post: Post
) -> None:
    post(bob, cellar, "A secret")
    age(post(bob, lobby), timedelta(hours=5))
    page = said(as_max.get(ask_all(bob)))
    assert "<td>1</td><td>2</td><td>2</td><td>2</td>" in page
    assert "A secret" not in page
    assert "A moderator redacted this message." in page


def test_in_one_room_the_others_stay(
    as_max: Client, bob: User, lobby: Room, cellar: Room, post: Post
) -> None:
    here, there = post(bob, lobby), post(bob, cellar)
    form = {"span": "ever", "where": "room", "reason": ""}
    as_max.post(ask_all(bob, room=lobby), form)
    assert fresh(here).is_tombstone
    assert not fresh(there).is_tombstone


def test_several_people_go_in_one_click_and_come_back_by_one(
    as_max: Client, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    one, two = post(ada, lobby, "one"), post(bob, lobby, "two")
    form = {"span": "hour", "where": "site", "reason": ""}
    page = said(as_max.post(ask_all(ada, bob), form, follow=True))
    assert "2 messages are redacted." in page
    as_max.post(undo_page(), {"reason": ""})
    assert [fresh(message).body for message in (one, two)] == ["one", "two"]


def test_nobody_redacts_all_of_somebody_of_their_rank_and_the_rest_is_done(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    mia = moderates_the_site(make_person("mia"), ADMINISTRATORS)
    let_in(lobby, mia)
    hers, his = post(mia, lobby), post(bob, lobby)
    form = {"span": "ever", "where": "site", "reason": ""}
    page = said(as_max.post(ask_all(mia), form))
    assert "mia: You cannot do this to somebody of your rank or above it." in page
    page = said(as_max.post(ask_all(mia, bob), form, follow=True))
    assert "1 message is redacted." in page
    assert "ia: You cannot do this" in page
    assert not fresh(hers).is_tombstone
    assert fresh(his).is_tombstone


def test_where_there_is_nothing_to_redact_it_says_so(as_max: Client, bob: User) -> None:
    form = {"span": "ever", "where": "site", "reason": ""}
    assert "There was nothing to redact." in said(as_max.post(ask_all(bob), form, follow=True))
    assert audited() == []


@pytest.mark.parametrize(
    "fields", [{"span": "year"}, {"where": "room"}, {"reason": "x" * 501}, {"span": ""}]
)
def test_what_is_wrong_in_the_form_is_said_and_nothing_goes(
    as_max: Client, bob: User, lobby: Room, post: Post, fields: dict[str, str]
) -> None:
    message = post(bob, lobby)
    form = {"span": "ever", "where": "site", "reason": ""} | fields
    assert "errorlist" in said(as_max.post(ask_all(bob), form))
    assert not fresh(message).is_tombstone


@pytest.mark.parametrize("people", ["", "x", "999", "1,2,3,4,5,6,7,8,9,10,11", "-1"])
def test_people_who_are_none_are_not_found(as_max: Client, people: str) -> None:
    assert as_max.get(f"{LIST}redact-all/?people={people}").status_code == 404


def test_messages_of_too_many_people_are_refused_with_a_sentence(
    as_max: Client, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redact_all, "PEOPLE_AT_ONCE", 1)
    ticked = []
    for name in ("carl", "dora"):
        person = make_person(name)
        let_in(lobby, person)
        ticked.append(post(person, lobby))
    page = said(as_max.post(LIST, tick("redact_all", *ticked), follow=True))
    assert "choose messages of at most 10 people" in page


# --- Undoing ------------------------------------------------------------------------------------


def test_a_click_that_redacted_and_banned_is_undone_as_one(
    as_max: Client, max_: User, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "Buy gold")
    case = reports.report_message(actor=ada, message_id=message.pk, reason="")
    reports.decide_case(actor=max_, case_id=case.pk, outcome="banned", reason="no gold")
    page = said(as_max.get(undo_page()))
    assert "banned a person · <bdi>bob</bdi>" in page
    assert "1 message comes back" in page
    page = said(as_max.post(undo_page(), {"reason": "appeal"}, follow=True))
    assert "1 message is back. 1 sanction is lifted." in page
    assert fresh(message).body == "Buy gold"
    assert Sanction.objects.get().lifted_by == max_
    undone = AuditEntry.objects.filter(reason="appeal")
    assert {entry.verb for entry in undone} == {"restore_message", "lift"}
    assert undone.values("action_id").distinct().count() == 1


def test_a_flood_comes_back_a_slice_at_a_time_so_that_others_can_write_in_between(
    as_max: Client, bob: User, lobby: Room, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("chat.actions.redaction", "chat.admin.undo"):
        monkeypatch.setattr(f"{module}.MESSAGES_A_CHANGE", 2)
    messages = [post(bob, lobby, f"flood {n}") for n in range(5)]
    as_max.post(ask_all(bob), {"span": "ever", "where": "site", "reason": ""})
    before = fresh(lobby).revision
    with CaptureQueriesContext(connection) as queries:
        page = said(as_max.post(undo_page(), {"reason": ""}, follow=True))
    assert "5 messages are back." in page
    assert [fresh(message).body for message in messages] == [f"flood {n}" for n in range(5)]
    assert fresh(lobby).revision == before + 5
    # One savepoint of the test's transaction for each slice, and none around them all.
    savepoints = [q["sql"] for q in queries if q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert [sql.split()[0] for sql in savepoints[:2]] == ["SAVEPOINT", "RELEASE"]


def test_what_is_kept_no_longer_cannot_be_undone_and_it_says_so(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "Buy gold")
    as_max.post(ask(message), {"reason": ""})
    before = undo_page()
    forget()
    page = said(as_max.get(before))
    assert "The text of 1 message is kept no longer: it cannot be brought back." in page
    assert "Undo it" not in page
    page = said(as_max.post(before, {"reason": ""}))
    assert "The text is kept no longer, so this cannot be undone." in page
    assert fresh(message).is_tombstone


def test_evidence_that_was_swept_away_is_gone_too(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    from chat.actions.evidence import forget_expired

    as_max.post(ask(post(bob, lobby, "Buy gold")), {"reason": ""})
    before = undo_page()
    forget()
    assert forget_expired() == 1
    assert "kept no longer" in said(as_max.get(before))
    assert "kept no longer, so this cannot be undone" in said(as_max.post(before, {"reason": ""}))


def test_where_the_texts_are_gone_the_ban_can_still_be_lifted(
    as_max: Client, max_: User, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    case = reports.report_message(actor=ada, message_id=post(bob, lobby).pk, reason="")
    reports.decide_case(actor=max_, case_id=case.pk, outcome="muted")
    forget()
    page = said(as_max.post(undo_page(), {"reason": ""}, follow=True))
    assert "1 sanction is lifted." in page
    assert "message is back" not in page


def test_twice_is_once(as_max: Client, bob: User, lobby: Room, post: Post) -> None:
    as_max.post(ask(post(bob, lobby)), {"reason": ""})
    address = undo_page()
    as_max.post(address, {"reason": ""})
    page = said(as_max.get(address))
    assert "Nothing: it is undone already" in page
    page = said(as_max.post(address, {"reason": ""}))
    assert "Another moderator has decided this already." in page
    assert [verb for _who, verb, _why in audited()] == ["redact", "restore_message"]


def test_what_another_click_redacted_again_is_that_clicks_to_undo(
    as_max: Client, max_: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby, "Buy gold")
    as_max.post(ask(message), {"reason": ""})
    first = undo_page()
    as_max.post(first, {"reason": ""})
    redaction.redact_messages(actor=max_, message_ids=[message.pk])
    page = said(as_max.get(first))
    assert "kept no longer" not in page
    assert "Nothing: it is undone already" in page
    as_max.post(first, {"reason": ""})
    assert fresh(message).is_tombstone


def test_nobody_lifts_what_they_could_not_have_set(
    as_max: Client, olga: User, bob: User, lobby: Room
) -> None:
    """A moderator cannot free somebody of their own rank, whom the owner muted."""
    mo = moderates_the_site(make_person("mo"))
    sanctions.mute(actor=olga, user_id=mo.pk)
    page = said(as_max.post(undo_page(), {"reason": ""}))
    assert "You cannot do this to somebody of your rank or above it." in page
    assert Sanction.objects.get().lifted_at is None


def test_a_sanction_that_is_over_is_nothing_to_undo(as_max: Client, max_: User, bob: User) -> None:
    mute = sanctions.mute(actor=max_, user_id=bob.pk, term=timedelta(hours=1))
    Sanction.log.filter(pk=mute.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Undo it" not in said(as_max.get(undo_page()))


def test_a_click_that_never_was_is_not_found(as_max: Client) -> None:
    assert as_max.get(undo_page(uuid.uuid4())).status_code == 404
    assert as_max.get("/admin/undo/nonsense/").status_code == 404


@pytest.mark.parametrize(
    ("who", "may"),
    [
        *(("nobody", False), ("eve", False), ("ada", False), ("bob", False), ("mallory", False)),
        *(("max", True), ("mia", True), ("olga", True)),
    ],
)
def test_redacting_and_undoing_here_is_for_those_who_moderate_the_site(
    who: str,
    may: bool,
    eve: User,
    mallory: User,
    max_: User,
    olga: User,
    bob: User,
    lobby: Room,
    post: Post,
) -> None:
    """Eve is an outsider, ada owns the room, bob wrote it; mia administers, olga owns the site."""
    moderates_the_site(make_person("mia"), ADMINISTRATORS)
    message, other = post(bob, lobby, "Buy gold"), post(bob, lobby, "Sell gold")
    redaction.redact_messages(actor=olga, message_ids=[other.pk])
    undo = undo_page()
    person = User.objects.filter(display_name=who).first()
    client = client_of(person) if person is not None else Client()
    for path in (ask(message), ask_all(bob), undo, f"{LIST}{other.pk}/change/"):
        assert (client.get(path).status_code == 200) is may, path
    client.post(undo, {"reason": ""})
    assert fresh(other).is_tombstone is not may
    client.post(ask(message), {"reason": ""})
    assert fresh(message).is_tombstone is may
    client.post(ask_all(bob), {"span": "ever", "where": "site", "reason": ""})
    assert fresh(other).is_tombstone
