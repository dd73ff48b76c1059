"""Messages: looked for, read, redacted. Their texts are never edited by anybody else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib import messages as notes
from django.contrib.admin.options import IncorrectLookupParameters
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
from chat.admin import asking, dates, redact_all, redaction, searching
from chat.admin.columns import message_excerpt, person_link, room_link
from chat.admin.forms import ListForm
from chat.admin.guarded import GuardedAdmin, may_enter
from chat.admin.message_filters import PersonFilter, RedactedFilter, RoomFilter
from chat.admin.paging import BoundedList, FoundPaginator
from chat.models import Message, Room


class MessageList(BoundedList):
    """The messages, with what leads through them beside pages."""

    def get_filters(self, request: HttpRequest) -> Any:
        try:
            return super().get_filters(request)
        except (ValueError, OverflowError) as error:
            # Of a date that is none, Django itself says so only sometimes.
            raise IncorrectLookupParameters from error

    @property
    def dates(self) -> dict[str, Any]:
        return dates.links(self, self.root_queryset)

    @property
    def meant(self) -> list[dict[str, str]]:
        """Links to all of a person or a room that is called what was searched for."""
        return searching.meant(self.query)


@admin.register(Message)
class MessageAdmin(GuardedAdmin):
    action_form = ListForm
    list_display = ["place", "person", "text", "posted"]
    list_filter = [PersonFilter, RoomFilter, RedactedFilter]
    date_hierarchy = dates.FIELD
    list_select_related = ["room", "author"]
    search_fields = ["pk"]
    search_help_text = _("Words, “a phrase”, from:person, in:room, or #number")
    sortable_by = ()
    ordering = ["-id"]
    actions = ["redact", "redact_all"]
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
    change_list_template = "admin/chat/messages.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        # Staff leads every room, but reads only what everybody may, and their own rooms.
        # Said as what is hidden, so that the database can still walk down the ids.
        hidden = Room.objects.exclude(pk__in=policy.visible_rooms(request.user).values("pk"))
        return super().get_queryset(request).exclude(room__in=hidden.values("pk"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        # What was ticked is named by its id, also when new messages have moved it on.
        if request.method == "POST":
            return queryset, False
        return asking.found(asking.asked_for(request), queryset), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[MessageList]:
        return MessageList

    def get_paginator(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        found = asking.asked_for(request).found
        if found is None:
            return super().get_paginator(request, queryset, *args, **kwargs)
        return FoundPaginator(
            queryset, self.list_per_page, found=len(found), most=asking.FOUND_MOST
        )

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
            return redaction.tombstone_and_evidence(message)
        return format_html('<div class="message-text" dir="auto">{}</div>', message.body)

    @admin.display(description=_("posted"))
    def posted(self, message: Message) -> str:
        return date_format(localtime(message.created_at), "SHORT_DATETIME_FORMAT")

    # --- Redaction -----------------------------------------------------------------------------

    def has_redact_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def get_urls(self) -> list[URLPattern]:
        one, all_of = map(self.admin_site.admin_view, (self.redact_view, self.redact_all_view))
        return [
            path("redact/", one, name="chat_message_redact"),
            path("redact-all/", all_of, name="chat_message_redact_all"),
            *super().get_urls(),
        ]

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

    @admin.action(
        description=_("Redact all that their authors said, of the last hour, day…"),
        permissions=["redact"],
    )
    def redact_all(self, request: HttpRequest, queryset: QuerySet[Message]) -> HttpResponse:
        chosen = list(queryset.order_by().values_list("author_id", "room_id").distinct())
        people, rooms = ({pair[place] for pair in chosen} for place in (0, 1))
        if len(people) > redact_all.PEOPLE_AT_ONCE:
            self.message_user(request, redact_all.TOO_MANY, notes.ERROR)
            return redirect(request.get_full_path())
        return redirect(
            redact_all.address(sorted(people), rooms.pop() if len(rooms) == 1 else None)
        )

    def redact_all_view(self, request: HttpRequest) -> HttpResponse:
        """Ask how far back, and why; then redact it all."""
        return redact_all.page(request, self)
