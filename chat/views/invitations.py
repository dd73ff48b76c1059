"""Invitations: made and revoked by the staff; each link is shown once."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chat.actions import invitations


class InvitationForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("For whom"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only you and other staff see this note."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_list(request: HttpRequest) -> HttpResponse:
    usable = invitations.usable_invitations(actor=request.user)
    form = InvitationForm(request.POST or None)
    link = ""
    if form.is_valid():
        _invitation, token = invitations.create_invitation(actor=request.user, **form.cleaned_data)
        link = request.build_absolute_uri(
            f"{reverse('account_signup')}?{urlencode({'invitation': token})}"
        )
        form = InvitationForm()
    context = {"form": form, "link": link, "invitations": usable, "here": "invitations"}
    return render(request, "chat/invitations.html", context)


@require_POST
def revoke(request: HttpRequest, invitation_id: int) -> HttpResponse:
    invitations.revoke_invitation(actor=request.user, invitation_id=invitation_id)
    messages.success(request, _("The invitation no longer works."))
    return redirect("chat:invitations")
