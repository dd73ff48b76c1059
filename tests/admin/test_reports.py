"""Reports in the admin: one queue, a page with all it takes to decide, one step to decide it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import redaction, reports, sanctions
from chat.errors import DecidedError
from chat.models import AuditEntry, Evidence, Message, Report, ReportCase, Room, Sanction, User
from chat.ranks import ADMINISTRATORS
from tests.admin.conftest import audited, client_of, said
from tests.conftest import Post, fresh, let_in, make_moderator, make_person, moderates_the_site

QUEUE = "/admin/chat/reportcase/"
Outcome = ReportCase.Outcome


def page_of(case: ReportCase) -> str:
    return f"{QUEUE}{case.pk}/change/"


def decision(outcome: str, **changes: Any) -> dict[str, Any]:
    """What a browser sends when one of the four buttons is pressed."""
    form = {"outcome": outcome, "reason": "", "term": "1440", "until": "", "where": "room"}
    return form | {"note": ""} | changes


@pytest.fixture
def case(ada: User, bob: User, lobby: Room, post: Post) -> ReportCase:
    """Ada reported what bob said."""
    message = post(bob, lobby, "Buy gold")
    return reports.report_message(actor=ada, message_id=message.pk, reason="advertising")


# --- The queue ----------------------------------------------------------------------------------


def test_all_reports_of_a_message_are_one_row_with_the_newest_reasons(
    as_max: Client, eve: User, case: ReportCase
) -> None:
    for name in ("carl", "dora"):
        reporter = make_person(name)
        reports.report_message(actor=reporter, message_id=case.message_id, reason=f"{name} says so")
    page = said(as_max.get(QUEUE))
    assert page.count(f"{page_of(case)}") == 1
    assert "dora says so" in page
    assert "carl says so" in page
    assert "Buy gold" in page
    assert "1 report" in page
    assert '<td class="field-report_count">3</td>' in page


def test_the_queue_is_of_open_cases_and_the_decided_are_found_by_the_filter(
    as_max: Client, max_: User, ada: User, bob: User, lobby: Room, post: Post, case: ReportCase
) -> None:
    other = reports.report_message(actor=ada, message_id=post(bob, lobby).pk, reason="")
    reports.decide_case(actor=max_, case_id=case.pk, outcome="dismissed")
    assert page_of(case) not in said(as_max.get(QUEUE))
    assert page_of(other) in said(as_max.get(QUEUE))
    for asked in ("closed", "dismissed", "all"):
        assert page_of(case) in said(as_max.get(f"{QUEUE}?outcome={asked}"))
    assert page_of(case) not in said(as_max.get(f"{QUEUE}?outcome=banned"))


def test_the_longest_waiting_come_first_and_the_last_decided(
    as_max: Client, max_: User, ada: User, bob: User, lobby: Room, post: Post, case: ReportCase
) -> None:
    later = reports.report_message(actor=ada, message_id=post(bob, lobby).pk, reason="")
    page = said(as_max.get(QUEUE))
    assert page.index(page_of(case)) < page.index(page_of(later))
    for decided in (case, later):
        reports.decide_case(actor=max_, case_id=decided.pk, outcome="dismissed")
    page = said(as_max.get(f"{QUEUE}?outcome=closed"))
    assert page.index(page_of(later)) < page.index(page_of(case))


@pytest.mark.parametrize("term", ["bob", "The lobby", "#{message}"])
def test_a_case_is_found_by_author_room_or_message(
    as_max: Client, case: ReportCase, term: str
) -> None:
    asked = term.format(message=case.message_id)
    assert page_of(case) in said(as_max.get(QUEUE, {"q": asked}))
    assert page_of(case) not in said(as_max.get(QUEUE, {"q": "nobody at all"}))


def test_more_cases_and_reports_cost_no_more_queries(
    as_max: Client,
    ada: User,
    bob: User,
    lobby: Room,
    post: Post,
    case: ReportCase,
    settings: Any,
) -> None:
    settings.REPORTS_PER_MINUTE = 1_000

    def fill(n: int) -> None:
        for _ in range(n):
            message = post(bob, lobby)
            for reporter in (ada, make_person(f"person {User.objects.count()}")):
                reports.report_message(actor=reporter, message_id=message.pk, reason="so")
                if message.pk != case.message_id:
                    reports.report_message(actor=reporter, message_id=case.message_id, reason="so")

    for path in (QUEUE, page_of(case)):
        fill(2)
        as_max.get(path)
        with CaptureQueriesContext(connection) as few:
            as_max.get(path)
        fill(5)
        with CaptureQueriesContext(connection) as many:
            as_max.get(path)
        assert len(many) == len(few), [query["sql"] for query in many]


# --- The page -----------------------------------------------------------------------------------


def test_the_page_shows_ten_messages_on_each_side_and_no_more(
    as_max: Client, ada: User, bob: User, lobby: Room, post: Post
) -> None:
    before = [post(ada, lobby, f"before {n:02d}.") for n in range(12)]
    message = post(bob, lobby, "Buy gold")
    after = [post(ada, lobby, f"after {n:02d}.") for n in range(12)]
    case = reports.report_message(actor=ada, message_id=message.pk, reason="")
    page = said(as_max.get(page_of(case)))
    assert [m.body in page for m in before] == [False] * 2 + [True] * 10
    assert [m.body in page for m in after] == [True] * 10 + [False] * 2
    places = [page.index(body) for body in ("before 02.", "before 11.", "Buy gold", "after 00.")]
    assert places == sorted(places)


def test_the_page_says_who_reported_why_and_what_the_author_had_before(
    as_max: Client, max_: User, eve: User, bob: User, lobby: Room, case: ReportCase
) -> None:
    reports.report_message(actor=eve, message_id=case.message_id, reason="I do not like gold")
    mute = sanctions.mute(
        actor=max_, user_id=bob.pk, room_id=lobby.pk, reason="Too loud", note="second time"
    )
    sanctions.lift(actor=max_, sanction_id=mute.pk)
    page = said(as_max.get(page_of(case)))
    for shown in ("I do not like gold", "advertising", "Too loud", "second time", "lifted"):
        assert shown in page


def test_a_word_rule_is_named_as_the_one_who_complains(
    as_max: Client, bob: User, lobby: Room, post: Post
) -> None:
    from chat.reporting import file_report

    message = post(bob, lobby)
    case = file_report(message_id=message.pk, room_id=lobby.pk, reporter_id=None, reason="gold")
    assert "a word rule" in said(as_max.get(page_of(case)))


def test_what_was_reported_in_a_private_room_is_read_with_what_stands_around_it(
    as_max: Client, ada: User, bob: User, cellar: Room, post: Post
) -> None:
    post(ada, cellar, "Nobody else is here.")
    message = post(bob, cellar, "You fool")
    far = [post(ada, cellar, f"far {n:02d}.") for n in range(12)]
    case = reports.report_message(actor=ada, message_id=message.pk, reason="an insult")
    page = said(as_max.get(page_of(case)))
    assert "You fool" in page
    assert "Nobody else is here." in page
    assert far[-1].body not in page
    # What was not reported stays closed.
    assert as_max.get(f"/admin/chat/message/{far[-1].pk}/change/").status_code == 302


def test_what_stood_there_is_shown_with_until_when_it_is_kept(
    as_max: Client, max_: User, case: ReportCase
) -> None:
    reports.decide_case(actor=max_, case_id=case.pk, outcome="redacted", reason="no gold")
    page = said(as_max.get(page_of(case)))
    assert "A moderator redacted this message." in page
    assert "Buy gold" in page
    assert "Kept for moderators alone until" in page
    Evidence.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = said(as_max.get(page_of(case)))
    assert "Buy gold" not in page
    assert "Kept for moderators alone until" not in page


def test_what_its_author_took_back_after_the_report_is_shown_too(
    as_max: Client, bob: User, case: ReportCase
) -> None:
    redaction.redact_messages(actor=bob, message_ids=[case.message_id])
    page = said(as_max.get(page_of(case)))
    assert "The author took this message back." in page
    assert "Buy gold" in page


# --- Deciding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "verbs", "sentence"),
    [
        ("dismissed", ["dismiss_reports"], "The reports are dismissed."),
        ("redacted", ["redact"], "The message is redacted."),
        ("muted", ["redact", "mute"], "The message is redacted, and bob is muted."),
        ("banned", ["redact", "ban"], "The message is redacted, and bob is banned."),
    ],
)
def test_each_decision_is_one_step_with_one_reason(
    as_max: Client, case: ReportCase, outcome: str, verbs: list[str], sentence: str
) -> None:
    answer = as_max.post(page_of(case), decision(outcome, reason="no gold"), follow=True)
    page = said(answer)
    assert sentence in page
    decided = fresh(case)
    assert (decided.outcome, decided.reason) == (outcome, "no gold")
    assert audited() == [("max", verb, "no gold") for verb in verbs]
    assert AuditEntry.objects.values("action_id").distinct().count() == 1
    assert fresh(decided.message).is_tombstone is (outcome != "dismissed")
    assert ("/admin/undo/" in page) is (outcome != "dismissed")


@pytest.mark.parametrize(
    ("fields", "room", "lasts"),
    [
        ({"term": "60"}, True, timedelta(hours=1)),
        ({"term": "10080", "where": "site"}, False, timedelta(days=7)),
        ({"term": "ever"}, True, None),
        ({"term": "until", "until": "2099-01-01T12:00"}, True, "2099"),
    ],
)
def test_a_ban_lasts_as_long_and_holds_where_the_form_says(
    as_max: Client, lobby: Room, case: ReportCase, fields: Any, room: bool, lasts: Any
) -> None:
    if lasts == "2099":
        soon = timezone.localtime() + timedelta(days=30)
        fields = fields | {"until": soon.strftime("%Y-%m-%dT%H:%M")}
        lasts = timedelta(days=30)
    as_max.post(page_of(case), decision("banned", note="known for it", **fields))
    ban = Sanction.objects.get()
    assert (ban.room, ban.note) == (lobby if room else None, "known for it")
    if lasts is None:
        assert ban.expires_at is None
    else:
        assert ban.expires_at is not None
        assert abs(ban.expires_at - ban.created_at - lasts) < timedelta(minutes=2)


@pytest.mark.parametrize(
    "fields",
    [
        {"outcome": "open"},
        {"outcome": ""},
        {"term": "until", "until": ""},
        {"term": "until", "until": "2001-01-01T00:00"},
        {"reason": "x" * 501},
        {"where": "elsewhere"},
    ],
)
def test_what_is_wrong_in_the_form_is_said_and_nothing_is_decided(
    as_max: Client, case: ReportCase, fields: dict[str, str]
) -> None:
    answer = as_max.post(page_of(case), decision("banned") | fields)
    assert answer.status_code == 200
    assert "errorlist" in said(answer)
    assert fresh(case).is_open
    assert audited() == []


def test_after_deciding_the_next_open_case_is_offered(
    as_max: Client, ada: User, bob: User, lobby: Room, post: Post, case: ReportCase
) -> None:
    other = reports.report_message(actor=ada, message_id=post(bob, lobby).pk, reason="")
    page = said(as_max.post(page_of(case), decision("dismissed"), follow=True))
    assert f'<a href="{page_of(other)}">Next open case</a>' in page
    page = said(as_max.post(page_of(other), decision("dismissed"), follow=True))
    assert "No other report is open." in page


def test_the_reporters_hear_of_it(as_max: Client, ada: User, case: ReportCase) -> None:
    from chat.outcomes import read_outcomes

    as_max.post(page_of(case), decision("redacted"))
    [heard] = read_outcomes(ada.pk, "en")
    assert heard["outcome"] == "redacted"


def test_nobody_decides_against_somebody_of_their_rank(
    as_max: Client, ada: User, lobby: Room, post: Post
) -> None:
    """All or nothing: where the ban is refused, the message stays too."""
    mia = moderates_the_site(make_person("mia"), ADMINISTRATORS)
    let_in(lobby, mia)
    case = reports.report_message(actor=ada, message_id=post(mia, lobby).pk, reason="")
    page = said(as_max.post(page_of(case), decision("banned")))
    assert "You cannot do this to somebody of your rank or above it." in page
    assert fresh(case).is_open
    assert not fresh(case.message).is_tombstone


def test_a_decision_on_what_is_a_tombstone_already_is_audited_too(
    as_max: Client, bob: User, case: ReportCase
) -> None:
    redaction.redact_messages(actor=bob, message_ids=[case.message_id])
    as_max.post(page_of(case), decision("redacted", reason="so it stays"))
    assert audited() == [("max", "redact", "so it stays")]


# --- Two moderators at once -----------------------------------------------------------------------


def test_the_second_of_two_moderators_is_told_who_decided_what(
    as_max: Client, case: ReportCase
) -> None:
    reports.decide_case(actor=make_moderator("mo"), case_id=case.pk, outcome="muted")
    page = said(as_max.post(page_of(case), decision("dismissed")))
    assert "mo has decided this already: redacted, author muted." in page
    assert fresh(case).outcome == "muted"


def test_the_action_says_it_in_the_readers_language(case: ReportCase) -> None:
    first, second = make_moderator("mo"), make_moderator("max")
    reports.decide_case(actor=first, case_id=case.pk, outcome="dismissed")
    with pytest.raises(DecidedError) as refused:
        reports.decide_case(actor=second, case_id=case.pk, outcome="banned")
    assert refused.value.text == "mo has decided this already: dismissed."


@pytest.mark.django_db(transaction=True)
def test_of_two_who_click_at_the_same_moment_one_acts_and_the_other_is_told(
    ada: User, bob: User, lobby: Room, post: Post
) -> None:
    clients = {name: client_of(make_moderator(name)) for name in ("max", "mo")}
    for _ in range(3):
        message = post(bob, lobby, "Buy gold")
        case = reports.report_message(actor=ada, message_id=message.pk, reason="")
        start = threading.Barrier(2)
        answers: dict[str, Any] = {}

        def click(name: str, outcome: str) -> None:
            start.wait()  # noqa: B023 - joined before the next round
            try:
                answers[name] = clients[name].post(page_of(case), decision(outcome))  # noqa: B023
            finally:
                connections.close_all()

        threads = [
            threading.Thread(target=click, args=args)
            for args in (("max", "redacted"), ("mo", "muted"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [winner] = [name for name, answer in answers.items() if answer.status_code == 302]
        [loser] = [name for name, answer in answers.items() if answer.status_code == 200]
        decided = fresh(case)
        assert decided.closed_by.display_name == winner
        assert f"{winner} has decided this already" in said(answers[loser])
        entries = AuditEntry.objects.filter(message=message)
        assert {entry.actor.display_name for entry in entries} == {winner}
        assert Message.objects.get(pk=message.pk).is_tombstone
        Sanction.log.filter(user=bob).update(lifted_at=timezone.now())


# --- Whose desk it is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "may"),
    [
        *(("nobody", False), ("eve", False), ("ada", False), ("bob", False), ("mallory", False)),
        *(("max", True), ("mia", True), ("olga", True)),
    ],
)
def test_the_queue_is_for_those_who_moderate_the_site(
    who: str, may: bool, eve: User, mallory: User, max_: User, olga: User, case: ReportCase
) -> None:
    """Eve is an outsider, ada owns the room, bob wrote it; mia administers, olga owns the site."""
    moderates_the_site(make_person("mia"), ADMINISTRATORS)
    person = User.objects.filter(display_name=who).first()
    client = client_of(person) if person is not None else Client()
    for path in (QUEUE, page_of(case)):
        answer = client.get(path)
        assert (answer.status_code == 200) is may, path
        assert ("Buy gold" in said(answer)) is may
    client.post(page_of(case), decision("redacted", reason="no gold"))
    assert fresh(case).is_open is not may


@pytest.mark.parametrize("path", [f"{QUEUE}999/change/", f"{QUEUE}x/change/", f"{QUEUE}add/"])
def test_a_case_that_is_none_is_not_found(as_max: Client, path: str) -> None:
    assert as_max.get(path).status_code in (403, 404)


def test_a_case_is_never_deleted_nor_edited(as_olga: Client, case: ReportCase) -> None:
    assert as_olga.post(f"{QUEUE}{case.pk}/delete/", {"post": "yes"}).status_code == 403
    as_olga.post(QUEUE, {"action": "delete_selected", "_selected_action": [case.pk], "post": "yes"})
    assert fresh(case).is_open
    assert Report.objects.count() == 1


def test_its_history_is_what_the_audit_has_about_the_message(
    as_max: Client, case: ReportCase
) -> None:
    answer = as_max.get(f"{QUEUE}{case.pk}/history/")
    assert f"message__id__exact={case.message_id}" in answer["Location"]


def test_the_line_in_the_moderators_room_leads_to_the_case(
    as_max: Client, case: ReportCase, settings: Any
) -> None:
    from chat.actions.moderators_room import tell_new_cases

    settings.SITE_URL = "https://chat.example.org"
    assert tell_new_cases() == 1
    line = Message.objects.latest("pk").body
    assert f"https://chat.example.org{page_of(case)}" in line
    assert "Buy gold" not in line
