"""The members on a room's page: roles changed, members removed."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.actions import members, sanctions
from chat.admin.columns import person_link
from chat.admin.entering import may_enter
from chat.admin.forms import ActionForm
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

    def call_actions(self, *, actor: User, reason: str, action_id: uuid.UUID) -> None:
        """Do what the ticked boxes and chosen roles say. Raises what the actions raise."""
        for form in self.initial_forms:
            member = form.instance
            about: dict[str, Any] = {
                "room_id": member.room_id,
                "user_id": member.user_id,
                "reason": reason,
                "action_id": action_id,
            }
            if form.cleaned_data["remove"]:
                sanctions.kick(actor=actor, **about)
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
