"""Who is in which room and as what: roles changed, members removed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat.actions import members, sanctions
from chat.admin.columns import person_link, room_link
from chat.admin.forms import ReasonedForm
from chat.admin.guarded import GuardedAdmin, click_of, may_enter
from chat.admin.searching import narrowed
from chat.models import Membership


class MembershipForm(ReasonedForm):
    class Meta:
        model = Membership
        fields = ["role"]


@admin.register(Membership)
class MembershipAdmin(GuardedAdmin):
    form = MembershipForm
    list_display = ["id", "person", "in_room", "role", "last_read_seq", "joined_at"]
    list_filter = ["role"]
    list_select_related = ["user", "room"]
    search_fields = ["pk"]
    search_help_text = _("The name of a person or of a room")
    sortable_by = ()
    ordering = ["-id"]
    actions = ["make_moderator", "make_member", "remove"]
    fieldsets = [
        (None, {"fields": ["role", "reason"]}),
        (_("Facts"), {"fields": ["person", "in_room", "last_read_seq", "joined_at"]}),
    ]
    readonly_fields = ["person", "in_room", "last_read_seq", "joined_at"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_enter(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Membership], search_term: str
    ) -> tuple[QuerySet[Membership], bool]:
        if not search_term.strip():
            return queryset, False
        return narrowed(queryset, person="user_id", room="room_id", term=search_term), False

    @admin.display(description=_("person"))
    def person(self, membership: Membership) -> SafeString | str:
        return person_link(membership.user)

    @admin.display(description=_("room"))
    def in_room(self, membership: Membership) -> SafeString | str:
        return room_link(membership.room)

    # --- Writes ------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        wanted = form.cleaned_data
        if "role" in form.changed_data:
            self._set_role(request, obj, wanted["role"], wanted["reason"])
            obj.refresh_from_db()

    def _set_role(
        self, request: HttpRequest, membership: Membership, role: str, reason: str
    ) -> None:
        members.set_role(
            actor=request.user,
            room_id=membership.room_id,
            user_id=membership.user_id,
            role=role,
            reason=reason,
            action_id=click_of(request),
        )

    @admin.action(description=_("Make moderator of the room"))
    def make_moderator(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._set_roles(request, queryset, Membership.Role.MODERATOR)

    @admin.action(description=_("Make plain member of the room"))
    def make_member(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._set_roles(request, queryset, Membership.Role.MEMBER)

    def _set_roles(self, request: HttpRequest, rows: QuerySet[Membership], role: str) -> None:
        self.act_on_each(
            request,
            rows,
            lambda membership, reason: self._set_role(request, membership, role, reason),
            lambda n: ngettext("%d role is set.", "%d roles are set.", n) % n,
        )

    @admin.action(description=_("Remove from the room"))
    def remove(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self.act_on_each(
            request,
            queryset,
            lambda membership, reason: sanctions.kick(
                actor=request.user,
                room_id=membership.room_id,
                user_id=membership.user_id,
                reason=reason,
                action_id=click_of(request),
            ),
            lambda n: ngettext("%d member is removed.", "%d members are removed.", n) % n,
        )
