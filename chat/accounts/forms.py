"""allauth's forms, in the words of this site."""

from __future__ import annotations

from typing import Any, cast

from allauth.account import forms as allauth_forms
from django import forms
from django.utils.translation import gettext_lazy as _

from chat import names

PASSWORD_HINT = _("At least 8 characters, and not one that is easy to guess.")


class _Plain(forms.Form):
    """No placeholders: they repeat the label, and vanish when one needs them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(_Plain, allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = cast(forms.CharField, self.fields["login"])
        login.label = _("Name or e-mail address")
        login.max_length = 254
        login.widget.attrs.update(
            autocomplete="username", autocapitalize="none", autofocus=True, maxlength=254
        )
        self.fields["password"].help_text = ""


class SignUpForm(_Plain, allauth_forms.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["username"]
        name.label = _("Display name")
        name.help_text = _("What others see. It can be changed later.")
        name.widget.attrs.update(autofocus=True, maxlength=names.MAX_NAME_CHARS, dir="auto")
        email = self.fields["email"]
        email.label = _("E-mail address")
        email.help_text = _("Only to set a new password when the old one is forgotten.")
        self.fields["password1"].help_text = PASSWORD_HINT


class ChangePasswordForm(_Plain, allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["oldpassword"].help_text = ""
        _name_new_passwords(self)


class NewPasswordForm(_Plain, allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_new_passwords(self)


class SetPasswordForm(_Plain, allauth_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _name_new_passwords(self)


class ForgottenPasswordForm(_Plain, allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")


class AddressForm(_Plain, allauth_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")


class ConfirmPasswordForm(_Plain, allauth_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""


def _name_new_passwords(form: forms.Form) -> None:
    form.fields["password1"].label = _("New password")
    form.fields["password1"].help_text = PASSWORD_HINT
    form.fields["password2"].label = _("New password, again")
