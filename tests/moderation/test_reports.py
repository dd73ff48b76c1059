"""One case a message, one decision a case; the reporters hear of it, the moderators' room once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from chat import errors
from chat.actions import members, moderators_room, sanctions, site_roles
from chat.actions.messages import edit_message
from chat.actions.moderators_room import tell_new_cases
from chat.actions.redaction import redact_messages
from chat.actions.report_outcomes import hear_outcome
from chat.actions.reports import Term, decide_case, report_message
from chat.actions.rooms import archive_room, restore_room
from chat.actions.word_rules import add_rule
from chat.models import Membership, Message, Report, ReportCase, Room, Site, User
from chat.outcomes import read_outcomes
from chat.standing import standing_of
from chat.verifying import find_damage
from tests.conftest import Post, fresh, make_moderator, make_person
from tests.moderation.conftest import at_once, codes, entries


@pytest.fixture
def reported(bob: User, eve: User, lobby: Room, post: Post) -> ReportCase:
    """Bob was rude, and Eve has said so."""
    return report_message(actor=eve, message_id=post(bob, lobby, "Rude").pk, reason="Rude!")


def test_all_reports_of_a_message_make_one_case_and_twice_is_once(
    ada: User, bob: User, eve: User, carol: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    for person in (eve, ada, carol, eve):
        report_message(actor=person, message_id=message.pk, reason=" Rude ")
    case = ReportCase.objects.get()
    assert (case.report_count, case.reports.count(), case.room) == (3, 3, lobby)
    assert {report.reason for report in case.reports.all()} == {"Rude"}


def test_nobody_reports_themselves_a_tombstone_or_what_they_cannot_read(
    ada: User, bob: User, eve: User, lobby: Room, cellar: Room, post: Post
) -> None:
    mine, gone, private = post(bob, lobby), post(ada, lobby), post(ada, cellar)
    redact_messages(actor=ada, message_ids=[gone.pk])
    with pytest.raises(errors.ForbiddenError):
        report_message(actor=bob, message_id=mine.pk, reason="Me")
    with pytest.raises(errors.RedactedError):
        report_message(actor=bob, message_id=gone.pk, reason="Rude")
    for message_id in (private.pk, 404):
        with pytest.raises(errors.NotFoundError):
            report_message(actor=eve, message_id=message_id, reason="Rude")
    sanctions.ban(actor=ada, user_id=bob.pk, room_id=cellar.pk)
    with pytest.raises(errors.NotFoundError):
        report_message(actor=bob, message_id=private.pk, reason="Rude")
    assert not ReportCase.objects.exists()


def test_who_reports_too_much_is_slowed_down(
    ada: User, eve: User, lobby: Room, post: Post, settings: Any
) -> None:
    settings.REPORTS_PER_MINUTE = 2
    said = [post(ada, lobby) for _ in range(3)]
    for message in said[:2]:
        report_message(actor=eve, message_id=message.pk, reason="Rude")
    with pytest.raises(errors.ThrottledError):
        report_message(actor=eve, message_id=said[2].pk, reason="Rude")


@pytest.mark.parametrize("outcome", ["dismissed", "redacted", "muted", "banned"])
def test_one_step_decides_with_one_reason_and_one_action_id(
    outcome: str, ada: User, bob: User, reported: ReportCase
) -> None:
    click = uuid.uuid4()
    case = decide_case(
        actor=ada,
        case_id=reported.pk,
        outcome=outcome,
        reason="As I see it",
        term=Term(timedelta(hours=1)),
        action_id=click,
    )
    assert (case.outcome, case.closed_by, case.reason) == (outcome, ada, "As I see it")
    assert fresh(case.message).is_tombstone is (outcome != "dismissed")
    done = {
        "dismissed": ["dismiss_reports"],
        "redacted": ["redact"],
        "muted": ["redact", "mute"],
        "banned": ["redact", "ban"],
    }[outcome]
    assert [entry.verb for entry in entries(action_id=click)] == done
    assert {(e.actor, e.target, e.reason) for e in entries(action_id=click)} == {
        (ada, bob, "As I see it")
    }
    standing = standing_of(bob.pk)
    assert set(standing.mutes) == ({case.room_id} if outcome == "muted" else set())
    assert set(standing.bans) == ({case.room_id} if outcome == "banned" else set())
    assert list(find_damage()) == []


def test_a_decision_may_hold_everywhere_where_whoever_decides_moderates_everything(
    ada: User, bob: User, max_: User, reported: ReportCase
) -> None:
    about = {"case_id": reported.pk, "outcome": "banned", "term": Term(everywhere=True)}
    with pytest.raises(errors.ForbiddenError):
        decide_case(actor=ada, **about)  # type: ignore[arg-type]
    assert fresh(reported).is_open
    assert not fresh(reported.message).is_tombstone
    decide_case(actor=max_, **about)  # type: ignore[arg-type]
    assert set(standing_of(bob.pk).bans) == {None}


def test_who_may_not_sanction_the_author_decides_nothing_by_half(
    ada: User, bob: User, carol: User, lobby: Room, post: Post
) -> None:
    case = report_message(actor=bob, message_id=post(ada, lobby).pk, reason="Rude")
    with pytest.raises(errors.ForbiddenError):
        decide_case(actor=carol, case_id=case.pk, outcome="muted")
    assert fresh(case).is_open
    assert not fresh(case.message).is_tombstone


def test_nobody_decides_on_what_they_said_themselves_but_the_owner_of_the_site(
    ada: User, bob: User, olga: User, lobby: Room, post: Post
) -> None:
    case = report_message(actor=bob, message_id=post(ada, lobby).pk, reason="Rude")
    for outcome in ("dismissed", "redacted"):
        with pytest.raises(errors.ForbiddenError):
            decide_case(actor=ada, case_id=case.pk, outcome=outcome)
    members.join_room(actor=olga, room_id=lobby.pk)
    own = report_message(actor=bob, message_id=post(olga, lobby).pk, reason="Rude")
    assert decide_case(actor=olga, case_id=own.pk, outcome="dismissed").outcome == "dismissed"


def test_only_who_leads_the_room_decides_and_only_what_there_is(
    ada: User, bob: User, eve: User, cellar: Room, post: Post
) -> None:
    case = report_message(actor=bob, message_id=post(ada, cellar).pk, reason="Rude")
    with pytest.raises(errors.ForbiddenError):
        decide_case(actor=bob, case_id=case.pk, outcome="dismissed")
    for case_id in (case.pk, 404):
        with pytest.raises(errors.NotFoundError):
            decide_case(actor=eve, case_id=case_id, outcome="dismissed")
    mia = make_moderator("mia")
    for nonsense in ("", "forgiven"):
        with pytest.raises(errors.BadFieldError):
            decide_case(actor=mia, case_id=case.pk, outcome=nonsense)


def test_redacting_what_was_reported_closes_its_case(
    ada: User, eve: User, reported: ReportCase
) -> None:
    redact_messages(actor=ada, message_ids=[reported.message_id], reason="Rude")
    assert fresh(reported).outcome == "redacted"
    [outcome] = read_outcomes(eve.pk, "en")
    assert outcome["text"] == "Thank you for your report. The message is gone."


def test_what_its_author_took_back_is_still_to_be_judged(
    ada: User, bob: User, reported: ReportCase
) -> None:
    redact_messages(actor=bob, message_ids=[reported.message_id])
    assert fresh(reported).is_open
    decide_case(actor=ada, case_id=reported.pk, outcome="redacted", reason="Even so")
    [entry] = entries(verb="redact")
    assert (entry.actor, entry.target, entry.reason) == (ada, bob, "Even so")
    assert list(find_damage()) == []


def test_a_message_that_was_let_be_may_be_reported_again(
    ada: User, eve: User, reported: ReportCase
) -> None:
    decide_case(actor=ada, case_id=reported.pk, outcome="dismissed")
    again = report_message(actor=eve, message_id=reported.message_id, reason="Still rude")
    assert again.pk != reported.pk


def test_the_reporter_hears_the_outcome_until_they_have_heard_it(
    ada: User, bob: User, eve: User, reported: ReportCase
) -> None:
    assert read_outcomes(eve.pk, "en") == []
    decide_case(actor=ada, case_id=reported.pk, outcome="dismissed")
    [told] = read_outcomes(eve.pk, "en")
    assert told["outcome"] == "dismissed"
    with pytest.raises(errors.NotFoundError):
        hear_outcome(actor=bob, report_id=told["report"])
    hear_outcome(actor=eve, report_id=told["report"])
    assert read_outcomes(eve.pk, "en") == []


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_acts_and_the_other_is_told(
    ada: User, carol: User, reported: ReportCase
) -> None:
    outcomes = at_once(
        lambda: decide_case(actor=ada, case_id=reported.pk, outcome="muted"),
        lambda: decide_case(actor=carol, case_id=reported.pk, outcome="banned"),
    )
    assert codes(outcomes) == ["decided", "done"]
    assert len(entries(verb="redact")) == 1


@pytest.mark.django_db(transaction=True)
def test_deciding_redacting_editing_and_reporting_at_once_do_not_wait_for_each_other(
    ada: User, bob: User, carol: User, max_: User, lobby: Room, post: Post
) -> None:
    """All of them take the room first; else PostgreSQL would have to end one of them."""
    add_rule(actor=ada, pattern="scam", outcome="report", room_id=lobby.pk)
    for turn in range(5):
        message = post(bob, lobby, f"Rude {turn}")
        case = report_message(actor=carol, message_id=message.pk, reason="Rude")
        people = [make_person(f"reader {turn} {n}") for n in range(4)]
        outcomes = at_once(
            lambda case=case: decide_case(actor=max_, case_id=case.pk, outcome="muted"),
            lambda message=message: redact_messages(actor=ada, message_ids=[message.pk]),
            lambda message=message: edit_message(actor=bob, message_id=message.pk, body="A scam"),
            lambda: sanctions.mute(actor=carol, user_id=bob.pk, room_id=lobby.pk),
            *(
                lambda message=message, person=person: report_message(
                    actor=person, message_id=message.pk, reason="Rude"
                )
                for person in people
            ),
        )
        assert set(codes(outcomes)) <= {"decided", "done", "muted", "redacted"}, outcomes
        sanctions.lift(actor=ada, sanction_id=standing_of(bob.pk).mutes[lobby.pk].pk)
    assert not ReportCase.objects.filter(closed_at=None).exists()
    assert list(find_damage()) == []


@pytest.mark.django_db(transaction=True)
def test_many_readers_at_once_make_one_case(bob: User, lobby: Room, post: Post) -> None:
    message = post(bob, lobby)
    people = [make_person(f"reader {n}") for n in range(8)]
    outcomes = at_once(
        *(
            lambda person=person: report_message(actor=person, message_id=message.pk, reason="Rude")
            for person in [*people, *people]
        )
    )
    assert codes(outcomes) == ["done"] * 16
    assert ReportCase.objects.get().report_count == 8


# --- The moderators' room -------------------------------------------------------------------


def lines() -> list[Message]:
    room = Site.objects.get().moderators_room
    return list(Message.objects.filter(room=room).order_by("seq")) if room else []


def test_there_is_no_room_until_it_is_needed(max_: User, lobby: Room) -> None:
    assert tell_new_cases() == 0
    assert Site.objects.get().moderators_room is None


def test_a_new_case_has_a_line_with_a_link_and_without_its_text(
    max_: User, olga: User, reported: ReportCase
) -> None:
    assert tell_new_cases() == 1
    [line] = lines()
    assert "The lobby" in line.body
    assert "bob" in line.body
    assert "Rude!" in line.body
    assert f"/admin/chat/reportcase/{reported.pk}/" in line.body
    assert "Rude\n" not in line.body
    assert tell_new_cases() == 0
    assert list(find_damage()) == []


def test_of_a_private_room_the_line_says_not_even_the_name(
    ada: User, bob: User, max_: User, cellar: Room, post: Post
) -> None:
    report_message(actor=bob, message_id=post(ada, cellar).pk, reason="Rude")
    tell_new_cases()
    assert "cellar" not in lines()[0].body


def test_exactly_those_who_moderate_are_in_it(
    bob: User, max_: User, olga: User, reported: ReportCase
) -> None:
    tell_new_cases()
    room = Site.objects.get().moderators_room
    assert room is not None

    def people() -> dict[str, str]:
        rows = Membership.objects.filter(room=room).exclude(user__kind="bot")
        return dict(rows.values_list("user__display_name", "role"))

    assert room.kind == "private"
    assert people() == {"max": "member", "olga": "owner"}
    site_roles.set_site_role(actor=olga, user_id=bob.pk, site_role="moderator")
    site_roles.set_site_role(actor=olga, user_id=max_.pk, site_role="")
    assert people() == {"bob": "member", "olga": "owner"}
    assert fresh(room).member_count == Membership.objects.filter(room=room).count()


def test_a_site_without_an_owner_has_a_sound_room_too(max_: User, reported: ReportCase) -> None:
    tell_new_cases()
    assert list(find_damage()) == []


@pytest.mark.parametrize("name", ["Moderation", "moderation"])
def test_somebody_of_the_herald_s_name_stops_nothing_and_there_is_one_herald(
    name: str, ada: User, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    make_person(name)
    for n in range(3):
        report_message(actor=eve, message_id=post(bob, lobby, f"{n}").pk, reason="Rude")
        assert tell_new_cases() == 1
    assert len(lines()) == 3
    assert User.objects.filter(kind="bot").count() == 1


def test_a_line_that_cannot_be_said_now_is_said_later(
    olga: User, reported: ReportCase, bob: User, eve: User, lobby: Room, post: Post
) -> None:
    tell_new_cases()
    room = Site.objects.get().moderators_room
    assert room is not None
    archive_room(actor=olga, room_id=room.pk)
    report_message(actor=eve, message_id=post(bob, lobby).pk, reason="Rude")
    assert tell_new_cases() == 0
    restore_room(actor=olga, room_id=room.pk)
    assert tell_new_cases() == 1
    assert len(lines()) == 2


def test_a_line_that_was_said_before_its_process_died_is_not_said_twice(
    max_: User, bob: User, reported: ReportCase
) -> None:
    tell_new_cases()
    ReportCase.log.update(is_told=False)
    User.objects.filter(pk=bob.pk).update(display_name="Robert")
    assert tell_new_cases() == 1
    assert len(lines()) == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_race_make_one_room_one_herald_and_one_line_a_case(
    bob: User, eve: User, max_: User, olga: User, lobby: Room, post: Post
) -> None:
    for n in range(5):
        report_message(actor=eve, message_id=post(bob, lobby, f"{n}").pk, reason="Rude")
    outcomes = at_once(*(tell_new_cases for _ in range(6)))
    assert codes(outcomes) == ["done"] * 6
    assert Room.objects.filter(kind="private").count() == 1
    assert User.objects.filter(kind="bot").count() == 1
    assert len(lines()) == 5
    assert list(find_damage()) == []


def test_a_report_without_a_reader_is_a_word_rule_s(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    add_rule(actor=ada, pattern="scam", outcome="report", room_id=lobby.pk)
    message = post(bob, lobby, "A scam")
    report = Report.objects.get()
    assert (report.reporter, report.reason, report.case.message) == (None, "scam", message)
    assert moderators_room.tell_new_cases() == 1
