"""Forms around passkeys: made, named, used at sign-in and when asked who one is once more."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_forms
from django import forms
from django.utils.translation import gettext_lazy as _

from chat.accounts import passkeys
from chat.models import User

MAX_NAME_CHARS = 40


class _CredentialField(forms.CharField):
    """Filled in by the page's script; people never see it."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, max_length=passkeys.MAX_CREDENTIAL_CHARS)


class _NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"})
        super().__init__(label=_("Name"), max_length=MAX_NAME_CHARS, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        name: str = super().clean(value)
        return "".join(char for char in name if char.isprintable())


class AddPasskeyForm(forms.Form):
    name = _NameField(
        required=False,
        help_text=_("Where it is kept, so that you can tell it from others."),
    )
    alone = forms.BooleanField(
        label=_("It lets me in by itself"),
        required=False,
        initial=True,
        help_text=_(
            "Without name and password; it asks for a finger, a face or a PIN instead. Old"
            " security keys cannot do that."
        ),
    )
    credential = _CredentialField()
    all_optional = True

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        suggested = get_adapter().generate_authenticator_name(user, Authenticator.Type.WEBAUTHN)
        self.fields["name"].initial = suggested

    def clean(self) -> dict[str, Any]:
        wanted = self.cleaned_data
        if "credential" not in wanted:
            return wanted
        adapter = get_adapter()
        held = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN)
        if held.count() >= passkeys.MAX_PASSKEYS:
            raise adapter.validation_error("too_many_passkeys")
        made = passkeys.read(passkeys.Made, wanted["credential"])
        kept, told = passkeys.complete_registration(made)
        if wanted["alone"] and not told.is_user_verified():
            raise adapter.validation_error("bad_passkey")
        # The passkey is on the device already: it is not refused for the lack of a name.
        name = wanted.get("name") or self.fields["name"].initial
        return {**wanted, "name": name, "credential": kept}


class RenamePasskeyForm(allauth_forms.EditWebAuthnForm):
    name = _NameField()


class PasskeyForm(allauth_forms.AuthenticateWebAuthnForm):
    """As a second factor. Nothing can be guessed, so that wrong ones are not counted."""

    credential = _CredentialField()

    def clean_credential(self) -> Authenticator:
        used = passkeys.read(passkeys.Used, self.cleaned_data["credential"])
        user = self.user or passkeys.person_of(used)
        return passkeys.complete_authentication(user, used, by_itself=self.passwordless)


class PasskeyAgainForm(PasskeyForm):
    reauthenticated = True


class PasskeySignInForm(PasskeyForm):
    passwordless = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=None, **kwargs)
