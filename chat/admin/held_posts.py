"""Held posts: a queue of what waits; let into their rooms, or rejected with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat import policy
from chat.actions.held_posts import approve_post, reject_post
from chat.admin.columns import excerpt, person_link, room_link
from chat.admin.confirming import Confirmation
from chat.admin.forms import reason_field
from chat.admin.guarded import GuardedAdmin
from chat.admin.reports import Queue
from chat.admin.searching import as_id, narrowed
from chat.models import HeldPost, Room

Status = HeldPost.Status
STATUS = "status"


class StatusFilter(admin.SimpleListFilter):
    """What waits, unless something else is asked for."""

    title = gettext_lazy("status")
    parameter_name = STATUS

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        decided = [(s.value, s.label) for s in (Status.APPROVED, Status.REJECTED)]
        return [*decided, ("all", gettext_lazy("all"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield first | {"display": Status.WAITING.label}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[HeldPost]) -> QuerySet[HeldPost]:
        value = self.value() or Status.WAITING
        return queryset.filter(status=value) if value in Status.values else queryset


class RejectionForm(forms.Form):
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Its author reads it. It is kept in the audit.")


class HeldConfirmation(Confirmation):
    columns = (gettext_lazy("room"), gettext_lazy("author"), gettext_lazy("text"))

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("room", "author")

    def cells(self, row: Any) -> Sequence[object]:
        return room_link(row.room), person_link(row.author), whole_text(row)


class Approve(HeldConfirmation):
    name = "approve"
    label = gettext_lazy("Approve: let into the room…")
    title = gettext_lazy("Approve held posts")
    button = gettext_lazy("Approve")
    form = forms.Form

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        said = _("The text as the newest message, at the time at which it is let in.")
        return [(_("Everybody in these rooms"), said)]

    def act(self, row: Any, wanted: dict[str, Any]) -> object:
        return approve_post(actor=self.request.user, held_id=row.pk, action_id=self.click)

    def done(self, count: int) -> str:
        return ngettext("%d post is approved.", "%d posts are approved.", count) % count


class Reject(HeldConfirmation):
    name = "reject"
    label = gettext_lazy("Reject, with a reason…")
    title = gettext_lazy("Reject held posts")
    button = gettext_lazy("Reject")
    form = RejectionForm

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        said = _("A moderator did not approve this message.")
        if wanted["reason"]:
            reason = _("Reason: %(reason)s") % {"reason": wanted["reason"]}
            said = _("%(sentence)s %(reason)s") % {"sentence": said, "reason": reason}
        return [(_("Its author"), said), (_("Everybody else"), _("Nothing."))]

    def act(self, row: Any, wanted: dict[str, Any]) -> None:
        reason = wanted["reason"]
        reject_post(actor=self.request.user, held_id=row.pk, reason=reason, action_id=self.click)

    def done(self, count: int) -> str:
        return ngettext("%d post is rejected.", "%d posts are rejected.", count) % count


@admin.register(HeldPost)
class HeldPostAdmin(GuardedAdmin):
    list_display = ["text", "author_link", "in_room", "cause", "posted", "state"]
    list_filter = [StatusFilter, "cause"]
    list_select_related = ["room", "author", "decided_by"]
    search_fields = ["pk"]
    search_help_text = gettext_lazy("The name of a person or of a room, or #number")
    sortable_by = ()
    confirmations = [Approve, Reject]
    change_form_template = "admin/chat/held_post.html"
    fields = readonly_fields = [
        *("body_now", "author_link", "in_room", "cause", "created_at", "state"),
        *("decided_at", "reason"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeldPost]:
        # As with messages: what waits in a private room is for those who moderate it there.
        hidden = Room.objects.exclude(pk__in=policy.visible_rooms(request.user).values("pk"))
        return super().get_queryset(request).exclude(room__in=hidden.values("pk"))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        # What waits longest comes first; what is decided, the newest first.
        return ["pk"] if request.GET.get(STATUS, Status.WAITING) == Status.WAITING else ["-pk"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Queue]:
        return HeldQueue

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[HeldPost], search_term: str
    ) -> tuple[QuerySet[HeldPost], bool]:
        if not search_term.strip():
            return queryset, False
        held_id = as_id(search_term)
        if held_id is not None:
            return queryset.filter(pk=held_id), False
        return narrowed(queryset, person="author_id", room="room_id", term=search_term), False

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("text"))
    def text(self, held: HeldPost) -> SafeString | str:
        return excerpt(held.body) if held.body else "—"

    @admin.display(description=gettext_lazy("text"))
    def body_now(self, held: HeldPost) -> SafeString:
        return whole_text(held)

    @admin.display(description=gettext_lazy("author"))
    def author_link(self, held: HeldPost) -> SafeString | str:
        return person_link(held.author)

    @admin.display(description=gettext_lazy("room"))
    def in_room(self, held: HeldPost) -> SafeString | str:
        return room_link(held.room)

    @admin.display(description=gettext_lazy("posted"))
    def posted(self, held: HeldPost) -> str:
        return date_format(localtime(held.created_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("status"))
    def state(self, held: HeldPost) -> SafeString | str:
        if held.status == Status.WAITING:
            return held.get_status_display()
        who = held.decided_by.display_name if held.decided_by else "—"
        return format_html("{} · <bdi>{}</bdi>", held.get_status_display(), who)


class HeldQueue(Queue):
    """What waits comes with the oldest first."""

    filter_name, first_value = STATUS, Status.WAITING


def whole_text(held: HeldPost) -> SafeString:
    """The text, or what became of it."""
    if held.body:
        return format_html('<div class="message-text" dir="auto">{}</div>', held.body)
    if held.message_id is not None:
        address = f"{reverse('admin:chat_message_changelist')}?{urlencode({'q': held.message_id})}"
        return format_html('<a href="{}">{}</a>', address, _("It is a message of the room now."))
    return format_html('<span class="quiet">{}</span>', _("The text is kept no longer."))
