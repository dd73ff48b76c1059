"""Where django-allauth asks the site: names, sign-up, addresses, mail, sessions."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from chat import names
from chat.accounts import letters
from chat.actions import accounts
from chat.actions.credentials import check_name_free
from chat.actions.invitations import check_may_register
from chat.address import request_address, throttle_address
from chat.errors import ChatError
from chat.models import User
from chat.policy import Actor

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Translates: what is decided, is decided in ``chat/actions`` and ``chat/names.py``."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is switched off."),
        "email_password_mismatch": _("Name or password is wrong."),
        "username_password_mismatch": _("Name or password is wrong."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _("Too many attempts. Please wait five minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        try:
            check_may_register(request.GET.get("invitation", ""))
        except ChatError as error:
            page = render(
                request, "account/signup_closed.html", {"reason": error.text}, status=error.status
            )
            raise ImmediateHttpResponse(page) from error
        return True

    def clean_username(self, username: str, shallow: bool = False) -> str:
        try:
            name = names.clean_name(username)
            check_name_free(name)
        except ChatError as error:
            raise forms.ValidationError(error.text, code=error.code) from error
        return name

    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        return accounts.register(
            actor=request.user,
            display_name=form.cleaned_data["username"],
            email=form.cleaned_data.get("email") or "",
            password=form.cleaned_data["password1"],
            invitation=request.GET.get("invitation", ""),
        )

    def set_password(self, user: User, password: str) -> None:
        accounts.change_password(actor=user, password=password)

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            accounts.end_session(actor=user)

    def get_reauthentication_methods(self, user: Actor) -> list[dict[str, Any]]:
        """Whoever has a second factor shows that: a password alone must not take it away."""
        methods = super().get_reauthentication_methods(user)
        shown = [method for method in methods if method["id"] != "reauthenticate"]
        if not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            shown.reverse()  # A passkey first, and recovery codes after it.
        return shown or methods

    def get_client_ip(self, request: HttpRequest) -> str:
        return throttle_address(request_address(request))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Counted by account and address together, so that nobody can lock another
        # person out of their account from afar.
        return f"{self._account_key(**credentials)}:{self.get_client_ip(request)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        # And by account alone, with more room: many addresses can be one attacker.
        self._anywhere = ratelimit.consume(
            request,
            app="allauth.account",
            action="login_anywhere",
            key=self._account_key(**credentials),
        )
        if not self._anywhere:
            super()._rollback_login_failed_rl_usage()
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        super()._rollback_login_failed_rl_usage()
        self._anywhere.rollback()

    def _account_key(self, **credentials: Any) -> str:
        typed = credentials.get("email") or credentials.get("username") or ""
        return names.skeleton(typed)

    def format_email_subject(self, subject: str) -> str:
        return f"{subject} · {settings.SITE_NAME}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter, or say in the log that it could not be sent.

        Whoever signs up is not to fail because the post office is closed; and whether
        there was a letter to send must not be told by an error.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            # Without the trace: a mail server's answer names the address.
            logger.warning("a letter (%s) was not sent: %s", template_prefix, type(error).__name__)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """The text is the letter; its HTML form is made from it."""
        message = super().render_mail(template_prefix, email, context, headers)
        message.body = letters.tidy(message.body)
        html = letters.as_html(message.body, message.subject, get_language() or "en")
        message.attach_alternative(html, "text/html")
        return message
