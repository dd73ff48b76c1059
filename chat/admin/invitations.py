"""Invitations: made, with a link that is shown once, and revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.actions import invitations
from chat.admin.columns import person_link
from chat.admin.forms import ActionForm, ListForm
from chat.admin.guarded import GuardedAdmin, may_enter
from chat.models import Invitation


class InvitationForm(ActionForm):
    uses = forms.IntegerField(
        label=gettext_lazy("How many people"),
        initial=1,
        min_value=1,
        max_value=invitations.MAX_USES,
    )
    days = forms.IntegerField(
        label=gettext_lazy("Valid for how many days"),
        initial=invitations.DEFAULT_DAYS,
        min_value=1,
        max_value=invitations.MAX_DAYS,
    )

    class Meta:
        model = Invitation
        fields = ["note"]
        labels = {"note": gettext_lazy("For whom")}
        help_texts = {"note": gettext_lazy("Only you and other staff see this note.")}


@admin.register(Invitation)
class InvitationAdmin(GuardedAdmin):
    form = InvitationForm
    action_form = ListForm
    list_display = ["number", "note", "uses_left", "expires_at", "works", "by", "created_at"]
    list_select_related = ["created_by"]
    sortable_by = ()
    ordering = ["-id"]
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["note", "uses", "days"]
        return ["note", "uses_left", "expires_at", "by", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else self.get_fields(request, obj)

    @admin.display(description=gettext_lazy("number"))
    def number(self, invitation: Invitation) -> str:
        return f"#{invitation.pk}"

    @admin.display(description=gettext_lazy("works"), boolean=True)
    def works(self, invitation: Invitation) -> bool:
        return invitation.uses_left > 0 and invitation.expires_at > now()

    @admin.display(description=gettext_lazy("made by"))
    def by(self, invitation: Invitation) -> str:
        return person_link(invitation.created_by)

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        made, token = invitations.create_invitation(actor=request.user, **form.cleaned_data)
        obj.pk = made.pk
        # Kept for this answer alone: not in the session, not in a cookie, not in a log.
        request.invitation_token = token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the link, this once."""
        query = urlencode({"invitation": request.invitation_token})  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": _("The link"),
            "opts": self.opts,
            "link": request.build_absolute_uri(f"{reverse('account_signup')}?{query}"),
        }
        # The admin forbids caches to keep any of its pages, so this one too.
        return TemplateResponse(request, "admin/chat/invitation_link.html", context)

    @admin.action(
        description=gettext_lazy("Revoke: let nobody else in by it"), permissions=["revoke"]
    )
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        self.act_on_each(
            request,
            queryset,
            lambda invitation, _reason: invitations.revoke_invitation(
                actor=request.user, invitation_id=invitation.pk
            ),
            lambda n: ngettext("%d invitation is revoked.", "%d invitations are revoked.", n) % n,
        )
