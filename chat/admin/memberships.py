"""Who is in which room and as what: roles changed, members removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat.actions import members
from chat.admin.columns import person_link, room_link
from chat.admin.forms import ActionForm, ReasonedForm
from chat.admin.guarded import GuardedAdmin, may_enter
from chat.admin.searching import narrowed
from chat.models import Membership, User

MEMBERS_SHOWN = 100
"""A room's page shows so many, who leads first; the list of memberships has them all."""


class MemberForm(ActionForm):
    """One member on a room's page."""

    remove = forms.BooleanField(label=_("remove"), required=False)

    class Meta:
        model = Membership
        fields = ["role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # In a table the column's head is no label to a screen reader.
        if self.instance.pk is not None:
            name = self.instance.user.display_name
            self.fields["role"].widget.attrs["aria-label"] = _("Role of %s") % name
            self.fields["remove"].widget.attrs["aria-label"] = _("Remove %s") % name


class MemberFormSet(BaseInlineFormSet):
    """The members on a room's page."""

    def call_actions(self, *, actor: User, reason: str) -> None:
        """Do what the ticked boxes and chosen roles say. Raises what the actions raise."""
        for form in self.initial_forms:
            member = form.instance
            about = {"room_id": member.room_id, "user_id": member.user_id, "reason": reason}
            if form.cleaned_data["remove"]:
                members.remove_member(actor=actor, **about)
            elif "role" in form.changed_data:
                members.set_role(actor=actor, role=form.cleaned_data["role"], **about)


class MembershipInline(admin.TabularInline):
    model = Membership
    form = MemberForm
    formset = MemberFormSet
    fields = ["person", "role", "last_read_seq", "joined_at", "remove"]
    readonly_fields = ["person", "last_read_seq", "joined_at"]
    template = "admin/chat/members.html"
    can_delete = False
    extra = 0
    max_num = 0
    verbose_name = _("member")
    verbose_name_plural = _("members")

    @property
    def media(self) -> forms.Media:
        # No rows are added here, and jQuery is not to be loaded; see GuardedAdmin.
        return forms.Media()

    @admin.display(description=_("person"))
    def person(self, membership: Membership) -> SafeString | str:
        return person_link(membership.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        rows = Membership.objects.select_related("user", "room")
        room_id = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        if room_id is None or not room_id.isdecimal():
            return rows.none()
        rank = Case(
            When(role=Membership.Role.OWNER, then=Value(0)),
            When(role=Membership.Role.MODERATOR, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        here = Membership.objects.filter(room_id=int(room_id)).order_by(rank, "pk")
        # Formsets filter what they are given, which a sliced query does not allow.
        return rows.filter(pk__in=list(here.values_list("pk", flat=True)[:MEMBERS_SHOWN])).order_by(
            rank, "pk"
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_enter(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_enter(request)

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
            lambda membership, reason: members.remove_member(
                actor=request.user,
                room_id=membership.room_id,
                user_id=membership.user_id,
                reason=reason,
            ),
            lambda n: ngettext("%d member is removed.", "%d members are removed.", n) % n,
        )
