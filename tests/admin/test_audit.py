"""The audit in the admin: read, filtered, taken out as CSV; and never changed by anybody."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import audit, redaction, sanctions
from chat.admin import audit_export
from chat.models import AuditEntry, Room, User
from chat.ranks import ADMINISTRATORS
from tests.admin.conftest import audited, client_of, said
from tests.conftest import Post, make_moderator, make_person, moderates_the_site

LIST = "/admin/chat/auditentry/"
EXPORT = f"{LIST}export/"
Verb = AuditEntry.Verb


def entry(actor: User, verb: Verb = Verb.SET_TOPIC, **about: Any) -> AuditEntry:
    return audit.record(actor=actor, verb=verb, **about)


def page_of(row: AuditEntry) -> str:
    return f"{LIST}{row.pk}/change/"


def shown(client: Client, query: str, *rows: AuditEntry) -> list[AuditEntry]:
    """Those of ``rows`` that the list shows."""
    page = said(client.get(f"{LIST}{query}"))
    return [row for row in rows if page_of(row) in page]


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.post(f"{EXPORT}{query}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


# --- Reading ------------------------------------------------------------------------------------


def test_an_entry_says_who_what_to_whom_where_why_and_how(
    as_max: Client, max_: User, bob: User, lobby: Room
) -> None:
    sanctions.mute(actor=max_, user_id=bob.pk, room_id=lobby.pk, reason="Too loud")
    newest = AuditEntry.objects.latest("pk")
    for page in (said(as_max.get(LIST)), said(as_max.get(page_of(newest)))):
        for what in ("max", "muted a person", "bob", "The lobby", "Too loud", "for ever"):
            assert what in page, what


def test_everything_that_one_click_did_is_one_link_away(
    as_max: Client, max_: User, bob: User, lobby: Room, post: Post
) -> None:
    messages = [post(bob, lobby), post(bob, lobby)]
    redaction.redact_messages(actor=max_, message_ids=[message.pk for message in messages])
    together = list(AuditEntry.objects.filter(verb=Verb.REDACT))
    other = entry(max_)
    link = f"?action_id={together[0].action_id}"
    page = said(as_max.get(LIST))
    assert link in page
    assert f"/admin/undo/{together[0].action_id}/" in page
    assert f"/admin/undo/{other.action_id}/" not in page
    assert shown(as_max, link, *together, other) == together


@pytest.mark.parametrize("query", ["?action_id=nonsense", "?when=nonsense", "?verb=nonsense"])
def test_a_filter_that_is_nonsense_is_no_fault(as_max: Client, max_: User, query: str) -> None:
    entry(max_)
    assert as_max.get(f"{LIST}{query}").status_code in (200, 302)


def test_entries_are_found_by_who_did_it_to_whom_and_where(
    as_max: Client, max_: User, bob: User, lobby: Room
) -> None:
    mo = make_moderator("mo")
    by_max = entry(max_, target=bob)
    by_mo = entry(mo, target=bob, room=lobby)
    to_mo = entry(max_, target=mo)
    rows = (by_max, by_mo, to_mo)
    for asked, found in (
        ("by:max", [by_max, to_mo]),
        ("by: mo", [by_mo]),
        ("BY:mo", [by_mo]),
        ("bob by:max", [by_max]),
        ("mo", [to_mo]),
        ("The lobby by:mo", [by_mo]),
        ("by:nobody", []),
        ("by:", []),
        (f"#{by_mo.pk}", [by_mo]),
        (f"#{by_mo.pk} by:max", []),
    ):
        assert shown(as_max, f"?q={asked.replace('#', '%23')}", *rows) == found, asked


def test_entries_are_found_by_what_was_done_and_when(as_max: Client, max_: User) -> None:
    rows = [entry(max_, Verb.PIN), entry(max_, Verb.PIN), entry(max_), entry(max_)]
    for row, days in zip(rows, (40, 10, 3, 0), strict=True):
        AuditEntry.log.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
    oldest, older, recent, new = rows
    assert shown(as_max, "?when=today", *rows) == [new]
    assert shown(as_max, "?when=week", *rows) == [recent, new]
    assert shown(as_max, "?when=month", *rows) == [older, recent, new]
    assert shown(as_max, "", *rows) == rows
    assert shown(as_max, "?verb__exact=pin", *rows) == [oldest, older]
    assert shown(as_max, "?verb__exact=pin&when=month", *rows) == [older]


def test_more_entries_cost_no_more_queries(
    as_max: Client, max_: User, bob: User, lobby: Room, post: Post
) -> None:
    def fill(n: int) -> None:
        for _ in range(n):
            person = make_person(f"person {User.objects.count()}")
            entry(max_, Verb.REDACT, target=person, room=lobby, message=post(bob, lobby))

    def page() -> Any:
        return as_max.get(f"{LIST}?when=today&q=by:max")

    def file() -> Any:
        return exported(as_max)

    for read in (page, file):
        fill(2)
        read()
        with CaptureQueriesContext(connection) as few:
            read()
        fill(8)
        with CaptureQueriesContext(connection) as many:
            read()
        assert len(many) == len(few), [query["sql"] for query in many]


# --- Taking it out ------------------------------------------------------------------------------


def test_the_file_has_what_the_list_has_and_says_so_in_the_audit(
    as_max: Client, max_: User, bob: User, lobby: Room, post: Post
) -> None:
    message = post(bob, lobby)
    click = uuid.uuid4()
    about: dict[str, Any] = {"target": bob, "room": lobby, "message": message, "action_id": click}
    kept = entry(max_, Verb.REDACT, reason="spam, “again”\nand again", **about)
    entry(make_moderator("mo"), details="30")
    [row] = exported(as_max, "?q=by:max")
    assert row == {
        "id": str(kept.pk),
        "actor": "max",
        "action": "redact",
        "target": "bob",
        "room": "The lobby",
        "message": f"#{message.seq}",
        "details": "",
        "reason": "spam, “again”\nand again",
        "action_id": str(click),
        "when": AuditEntry.objects.get(pk=kept.pk).created_at.isoformat(),
    }
    newest = AuditEntry.objects.latest("pk")
    assert (newest.actor, newest.verb, newest.details) == (max_, "export_audit", "q=by%3Amax")


def test_the_newest_come_first_and_all_of_them_come(
    as_max: Client, max_: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_export, "ROWS_AT_ONCE", 3)
    rows = [entry(max_) for _ in range(10)]
    assert [row["id"] for row in exported(as_max)] == [str(row.pk) for row in reversed(rows)]


def test_an_export_is_in_the_next_one_and_not_in_itself(as_max: Client) -> None:
    assert exported(as_max) == []
    assert [row["action"] for row in exported(as_max)] == ["export_audit"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_run_is_text(
    as_max: Client, max_: User, bob: User, lobby: Room, start: str
) -> None:
    """OWASP, CSV injection: in every column that somebody can write into."""
    evil = f'{start}cmd|" /C calc"!A0'
    User.objects.filter(pk=bob.pk).update(display_name=evil)
    Room.log.filter(pk=lobby.pk).update(name=evil)
    entry(max_, reason=evil, target=bob, room=lobby, details=evil)
    [row] = exported(as_max)
    for column in ("reason", "target", "room", "details"):
        assert row[column] == f"'{evil}", column


def test_a_cell_cannot_be_left_by_quotes_or_lines(as_max: Client, max_: User) -> None:
    evil = '","=1+1",\r\n=1+1'
    entry(max_, reason=evil)
    [row] = exported(as_max)
    assert row["reason"] == evil


def test_what_is_harmless_stays_as_it_is(as_max: Client, max_: User) -> None:
    entry(max_, reason="a=b, 我覺得 -1")
    [row] = exported(as_max)
    assert row["reason"] == "a=b, 我覺得 -1"


def test_it_is_not_taken_out_by_a_link(as_max: Client) -> None:
    assert as_max.get(EXPORT).status_code == 405
    assert audited() == []


# --- For whom, and never changed --------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "may"),
    [
        *(("nobody", False), ("eve", False), ("ada", False), ("mallory", False)),
        *(("max", True), ("mia", True), ("olga", True)),
    ],
)
def test_the_audit_is_for_those_who_moderate_the_site(
    who: str, may: bool, eve: User, ada: User, mallory: User, max_: User, olga: User
) -> None:
    """Eve is an outsider, ada owns rooms; mia administers, olga owns the site."""
    moderates_the_site(make_person("mia"), ADMINISTRATORS)
    row = entry(olga, reason="between us")
    person = User.objects.filter(display_name=who).first()
    client = client_of(person) if person is not None else Client()
    for path in (LIST, page_of(row)):
        answer = client.get(path)
        assert (answer.status_code == 200) is may, path
        assert ("between us" in said(answer)) is may
    answer = client.post(EXPORT)
    assert (answer.status_code == 200) is may
    assert AuditEntry.objects.filter(verb="export_audit").exists() is may


def test_nobody_adds_edits_or_deletes_an_entry_not_even_the_owner(
    as_olga: Client, olga: User
) -> None:
    row = entry(olga, reason="as it was")
    assert as_olga.get(f"{LIST}add/").status_code == 403
    assert as_olga.post(f"{LIST}add/", {"reason": "made up"}).status_code == 403
    assert as_olga.post(page_of(row), {"reason": "other"}).status_code == 403
    assert as_olga.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    as_olga.post(LIST, form)
    assert "<textarea" not in said(as_olga.get(page_of(row)))
    [kept] = AuditEntry.objects.all()
    assert kept.reason == "as it was"
