"""One's own profile, and the pictures of all."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chat import avatars, names, pictures
from chat.accounts import second_factor
from chat.actions.profile import time_zones, update_profile
from chat.errors import BadFieldError, BadNameError, BadPictureError, ChatError, NameTakenError
from chat.models import User
from chat.views.preferences import THEME_COOKIE, THEMES, theme_of

YEAR_S = 365 * 24 * 3600


class ProfileForm(forms.Form):
    """What a person says of themselves; judged by the action."""

    # Nothing here has to be filled in, so that no field says so.
    all_optional = True

    display_name = forms.CharField(
        label=gettext_lazy("Display name"),
        max_length=names.MAX_NAME_CHARS,
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
    )
    hue = forms.TypedChoiceField(
        label=gettext_lazy("Colour"),
        coerce=int,
        choices=[(hue, hue) for hue in range(0, 360, avatars.HUE_STEP)],
        widget=forms.RadioSelect,
    )
    picture = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy("PNG, JPEG, WebP or GIF, at most 10 MB. It is cut to a square."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"}),
    )
    remove_picture = forms.BooleanField(label=gettext_lazy("Remove my picture"), required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("As the browser says")), *settings.LANGUAGES],
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        required=False,
        max_length=64,
        help_text=gettext_lazy("Type a city, such as Shanghai. Empty: as the browser says."),
        widget=forms.TextInput(
            attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    theme = forms.ChoiceField(
        label=gettext_lazy("Appearance"),
        required=False,
        choices=[
            ("", gettext_lazy("As the device says")),
            ("light", gettext_lazy("Light")),
            ("dark", gettext_lazy("Dark")),
        ],
    )

    def refuse(self, error: ChatError) -> None:
        """Say what the action refused, beside the field that it is about."""
        fields: dict[type[ChatError], str] = {
            BadNameError: "display_name",
            NameTakenError: "display_name",
            BadPictureError: "picture",
            BadFieldError: "time_zone",
        }
        self.add_error(fields.get(type(error)), error.text)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    form = ProfileForm(request.POST or None, request.FILES or None, initial=_initial(request, user))
    if form.is_valid():
        wanted = {**form.cleaned_data}
        theme = wanted.pop("theme")
        try:
            fresh = update_profile(actor=user, **wanted)
        except (BadNameError, NameTakenError, BadFieldError, BadPictureError) as error:
            form.refuse(error)
        else:
            return _saved(request, fresh, theme)
    address = EmailAddress.objects.filter(user=user).order_by("-primary", "-pk").first()
    factors = list(second_factor.held_by(user).values_list("type", flat=True))
    context = {
        "has_app": Authenticator.Type.TOTP in factors,
        "passkey_count": factors.count(Authenticator.Type.WEBAUTHN),
        "form": form,
        "time_zones": time_zones(),
        "address": address,
        "here": "profile",
    }
    return render(request, "chat/profile.html", context)


def _initial(request: HttpRequest, user: User) -> dict[str, Any]:
    return {
        "display_name": user.display_name,
        "hue": user.hue // avatars.HUE_STEP * avatars.HUE_STEP,
        "language": user.language,
        "time_zone": user.time_zone,
        "theme": theme_of(request),
    }


def _saved(request: HttpRequest, user: User, theme: str) -> HttpResponse:
    """Back to the page, which now speaks the chosen language, and so does the notice."""
    with translation.override(user.language or translation.get_language()):
        messages.success(request, _("Your profile was saved."))
    response = redirect("chat:profile")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR_S, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A person's picture, for everybody who is signed in. Its name never means another one."""
    path = f"pictures/{name}"
    is_ours = pictures.FILE_NAME.fullmatch(name) is not None
    if not (isinstance(request.user, User) and is_ours and default_storage.exists(path)):
        raise Http404
    with default_storage.open(path) as file:
        response = HttpResponse(file.read(), content_type="image/webp")
    response["Cache-Control"] = f"private, max-age={YEAR_S}, immutable"
    response["Content-Disposition"] = "inline"
    return response
