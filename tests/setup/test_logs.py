"""The log is quiet, and tells nothing that is not the operator's to read."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from contextvars import copy_context

import pytest
from django.test import RequestFactory

from chat import work_id
from chat.views.errors import server_error
from chatsite.logs import JsonLines, TextLines, WithWork, without_rows
from tests.setup.conftest import Site

CANARY = "canary-9f31"
ROW = """Traceback (most recent call last):
psycopg.errors.CheckViolation: new row for relation "chat_message" violates a constraint
DETAIL:  Failing row contains (1, first canary-9f31 line
second canary-9f31 line, null).

The above exception was the direct cause of the following exception:

django.db.utils.IntegrityError: new row for relation "chat_message" violates a constraint
DETAIL:  Failing row contains (1, canary-9f31).
"""


@pytest.fixture
def site(start: Callable[..., Site]) -> Site:
    site = start(LOG_LEVEL="DEBUG")
    site.wait_until_it_serves()
    return site


def test_a_row_that_postgresql_refused_is_not_in_the_trace() -> None:
    trace = without_rows(ROW)
    assert CANARY not in trace
    assert trace.count("violates a constraint") == 2
    assert "The above exception was the direct cause" in trace


@pytest.mark.parametrize("formatter", [TextLines("{message}", style="{"), JsonLines(["message"])])
def test_both_forms_of_the_log_leave_rows_out(formatter: logging.Formatter) -> None:
    fault = ValueError(f"refused\nDETAIL:  Failing row contains ({CANARY}).")
    trace = (ValueError, fault, None)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "broken", None, trace)
    said = formatter.format(record)
    assert "refused" in said
    assert CANARY not in said


def test_a_line_of_json_has_no_more_than_it_may() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "said", None, None)
    # Django hangs the whole request on its records, address and query included.
    record.request = f"<ASGIRequest: GET '/?q={CANARY}'>"
    WithWork().filter(record)
    said = json.loads(JsonLines(["levelname", "work", "message"]).format(record))
    assert said == {"message": "said"}


def test_the_number_on_the_page_of_a_fault_is_that_of_its_lines(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture
) -> None:
    context = copy_context()
    context.run(work_id.begin, "0123456789ab")
    page = context.run(server_error, rf.get("/"))
    assert page.status_code == 500
    assert "0123456789ab" in page.content.decode()
    assert "0123456789ab" in caplog.text


def send(site: Site, path: str, **headers: str) -> int:
    request = urllib.request.Request(site.address + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_foreign_host_is_refused_in_one_line(site: Site) -> None:
    before = len(site.said.splitlines())
    assert send(site, "/accounts/login/", Host="evil.example") == 400
    said = "\n".join(site.said.splitlines()[before:])
    assert "evil.example" in said
    assert "Traceback" not in said


def test_queries_and_cookies_are_not_in_the_log_even_at_its_loudest(site: Site) -> None:
    send(site, f"/nothing/?secret={CANARY}", Cookie=f"sessionid={CANARY}")
    send(site, f"/accounts/login/?next={CANARY}", Authorization=f"Bearer {CANARY}")
    site.stop()
    assert "/nothing/" in site.said
    assert CANARY not in site.said
