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
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.i18n import JavaScriptCatalog

from chat.errors import ForbiddenError
from chat.models import AuditEntry

RECENT_ENTRIES = 12


class ChatAdminSite(admin.AdminSite):
    """Signing in, signing out and passwords are the site's own, with their throttles."""

    index_title = _("What there is to look after")
    site_url = "/"
    enable_nav_sidebar = True

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Nothing is deleted here, so there is nothing to offer it for.
        self.disable_action("delete_selected")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        context["site_title"] = context["site_header"] = settings.SITE_NAME
        return context

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
        """Send people to the site's own page. Raises ForbiddenError for whoever is no staff."""
        wanted = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
            wanted = reverse("admin:index")
        if self.has_permission(request):
            return redirect(wanted)
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
        entries = AuditEntry.objects.select_related("actor", "target", "room", "message")
        return super().index(
            request, {"audit_entries": entries[:RECENT_ENTRIES], **(extra_context or {})}
        )
