"""The audit as a CSV file: sent row by row, with nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseNotAllowed, StreamingHttpResponse
from django.http.response import HttpResponseBase

from chat.actions.audit_export import export_audit
from chat.admin.guarded import actor_of
from chat.models import AuditEntry

if TYPE_CHECKING:
    from chat.admin.audit import AuditAdmin

ROWS_AT_ONCE = 500
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
"""OWASP, CSV injection: a cell that begins so may be run by whoever opens the file."""
COLUMNS = (
    *("id", "when", "actor", "action", "target", "room", "message", "reason", "details"),
    "action_id",
)


class _Line:
    """A file for the ``csv`` module that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def export_view(request: HttpRequest, model_admin: AuditAdmin) -> HttpResponseBase:
    """Answer a POST to ``export/?<the list's own query>``; written down before a row is read."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    rows = model_admin.get_changelist_instance(request).queryset
    asked = urlencode({key: value for key, value in request.GET.items() if value})
    entry = export_audit(actor=actor_of(request), details=asked)
    response = StreamingHttpResponse(
        _lines(rows, entry.pk),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-{entry.pk}.csv"'},
    )
    response["Cache-Control"] = "no-store"
    return response


def safe_cell(text: str) -> str:
    """The text of a cell; as text also where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _lines(rows: QuerySet[AuditEntry], before: int) -> Iterator[str]:
    """The file, newest entry first. By key, so that no transaction stays open meanwhile."""
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    # Spreadsheets take a file for UTF-8 only if it says so.
    yield "\ufeff" + writer.writerow(COLUMNS)
    while True:
        some = list(rows.filter(pk__lt=before).order_by("-pk")[:ROWS_AT_ONCE])
        if not some:
            return
        before = some[-1].pk
        yield "".join(writer.writerow(map(safe_cell, _cells(entry))) for entry in some)


def _cells(entry: AuditEntry) -> list[str]:
    message: Any = entry.message
    return [
        str(entry.pk),
        entry.created_at.isoformat(),
        entry.actor.display_name if entry.actor else "",
        entry.verb,
        entry.target.display_name if entry.target else "",
        entry.room.name if entry.room else "",
        f"#{message.seq}" if message is not None else "",
        entry.reason,
        entry.details,
        str(entry.action_id),
    ]
