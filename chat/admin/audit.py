"""The audit: who did what to whom, and why. It is read here, and changed nowhere."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.admin.columns import person_link, room_link
from chat.admin.guarded import GuardedAdmin
from chat.admin.searching import as_id, narrowed
from chat.models import AuditEntry


@admin.register(AuditEntry)
class AuditAdmin(GuardedAdmin):
    list_display = ["created_at", "by", "verb", "whom", "in_room", "about", "reason"]
    list_filter = ["verb"]
    list_select_related = ["actor", "target", "room", "message__room"]
    search_fields = ["pk"]
    search_help_text = _("The name of a person it happened to, or of a room; or #number")
    sortable_by = ()
    ordering = ["-id"]
    actions = None
    fields = ["created_at", "by", "verb", "whom", "in_room", "about", "reason", "action_id"]
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        if not search_term.strip():
            return queryset, False
        entry_id = as_id(search_term)
        if entry_id is not None:
            return queryset.filter(pk=entry_id), False
        return narrowed(queryset, person="target_id", room="room_id", term=search_term), False

    @admin.display(description=_("who"))
    def by(self, entry: AuditEntry) -> SafeString | str:
        return person_link(entry.actor)

    @admin.display(description=_("to whom"))
    def whom(self, entry: AuditEntry) -> SafeString | str:
        return person_link(entry.target)

    @admin.display(description=_("room"))
    def in_room(self, entry: AuditEntry) -> SafeString | str:
        return room_link(entry.room)

    @admin.display(description=_("message"))
    def about(self, entry: AuditEntry) -> SafeString | str:
        return format_html("#{}", entry.message.seq) if entry.message is not None else "—"
