"""Forms for codes: at sign-in, when asked who one is once more, and when an app is set up."""

from __future__ import annotations

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.utils.translation import gettext_lazy as _

from chat.accounts import codes
from chat.models import User

_TYPED = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "spellcheck": "false",
    "autofocus": True,
}


class CodeForm(forms.Form):
    """A code of the app, or one from the list."""

    again = False
    code = forms.CharField(
        label=_("Code"),
        max_length=codes.MAX_CODE_CHARS,
        help_text=_("From your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(attrs=_TYPED),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        if not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            field = self.fields["code"]
            field.label, field.help_text = _("Recovery code"), ""
            field.widget.attrs.pop("autofocus")

    def clean_code(self) -> str:
        attempt = codes.attempt(self.user)
        code: str = self.cleaned_data["code"]
        factor = codes.redeem(self.user, code)
        if factor is None:
            raise get_adapter().validation_error("incorrect_code")
        attempt.rollback()
        self.factor = factor
        return code

    def save(self) -> None:
        self.factor.user = self.user
        post_authentication(context.request, self.factor, reauthenticated=self.again)


class CodeAgainForm(CodeForm):
    again = True


class ActivateAppForm(forms.Form):
    """The first code of an app proves that it has taken the secret."""

    code = forms.CharField(
        label=_("The code that the app shows now"),
        max_length=codes.MAX_CODE_CHARS,
        widget=forms.TextInput(attrs={**_TYPED, "autofocus": False}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.secret = self._kept_secret() if self.is_bound else self._new_secret()

    def _new_secret(self) -> str:
        # Sessions lie in the database too, so that the secret is sealed there as well.
        secret: str = generate_totp_secret()
        context.request.session[SECRET_SESSION_KEY] = get_adapter().encrypt(secret)
        return secret

    def _kept_secret(self) -> str:
        sealed = context.request.session.get(SECRET_SESSION_KEY)
        return get_adapter().decrypt(sealed) if sealed else self._new_secret()

    def clean_code(self) -> str:
        attempt = codes.attempt(self.user)
        code: str = self.cleaned_data["code"]
        counter = codes.matching_counter(self.secret, code)
        if counter is None:
            raise get_adapter().validation_error("incorrect_code")
        attempt.rollback()
        self.counter = counter
        return code
