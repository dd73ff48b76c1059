"""The admin's frame: who may enter, and the site's own doors in and out."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LogoutView
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.i18n import JavaScriptCatalog

from chat.accounts import second_factor
from chat.admin.desk import desk
from chat.admin.guarded import actor_of, is_staff, may_enter
from chat.admin.level import choices, level_view
from chat.admin.undo import undo_view
from chat.errors import ForbiddenError


class ChatAdminSite(admin.AdminSite):
    """Signing in, signing out and passwords are the site's own, with their throttles."""

    index_title = _("What there is to look after")
    site_url = "/"
    enable_nav_sidebar = True

    def get_urls(self) -> list[Any]:
        return [
            path("level/", self.admin_view(level_view), name="level"),
            path("undo/<uuid:click>/", self.admin_view(undo_view), name="undo"),
            *super().get_urls(),
        ]

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Nothing is deleted here, so there is nothing to offer it for.
        self.disable_action("delete_selected")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        context["site_title"] = context["site_header"] = settings.SITE_NAME
        return context

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def i18n_javascript(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """The words of the admin's scripts: Django's, and over them our own."""
        packages = ["django.contrib.admin", "chat"]
        return JavaScriptCatalog.as_view(packages=packages)(request)

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send people to the site's own pages. Raises ForbiddenError for whoever is no staff."""
        wanted = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
            wanted = reverse("admin:index")
        if self.has_permission(request):
            return redirect(wanted)
        if is_staff(request):
            return second_factor.lead_to_it(request, wanted)
        if request.user.is_authenticated:
            raise ForbiddenError
        return redirect_to_login(wanted, resolve_url(settings.LOGIN_URL))

    @method_decorator(never_cache)
    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return LogoutView.as_view()(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {**(extra_context or {})}
        if may_enter(request):
            found = desk(actor_of(request))
            context |= found | {"title": _("What needs you now"), "levels": choices(found["level"])}
        return super().index(request, context)
