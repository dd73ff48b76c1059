"""Rooms: made, named, moderated, archived and opened again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat import room_names
from chat.actions import room_switches, rooms
from chat.admin.columns import excerpt, list_link, person_link
from chat.admin.guarded import GuardedAdmin, click_of, may_enter
from chat.admin.keeping import KeepDays
from chat.admin.members import MembershipInline
from chat.admin.room_filters import ArchivedFilter, SlowModeFilter
from chat.admin.room_forms import NewRoomForm, RoomForm
from chat.admin.searching import as_id
from chat.admin.standings import LASTING
from chat.models import Room, Sanction
from chat.models.sanction import ACTIVE

SANCTIONS_SHOWN = 20


@admin.register(Room)
class RoomAdmin(GuardedAdmin):
    form = RoomForm
    inlines = [MembershipInline]
    list_display = ["name", "kind", "short_topic", "member_count", "last_seq", "switches"]
    list_filter = ["kind", ArchivedFilter, SlowModeFilter, "posting", "approve_first"]
    search_fields = ["name_key"]
    search_help_text = _("A part of the name, or #number")
    ordering = ["-id"]
    actions = ["archive", "restore"]
    confirmations = [KeepDays]
    audit_filter = "room__id__exact"
    change_form_template = "admin/chat/room.html"
    switch_fields = ["slow_mode_s", "posting", "approve_first", "archived"]
    readonly_fields = ["kind", "messages_here", "revision", "made_by", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_enter(request)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        if obj is None:
            kwargs["form"] = NewRoomForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ["name", "topic"]})]
        return [
            (None, {"fields": ["name", "topic", *self.switch_fields, "reason"]}),
            (_("Facts"), {"fields": self.readonly_fields}),
        ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Room], search_term: str
    ) -> tuple[QuerySet[Room], bool]:
        if not search_term.strip():
            return queryset, False
        room_id = as_id(search_term)
        if room_id is not None:
            return queryset.filter(pk=room_id), False
        return queryset.filter(name_key__contains=room_names.name_key(search_term.strip())), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        room: Room | None = context.get("original")
        if room is not None:
            standing = Sanction.objects.filter(ACTIVE & LASTING, room=room)
            context["sanctions"] = standing.select_related("user", "actor")[:SANCTIONS_SHOWN]
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=_("made by"))
    def made_by(self, room: Room) -> SafeString | str:
        return person_link(room.created_by)

    @admin.display(description=_("topic"))
    def short_topic(self, room: Room) -> SafeString:
        return excerpt(room.topic)

    @admin.display(description=_("moderation"))
    def switches(self, room: Room) -> SafeString:
        """What is set otherwise than in a new room."""
        said = [
            (room.is_archived, _("archived")),
            (room.slow_mode_s, gettext("slow mode: %d s") % room.slow_mode_s),
            (
                room.posting != Room.Posting.EVERYONE,
                gettext("posting: %s") % room.get_posting_display(),
            ),
            (
                room.approve_first != Room.ApproveFirst.NOBODY,
                gettext("waiting: %s") % room.get_approve_first_display(),
            ),
        ]
        return format_html_join(
            " ", '<span class="badge">{}</span>', ((words,) for is_set, words in said if is_set)
        )

    @admin.display(description=_("messages"))
    def messages_here(self, room: Room) -> SafeString:
        return list_link("message", room.last_seq, room__id__exact=room.pk)

    # --- Writes ------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        wanted = form.cleaned_data
        if not change:
            made = rooms.create_room(actor=request.user, name=wanted["name"], topic=wanted["topic"])
            obj.pk = made.pk
        else:
            self._change(request, obj.pk, form)
        obj.refresh_from_db()

    def _change(self, request: HttpRequest, room_id: int, form: Any) -> None:
        wanted = form.cleaned_data
        about: dict[str, Any] = {
            "actor": request.user,
            "room_id": room_id,
            "reason": wanted["reason"],
            "action_id": click_of(request),
        }
        if "name" in form.changed_data:
            rooms.rename_room(name=wanted["name"], **about)
        if "topic" in form.changed_data:
            rooms.set_topic(topic=wanted["topic"], **about)
        switched = {
            name.removesuffix("_s"): wanted[name]
            for name in self.switch_fields
            if name in form.changed_data
        }
        room_switches.set_room(**switched, **about)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.call_actions(
            actor=request.user,
            reason=form.cleaned_data["reason"],
            action_id=click_of(request),
        )

    @admin.action(description=_("Archive: nobody can write any more"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self.act_on_each(
            request,
            queryset,
            lambda room, reason: rooms.archive_room(
                actor=request.user,
                room_id=room.pk,
                reason=reason,
                action_id=click_of(request),
            ),
            lambda n: ngettext("%d room is archived.", "%d rooms are archived.", n) % n,
        )

    @admin.action(description=_("Open again"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self.act_on_each(
            request,
            queryset,
            lambda room, reason: rooms.restore_room(
                actor=request.user,
                room_id=room.pk,
                reason=reason,
                action_id=click_of(request),
            ),
            lambda n: ngettext("%d room is open again.", "%d rooms are open again.", n) % n,
        )
