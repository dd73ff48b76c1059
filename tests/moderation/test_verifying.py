"""``verify_rooms`` says what moderation left broken, and nothing where it is sound."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from chat.actions import pins, redaction, reports, sanctions
from chat.actions.held_posts import approve_post, reject_post
from chat.actions.room_switches import set_approve_first
from chat.models import (
    AuditEntry,
    Evidence,
    HeldPost,
    Message,
    Report,
    ReportCase,
    Room,
    Sanction,
    Site,
    User,
)
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.verifying import find_damage
from tests.conftest import Post, new_nonce

Damage = Callable[[], Any]


@pytest.fixture
def moderated(ada: User, bob: User, eve: User, lobby: Room, post: Post) -> Room:
    """The lobby after an evening's work."""
    said = [post(bob, lobby, f"Number {n}") for n in range(6)]
    redaction.redact_messages(actor=ada, message_ids=[said[0].pk, said[1].pk])
    redaction.restore_messages(actor=ada, message_ids=[said[1].pk])
    pins.pin_message(actor=ada, message_id=said[2].pk)
    pins.pin_message(actor=ada, message_id=said[3].pk)
    pins.unpin_message(actor=ada, message_id=said[3].pk)
    for message in said[4:]:
        reports.report_message(actor=eve, message_id=message.pk, reason="Rude")
    case = ReportCase.objects.order_by("pk")[0]
    reports.decide_case(actor=ada, case_id=case.pk, outcome="dismissed")
    set_approve_first(actor=ada, room_id=lobby.pk, approve_first="everyone")
    for n in range(3):
        commit_posts([PostIntent(bob.pk, lobby.pk, new_nonce(), f"{n}")])
    approved, rejected, _waiting = HeldPost.objects.order_by("pk")
    approve_post(actor=ada, held_id=approved.pk)
    reject_post(actor=ada, held_id=rejected.pk)
    sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    sanctions.ban(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    return lobby


def held(status: str) -> Any:
    return HeldPost.log.filter(status=status)


def evidence_of_what_is_there() -> None:
    message = Message.objects.filter(redacted_at=None).order_by("pk").first()
    assert message is not None
    Evidence.objects.create(
        message=message,
        body="A copy",
        actor=message.author,
        action_id=uuid.uuid4(),
        expires_at=timezone.now(),
    )


DAMAGES: dict[str, tuple[Damage, str]] = {
    "no row of the site": (lambda: Site.objects.all().delete(), "The site has 0 rows"),
    "a redaction without its entry": (
        lambda: AuditEntry.log.filter(verb="redact").update(verb="pin"),
        "was redacted by a moderator and has",
    ),
    "a sanction without its entry": (
        lambda: AuditEntry.log.filter(verb="mute").update(reason="", verb="ban"),
        "audit entries for what its click did",
    ),
    "evidence of a text that is there": (evidence_of_what_is_there, "is kept as evidence"),
    "approved without a message": (
        lambda: held("approved").update(message=None),
        "is not the message that it became",
    ),
    "approved with a text left": (
        lambda: held("approved").update(body="A copy"),
        "is not the message that it became",
    ),
    "a message of what waits": (
        lambda: held("waiting").update(message=Message.objects.order_by("pk")[0]),
        "but was not approved",
    ),
    "rejected by nobody": (lambda: held("rejected").update(decided_at=None), "half decided"),
    "waiting, and a message": (
        lambda: held("waiting").update(nonce=Message.objects.order_by("pk")[0].nonce),
        "is a message already",
    ),
    "a case without reports": (
        lambda: Report.log.filter(case__closed_at=None).update(
            case=ReportCase.objects.exclude(closed_at=None).get(), reporter=None
        ),
        "does not agree with its reports",
    ),
    "a closed case without an outcome": (
        lambda: ReportCase.log.exclude(closed_at=None).update(outcome=""),
        "does not agree with its reports",
    ),
    "a pin on a tombstone": (
        lambda: Message.log.exclude(redacted_at=None).update(pinned_at=timezone.now()),
        "still pinned",
    ),
}


def test_after_an_evening_s_work_the_store_is_sound(moderated: Room) -> None:
    assert list(find_damage()) == []
    assert Sanction.objects.count() == 2


@pytest.mark.parametrize("what", DAMAGES)
def test_it_says_what_is_broken(what: str, moderated: Room) -> None:
    damage, sentence = DAMAGES[what]
    damage()
    assert any(sentence in said for said in find_damage()), list(find_damage())
