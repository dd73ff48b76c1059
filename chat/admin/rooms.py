"""Rooms: made, named, archived and opened again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat import room_names
from chat.actions import rooms
from chat.admin.columns import excerpt, list_link, person_link
from chat.admin.forms import ReasonedForm
from chat.admin.guarded import GuardedAdmin, may_enter
from chat.admin.memberships import MembershipInline
from chat.admin.searching import as_id
from chat.models import Room


class RoomForm(ReasonedForm):
    archived = forms.BooleanField(
        label=_("Archived"), required=False, help_text=_("It can be read, but not written to.")
    )

    class Meta:
        model = Room
        fields = ["name", "topic"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() & {"name", "topic"}:
            self.fields[name].widget.attrs.update(dir="auto", autocomplete="off")
        if "archived" in self.fields:
            self.fields["archived"].initial = self.instance.is_archived


class ArchivedFilter(admin.SimpleListFilter):
    """Archived, or open to be written in."""

    title = _("archived")
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("archived")), ("no", _("not archived"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        if self.value() in ("yes", "no"):
            return queryset.filter(archived_at__isnull=self.value() == "no")
        return queryset


@admin.register(Room)
class RoomAdmin(GuardedAdmin):
    form = RoomForm
    inlines = [MembershipInline]
    list_display = ["name", "kind", "short_topic", "member_count", "last_seq", "is_archived"]
    list_filter = ["kind", ArchivedFilter]
    search_fields = ["name_key"]
    search_help_text = _("A part of the name, or #number")
    ordering = ["-id"]
    actions = ["archive", "restore"]
    audit_filter = "room__id__exact"
    readonly_fields = ["kind", "messages_here", "revision", "made_by", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_enter(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ["name", "topic"]})]
        return [
            (None, {"fields": ["name", "topic", "archived", "reason"]}),
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

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=_("made by"))
    def made_by(self, room: Room) -> SafeString | str:
        return person_link(room.created_by)

    @admin.display(description=_("topic"))
    def short_topic(self, room: Room) -> SafeString:
        return excerpt(room.topic)

    @admin.display(description=_("archived"), boolean=True)
    def is_archived(self, room: Room) -> bool:
        return room.is_archived

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
        }
        if "name" in form.changed_data:
            rooms.rename_room(name=wanted["name"], **about)
        if "topic" in form.changed_data:
            rooms.set_topic(topic=wanted["topic"], **about)
        if "archived" in form.changed_data:
            (rooms.archive_room if wanted["archived"] else rooms.restore_room)(**about)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.call_actions(actor=request.user, reason=form.cleaned_data["reason"])

    @admin.action(description=_("Archive: nobody can write any more"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self.act_on_each(
            request,
            queryset,
            lambda room, reason: rooms.archive_room(
                actor=request.user, room_id=room.pk, reason=reason
            ),
            lambda n: ngettext("%d room is archived.", "%d rooms are archived.", n) % n,
        )

    @admin.action(description=_("Open again"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self.act_on_each(
            request,
            queryset,
            lambda room, reason: rooms.restore_room(
                actor=request.user, room_id=room.pk, reason=reason
            ),
            lambda n: ngettext("%d room is open again.", "%d rooms are open again.", n) % n,
        )
