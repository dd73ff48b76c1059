"""The audit: who did what to whom, and why. It is read here, and changed nowhere."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.admin import audit_export
from chat.admin.columns import list_link, person_link, room_link
from chat.admin.details import details_of
from chat.admin.guarded import GuardedAdmin
from chat.admin.searching import as_id, narrowed, people_like
from chat.admin.undo import undo_link
from chat.models import AuditEntry
from chat.standing import store_now

Verb = AuditEntry.Verb
UNDOABLE = (Verb.REDACT, Verb.MUTE, Verb.BAN)
BY = re.compile(r"(?:^|\s)by:(?P<who>.*)$", re.IGNORECASE)
"""``by:max`` at the end of what is searched for: what max did."""
DAYS = {"today": 0, "week": 6, "month": 29}


class WhenFilter(admin.SimpleListFilter):
    """Entries of today, of a week, of a month.

    Rows are only ever added, so those of a period are those after its first id: found by
    walking back from the newest, which reads no more than the period's own rows.
    """

    title = gettext_lazy("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("today", gettext_lazy("today")),
            ("week", gettext_lazy("the past 7 days")),
            ("month", gettext_lazy("the past 30 days")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        days = DAYS.get(self.value() or "")
        if days is None:
            return queryset
        older = AuditEntry.objects.filter(created_at__lt=_midnight(days)).order_by("-pk")
        last_before = older.values_list("pk", flat=True).first()
        return queryset.filter(pk__gt=last_before or 0)


def _midnight(days_ago: int) -> datetime:
    here = timezone.localtime(store_now()) - timedelta(days=days_ago)
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


@admin.register(AuditEntry)
class AuditAdmin(GuardedAdmin):
    list_display = [
        *("when", "by", "verb", "whom", "where", "why", "click"),
    ]
    list_filter = [WhenFilter, "verb"]
    list_select_related = ["actor", "target", "room", "message__room"]
    search_fields = ["pk"]
    search_help_text = gettext_lazy("To whom, in which room, by:whom; or #number")
    sortable_by = ()
    ordering = ["-id"]
    actions = None
    fields = ["created_at", "by", "verb", "whom", "in_room", "about", "reason", "how", "click"]
    readonly_fields = fields
    change_list_template = "admin/chat/audit.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.export_view)
        return [path("export/", page, name="chat_auditentry_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The entries of the list as it is narrowed now, as a file."""
        return audit_export.export_view(request, self)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        term = search_term.strip()
        if (found := BY.search(term)) is not None:
            queryset = queryset.filter(actor__in=people_like(found["who"].strip()))
            term = term[: found.start()].strip()
        if not term:
            return queryset, False
        entry_id = as_id(term)
        if entry_id is not None:
            return queryset.filter(pk=entry_id), False
        return narrowed(queryset, person="target_id", room="room_id", term=term), False

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("who"))
    def by(self, entry: AuditEntry) -> SafeString | str:
        return person_link(entry.actor)

    @admin.display(description=gettext_lazy("to whom"))
    def whom(self, entry: AuditEntry) -> SafeString | str:
        return person_link(entry.target)

    @admin.display(description=gettext_lazy("room"))
    def in_room(self, entry: AuditEntry) -> SafeString | str:
        return room_link(entry.room)

    @admin.display(description=gettext_lazy("message"))
    def about(self, entry: AuditEntry) -> SafeString | str:
        return format_html("#{}", entry.message.seq) if entry.message is not None else "—"

    @admin.display(description=gettext_lazy("when"))
    def when(self, entry: AuditEntry) -> str:
        return date_format(timezone.localtime(entry.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("where"))
    def where(self, entry: AuditEntry) -> SafeString | str:
        if entry.message is None:
            return self.in_room(entry)
        return format_html("{} #{}", self.in_room(entry), entry.message.seq)

    @admin.display(description=gettext_lazy("details"))
    def how(self, entry: AuditEntry) -> str:
        return details_of(entry) or "—"

    @admin.display(description=gettext_lazy("why and how"))
    def why(self, entry: AuditEntry) -> SafeString:
        shown = '<bdi>{}</bdi> <bdi class="quiet">{}</bdi>'
        return format_html(shown, entry.reason, details_of(entry))

    @admin.display(description=gettext_lazy("in one click"))
    def click(self, entry: AuditEntry) -> SafeString | str:
        """All that the same click did, and the way back where there may be one."""
        together = list_link("auditentry", _("All of it"), action_id=entry.action_id)
        if entry.verb not in UNDOABLE:
            return together
        return format_html("{} · {}", together, undo_link(entry.action_id))
