"""Held posts in the admin: a queue that is read, let into its room, or rejected."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.actions import held_posts, room_switches
from chat.models import AuditEntry, HeldPost, Message, Room, User
from chat.ranks import ADMINISTRATORS
from tests.admin.conftest import audited, client_of, said, tick
from tests.conftest import Post, fresh, make_moderator, make_person, moderates_the_site

QUEUE = "/admin/chat/heldpost/"


@pytest.fixture
def quiet(ada: User, lobby: Room) -> Room:
    """The lobby, where every post waits."""
    room_switches.set_approve_first(actor=ada, room_id=lobby.pk, approve_first="everyone")
    AuditEntry.log.all().delete()
    return fresh(lobby)


@pytest.fixture
def hold(bob: User, quiet: Room, post: Post) -> Any:
    """Let bob post where it waits."""

    def hold_one(body: str = "May I?") -> HeldPost:
        # There is no message yet, so the fixture finds none.
        with suppress(Message.DoesNotExist):
            post(bob, quiet, body)
        return HeldPost.objects.latest("pk")

    return hold_one


def page_of(held: HeldPost) -> str:
    return f"{QUEUE}{held.pk}/change/"


def ask(what: str, *held: HeldPost) -> str:
    return f"{QUEUE}{what}/?ids={','.join(str(post.pk) for post in held)}"


def test_what_waits_is_read_and_not_edited(as_olga: Client, hold: Any) -> None:
    held = hold("Is this the right room?\nI hope so.")
    assert "Is this the right room?" in said(as_olga.get(QUEUE))
    page = said(as_olga.get(page_of(held)))
    assert "Is this the right room?\nI hope so." in page
    assert "every post of the room waits" in page
    assert "<textarea" not in page
    assert as_olga.post(page_of(held), {"body": "something else"}).status_code == 403
    assert fresh(held).body.startswith("Is this")


def test_ticked_posts_are_approved_after_a_page_that_says_what_will_be_seen(
    as_max: Client, hold: Any
) -> None:
    one, two, kept = hold("first"), hold("second"), hold("third")
    question = as_max.post(QUEUE, tick("approve", one, two))
    page = said(as_max.get(question["Location"]))
    assert "first" in page
    assert "second" in page
    assert "third" not in page
    assert "as the newest message" in page
    assert not Message.objects.exists()
    page = said(as_max.post(question["Location"], {}, follow=True))
    assert "2 posts are approved." in page
    assert "third" in page
    assert sorted(m.body for m in Message.objects.all()) == ["first", "second"]
    assert [fresh(held).status for held in (one, two, kept)] == ["approved"] * 2 + ["waiting"]
    assert audited() == [("max", "approve_post", "")] * 2
    assert AuditEntry.objects.values("action_id").distinct().count() == 1


def test_a_post_is_rejected_with_a_reason_that_its_author_reads(as_max: Client, hold: Any) -> None:
    held = hold("Buy gold")
    page = said(as_max.get(ask("reject", held)))
    assert "A moderator did not approve this message." in page
    answer = as_max.post(ask("reject", held), {"reason": "no gold"}, follow=True)
    assert "1 post is rejected." in said(answer)
    assert (fresh(held).status, fresh(held).reason) == ("rejected", "no gold")
    assert not Message.objects.exists()
    assert audited() == [("max", "reject_post", "no gold")]


def test_one_is_decided_from_its_own_page_and_leads_back_there(as_max: Client, hold: Any) -> None:
    held = hold()
    page = said(as_max.get(page_of(held)))
    assert f"{QUEUE}approve/?ids={held.pk}&page" in page
    answer = as_max.post(f"{QUEUE}approve/?ids={held.pk}&page", {})
    assert answer["Location"] == page_of(held)
    page = said(as_max.get(page_of(held)))
    assert "It is a message of the room now." in page
    assert "Approve…" not in page


def test_the_decided_are_found_by_the_filter(as_max: Client, max_: User, hold: Any) -> None:
    one, two, three = hold("first"), hold("second"), hold("third")
    held_posts.approve_post(actor=max_, held_id=one.pk)
    held_posts.reject_post(actor=max_, held_id=two.pk)
    for asked, shown in (
        ("", [three]),
        ("?status=approved", [one]),
        ("?status=rejected", [two]),
        ("?status=all", [one, two, three]),
        ("?q=bob", [three]),
        ("?q=nobody", []),
    ):
        page = said(as_max.get(QUEUE + asked))
        assert [held for held in (one, two, three) if page_of(held) in page] == shown, asked


@pytest.mark.parametrize("what", ["approve", "reject"])
def test_the_second_of_two_moderators_is_told_who_decided_what(
    as_max: Client, hold: Any, what: str
) -> None:
    held = hold()
    as_max.get(ask(what, held))
    held_posts.reject_post(actor=make_moderator("mo"), held_id=held.pk, reason="later")
    page = said(as_max.post(ask(what, held), {"reason": ""}))
    assert "mo has decided this already: rejected." in page
    assert (fresh(held).status, fresh(held).reason) == ("rejected", "later")


def test_what_one_moderator_decided_does_not_hinder_the_rest(as_max: Client, hold: Any) -> None:
    one, two = hold("first"), hold("second")
    held_posts.reject_post(actor=make_moderator("mo"), held_id=one.pk)
    page = said(as_max.post(ask("approve", one, two), {}, follow=True))
    assert "1 post is approved." in page
    assert "mo has decided this already: rejected." in page


def test_more_posts_cost_no_more_queries(as_max: Client, hold: Any) -> None:
    hold()
    as_max.get(QUEUE)
    with CaptureQueriesContext(connection) as few:
        as_max.get(QUEUE)
    for _ in range(6):
        hold()
    with CaptureQueriesContext(connection) as many:
        as_max.get(QUEUE)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        *(("nobody", False), ("eve", False), ("ada", False), ("bob", False), ("mallory", False)),
        *(("max", True), ("mia", True), ("olga", True)),
    ],
)
@pytest.mark.parametrize("what", ["approve", "reject"])
def test_the_queue_is_for_those_who_moderate_the_site(
    who: str, may: bool, what: str, eve: User, mallory: User, max_: User, olga: User, hold: Any
) -> None:
    """Eve is an outsider, ada owns the room, bob wrote it; mia administers, olga owns the site."""
    moderates_the_site(make_person("mia"), ADMINISTRATORS)
    held = hold("A secret")
    person = User.objects.filter(display_name=who).first()
    client = client_of(person) if person is not None else Client()
    for path in (QUEUE, page_of(held), ask(what, held)):
        answer = client.get(path)
        assert (answer.status_code == 200) is may, path
        assert ("A secret" in said(answer)) is may
    client.post(ask(what, held), {"reason": ""})
    assert (fresh(held).status != "waiting") is may


def test_a_held_post_is_never_deleted(as_olga: Client, hold: Any) -> None:
    held = hold()
    assert as_olga.post(f"{QUEUE}{held.pk}/delete/", {"post": "yes"}).status_code == 403
    as_olga.post(QUEUE, {"action": "delete_selected", "_selected_action": [held.pk], "post": "yes"})
    assert fresh(held).status == "waiting"
