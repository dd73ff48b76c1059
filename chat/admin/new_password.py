"""The page on which an owner of the site gives somebody a new password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from chat.actions import people
from chat.admin.forms import reason_field
from chat.errors import BusyError, ChatError

if TYPE_CHECKING:
    from chat.admin.person_page import PersonPage

PASSWORD_CHARS = 128
hidden_password = sensitive_post_parameters("password")


def password_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        max_length=PASSWORD_CHARS,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=gettext_lazy("They can change it on their profile page."),
    )


class PasswordForm(forms.Form):
    password = password_field()
    reason = reason_field()


def page(request: HttpRequest, model_admin: PersonPage, user_id: int) -> HttpResponse:
    """Ask for a new password for somebody, and set it; for owners of the site."""
    people.check_owner(request.user)
    person = model_admin.get_object(request, str(user_id))
    if person is None:
        raise Http404
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            people.set_password(actor=request.user, user_id=person.pk, **form.cleaned_data)
        except BusyError:
            raise
        except ChatError as refusal:
            form.add_error("password", refusal.text)
        else:
            messages.success(request, _("The new password is set."))
            return redirect("admin:chat_user_change", person.pk)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("New password"),
        "subtitle": str(person),
        "opts": model_admin.opts,
        "media": model_admin.media,
        "form": form,
        "original": person,
    }
    return TemplateResponse(request, "admin/chat/password.html", context)
