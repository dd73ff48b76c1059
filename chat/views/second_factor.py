"""The pages around second factors: allauth's own, with what our sessions and staff need."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base import views as base
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db import IntegrityError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from chat import policy
from chat.accounts import codes, second_factor
from chat.accounts.factor_forms import ActivateAppForm
from chat.actions import accounts

Type = Authenticator.Type


class _SaysWhy:
    """Staff that was led here reads why; see ``second_factor.lead_to_it``."""

    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "asked_of_staff": second_factor.is_missing(self.request)}


class Overview(_SaysWhy, base.IndexView):
    """What one has, and what one could have."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        held = context["authenticators"]
        left = total = 0
        if Type.RECOVERY_CODES in held:
            data = held[Type.RECOVERY_CODES].instance.data
            total = settings.MFA_RECOVERY_CODE_COUNT
            left = total - data["used_mask"].bit_count()
        return {
            **context,
            "app": held.get(Type.TOTP),
            "passkeys": held.get(Type.WEBAUTHN, []),
            "codes_left": left,
            "codes_total": total,
        }


@method_decorator(never_cache, name="dispatch")
class ActivateApp(totp.ActivateTOTPView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        return {**context, "secret_in_groups": " ".join(groups)}

    def form_valid(self, form: ActivateAppForm) -> HttpResponse:
        is_first = not second_factor.has_one(self.request.user)
        try:
            answer = super().form_valid(form)
        except IntegrityError:
            # Another window was quicker, and its app is the one that counts.
            return redirect("mfa_index")
        app = Authenticator.objects.get(user=self.request.user, type=Type.TOTP)
        codes.use_up(app, form.counter)
        _made(self.request, app, is_first=is_first)
        return answer


class _SaysWhatEnds:
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {**context, "is_last": second_factor.held_by(self.request.user).count() == 1}


class DeactivateApp(_SaysWhatEnds, totp.DeactivateTOTPView):
    def form_valid(self, form: Form) -> HttpResponse:
        answer = super().form_valid(form)
        _removed(self.request)
        return answer


@method_decorator(never_cache, name="dispatch")
class RecoveryCodes(recovery_codes.ViewRecoveryCodesView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        codes = [f"{code[:4]} {code[4:]}" for code in context["unused_codes"]]
        required = settings.REQUIRE_STAFF_SECOND_FACTOR and self.request.user.is_staff
        return {**context, "unused_codes": codes, "leads_to_admin": required}


class AddPasskey(webauthn.AddWebAuthnView):
    def form_valid(self, form: Form) -> HttpResponse:
        is_first = not second_factor.has_one(self.request.user)
        answer = super().form_valid(form)
        mine = Authenticator.objects.filter(user=self.request.user, type=Type.WEBAUTHN)
        _made(self.request, mine.latest("pk"), is_first=is_first)
        return answer


class RenamePasskey(webauthn.EditWebAuthnView):
    success_url = reverse_lazy("mfa_index")


class RemovePasskey(_SaysWhatEnds, webauthn.RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Form) -> HttpResponse:
        answer = super().form_valid(form)
        _removed(self.request)
        return answer


class Authenticate(base.AuthenticateView):
    """After the password: a code, or a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = Authenticator.objects.filter(user=self.stage.login.user)
        types = set(held.values_list("type", flat=True))
        return {
            **super().get_context_data(**kwargs),
            "has_app": Type.TOTP in types,
            "has_passkey": Type.WEBAUTHN in types,
        }


class ReauthenticateByCode(_SaysWhy, base.ReauthenticateView):
    pass


class ReauthenticateByPasskey(_SaysWhy, webauthn.ReauthenticateWebAuthnView):
    pass


class PasskeyList(RedirectView):
    """They are on the overview."""

    pattern_name = "mfa_index"


def _made(request: HttpRequest, factor: Authenticator, *, is_first: bool) -> None:
    """Whoever sets a factor up has shown it. With the first, sessions without one are over."""
    post_authentication(request, factor, reauthenticated=True)
    if is_first:
        _end_sessions_elsewhere(request)


def _removed(request: HttpRequest) -> None:
    """Whoever has a lost device in hand may have signed in with it."""
    second_factor.forget_gone(request)
    _end_sessions_elsewhere(request)


def _end_sessions_elsewhere(request: HttpRequest) -> None:
    me = policy.check_signed_in(request.user)
    accounts.end_sessions(actor=me, user=me)
    me.refresh_from_db(fields=["session_generation"])
    update_session_auth_hash(request, me)
