"""The first run: whoever holds the link from the terminal makes the owner's account."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from chat import names
from chat.accounts.forms import PASSWORD_HINT
from chat.actions.owner import check_owner_link, claim_ownership
from chat.errors import BadNameError, BadPasswordError, ChatError, NameTakenError


class OwnerForm(forms.Form):
    display_name = forms.CharField(
        label=_("Display name"),
        max_length=names.MAX_NAME_CHARS,
        help_text=_("What others see. It can be changed later."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autofocus": True, "dir": "auto"}
        ),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Only to set a new password when the old one is forgotten."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=128,
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def refuse(self, error: ChatError) -> None:
        """Say what an action refused, beside the field that it is about."""
        fields = {BadNameError: "display_name", NameTakenError: "display_name"}
        fields[BadPasswordError] = "password"
        self.add_error(fields.get(type(error)), error.text)


@sensitive_variables("token")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, token: str) -> HttpResponse:
    check_owner_link(token)
    form = OwnerForm(request.POST or None)
    if form.is_valid():
        try:
            owner = claim_ownership(token=token, **form.cleaned_data)
        except (BadNameError, NameTakenError, BadPasswordError) as error:
            form.refuse(error)
        else:
            get_adapter(request).login(request, owner)
            return redirect("chat:home")
    return render(request, "chat/owner.html", {"form": form})
