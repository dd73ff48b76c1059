"""Messages: looked for, read, redacted. Their texts are never edited by anybody else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib import messages as notes
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from chat import policy
from chat.admin import redaction
from chat.admin.columns import message_excerpt, person_link, room_link, tombstone_sentence
from chat.admin.forms import ListForm
from chat.admin.guarded import GuardedAdmin, may_enter
from chat.admin.searching import as_id, narrowed
from chat.models import Message, Room


class RedactedFilter(admin.SimpleListFilter):
    """Redacted by whom, or not at all."""

    title = _("redacted")
    parameter_name = "redacted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("not redacted")), *Message.RedactedBy.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        if self.value() == "no":
            return queryset.filter(redacted_at__isnull=True)
        if self.value() in Message.RedactedBy.values:
            return queryset.filter(redacted_at__isnull=False, redacted_by=self.value())
        return queryset


@admin.register(Message)
class MessageAdmin(GuardedAdmin):
    action_form = ListForm
    list_display = ["place", "person", "text", "posted"]
    list_filter = [RedactedFilter]
    list_select_related = ["room", "author"]
    search_fields = ["pk"]
    search_help_text = _("The name of a person or of a room, or #number of a message")
    sortable_by = ()
    ordering = ["-id"]
    actions = ["redact"]
    audit_filter = "message__id__exact"
    fields = readonly_fields = [
        "in_room",
        "seq",
        "person",
        "whole_text",
        "created_at",
        "edited_at",
        "redacted_at",
        "redacted_by",
        "revision",
    ]
    change_form_template = "admin/chat/message.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        # Staff leads every room, but reads only what everybody may, and their own rooms.
        # Said as what is hidden, so that the database can still walk down the ids.
        hidden = Room.objects.exclude(pk__in=policy.visible_rooms(request.user).values("pk"))
        return super().get_queryset(request).exclude(room__in=hidden.values("pk"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        if not search_term.strip():
            return queryset, False
        message_id = as_id(search_term)
        if message_id is not None:
            return queryset.filter(pk=message_id), False
        return narrowed(queryset, person="author_id", room="room_id", term=search_term), False

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=_("message"))
    def place(self, message: Message) -> SafeString:
        return format_html("<bdi>{}</bdi> #{}", message.room.name, message.seq)

    @admin.display(description=_("room"))
    def in_room(self, message: Message) -> SafeString | str:
        return room_link(message.room)

    @admin.display(description=_("author"))
    def person(self, message: Message) -> SafeString | str:
        return person_link(message.author)

    @admin.display(description=_("text"))
    def text(self, message: Message) -> SafeString:
        if message.edited_at is None or message.is_tombstone:
            return message_excerpt(message)
        return format_html(
            '{} <span class="quiet">{}</span>', message_excerpt(message), _("edited")
        )

    @admin.display(description=_("text"))
    def whole_text(self, message: Message) -> SafeString:
        if message.is_tombstone:
            return tombstone_sentence(message.redacted_by)
        return format_html('<div class="message-text" dir="auto">{}</div>', message.body)

    @admin.display(description=_("posted"))
    def posted(self, message: Message) -> str:
        return date_format(localtime(message.created_at), "SHORT_DATETIME_FORMAT")

    # --- Redaction -----------------------------------------------------------------------------

    def has_redact_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.redact_view)
        return [path("redact/", page, name="chat_message_redact"), *super().get_urls()]

    @admin.action(description=_("Redact: take the text away…"), permissions=["redact"])
    def redact(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse:
        ids = queryset.order_by("pk").values_list("pk", flat=True)
        if len(ids) > redaction.MOST_AT_ONCE:
            self.message_user(request, redaction.TOO_MANY, notes.ERROR)
            return redirect(request.get_full_path())
        query = urlencode({"ids": ",".join(map(str, ids))})
        return redirect(f"{reverse('admin:chat_message_redact')}?{query}")

    def redact_view(self, request: HttpRequest) -> HttpResponse:
        """Show what would be redacted and ask why; then do it."""
        return redaction.page(request, self)
