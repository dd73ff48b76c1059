"""Reports: one queue of open cases, and a page for each with what it takes to decide."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.admin import case_page
from chat.admin.columns import excerpt, message_excerpt, person_link
from chat.admin.desk import newest_reasons
from chat.admin.guarded import GuardedAdmin
from chat.admin.paging import BoundedList
from chat.admin.searching import as_id, narrowed
from chat.models import ReportCase

OPEN, CLOSED = "open", "closed"


class StateFilter(admin.SimpleListFilter):
    """Open cases, unless others are asked for."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        decided = [pair for pair in ReportCase.Outcome.choices if pair[0]]
        return [(CLOSED, gettext_lazy("decided")), *decided, ("all", gettext_lazy("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield first | {"display": ReportCase.Outcome.OPEN.label}
        yield from others

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReportCase]
    ) -> QuerySet[ReportCase]:
        value = self.value()
        if value in (None, OPEN):
            return queryset.filter(closed_at__isnull=True)
        if value == CLOSED:
            return queryset.filter(closed_at__isnull=False)
        if value in ReportCase.Outcome.values:
            return queryset.filter(closed_at__isnull=False, outcome=value)
        return queryset


class Queue(BoundedList):
    """What is open comes with the oldest first: what is decided makes room for the next."""

    filter_name, first_value = StateFilter.parameter_name, OPEN

    @property
    def older_url(self) -> str:
        is_queue = self.params.get(self.filter_name, self.first_value) == self.first_value
        return "" if is_queue else super().older_url


@admin.register(ReportCase)
class ReportCaseAdmin(GuardedAdmin):
    list_display = ["reasons", "text", "author", "in_room", "report_count", "opened", "outcome_now"]
    list_display_links = ["reasons"]
    list_filter = [StateFilter]
    list_select_related = ["room", "message__author", "closed_by"]
    search_fields = ["pk"]
    search_help_text = gettext_lazy("The name of a person or of a room, or #number of a message")
    sortable_by = ()
    actions = None
    audit_filter = "message__id__exact"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReportCase]:
        rows = super().get_queryset(request)
        return rows.annotate(newest_reason=newest_reasons(), second_reason=newest_reasons(1))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        is_queue = request.GET.get(StateFilter.parameter_name, OPEN) == OPEN
        return ["pk"] if is_queue else ["-pk"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BoundedList]:
        return Queue

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ReportCase], search_term: str
    ) -> tuple[QuerySet[ReportCase], bool]:
        if not search_term.strip():
            return queryset, False
        message_id = as_id(search_term)
        if message_id is not None:
            return queryset.filter(message_id=message_id), False
        found = narrowed(queryset, person="message__author_id", room="room_id", term=search_term)
        return found, False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of a case; nothing of it is a form of the model."""
        return case_page.page(request, self, object_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit entries about the reported message."""
        case = self.get_object(request, object_id)
        return super().history_view(request, str(case.message_id) if case else "", extra_context)

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("reasons"))
    def reasons(self, case: ReportCase) -> SafeString:
        said = [case.newest_reason, case.second_reason]  # type: ignore[attr-defined]
        lines = [excerpt(reason) for reason in said if reason]
        if not lines:
            return format_html('<span class="quiet">{}</span>', _("no reason given"))
        return format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))

    @admin.display(description=gettext_lazy("message"))
    def text(self, case: ReportCase) -> SafeString:
        return message_excerpt(case.message)

    @admin.display(description=gettext_lazy("author"))
    def author(self, case: ReportCase) -> SafeString | str:
        return person_link(case.message.author)

    @admin.display(description=gettext_lazy("room"))
    def in_room(self, case: ReportCase) -> SafeString:
        return format_html("<bdi>{}</bdi> #{}", case.room.name, case.message.seq)

    @admin.display(description=gettext_lazy("first reported"))
    def opened(self, case: ReportCase) -> str:
        return date_format(localtime(case.opened_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("outcome"))
    def outcome_now(self, case: ReportCase) -> SafeString | str:
        if case.is_open:
            return case.get_outcome_display()
        return format_html(
            "{} · <bdi>{}</bdi>",
            case.get_outcome_display(),
            case.closed_by.display_name if case.closed_by else "—",
        )


def case_address(case_id: int) -> str:
    """Where the page of a case is."""
    return reverse("admin:chat_reportcase_change", args=[case_id])
