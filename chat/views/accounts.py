"""Signing up, where an action may still refuse; and the language of the signed-out."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.views import EmailView, LogoutView, SignupView
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from chat import policy
from chat.actions import accounts
from chat.errors import BadNameError, ChatError, NameTakenError


@method_decorator(sensitive_post_parameters("password1"), name="dispatch")
class SignUpView(SignupView):
    """allauth's, but a name that somebody took a moment ago is said on the form."""

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ChatError as error:
            field = "username" if isinstance(error, BadNameError | NameTakenError) else None
            form.add_error(field, error.text)
            return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # The invitation travels in the address of the form, as it came.
        return super().get_context_data(**kwargs, here=self.request.get_full_path())


class SignOutView(LogoutView):
    """allauth's, but it also ends the session of who is banned, and so resolves to nobody."""

    def logout(self) -> None:
        super().logout()
        self.request.session.flush()


@method_decorator([login_required, reauthentication_required], name="dispatch")
class AddressView(EmailView):
    """allauth's, but the password is asked for before the form, so that nothing typed is lost."""


@require_POST
@login_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    me = policy.check_signed_in(request.user)
    accounts.end_sessions(actor=me, user=me)
    logout(request)
    return redirect("account_login")
