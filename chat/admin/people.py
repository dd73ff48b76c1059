"""People: looked for, switched off and on, signed out, sanctioned, given roles."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy, ngettext

from chat import names
from chat.actions import accounts, site_roles
from chat.admin import redact_all
from chat.admin.guarded import actor_of, click_of
from chat.admin.person_page import PersonPage
from chat.admin.sanctioning import BanPeople, KickPeople, MutePeople
from chat.admin.searching import as_id
from chat.admin.second_factors import ResetSecondFactor
from chat.admin.site_roles import JoinedFilter, SiteRoleFilter
from chat.admin.standings import StandingFilter
from chat.models import User

TOO_MANY = gettext_lazy("That is too many at once: choose at most %d people.")


@admin.register(User)
class PersonAdmin(PersonPage):
    list_display = ["display_name", "kind", "site_role", "is_active", "date_joined", "last_login"]
    list_filter = [JoinedFilter, StandingFilter, SiteRoleFilter, "is_active", "kind"]
    search_fields = ["name_skeleton"]
    search_help_text = gettext_lazy("A part of the name, or #number")
    ordering = ["-id"]
    actions = [
        "redact",
        *("deactivate", "activate", "sign_out_everywhere"),
        *("make_moderator", "make_administrator", "take_role"),
    ]
    confirmations = (MutePeople, BanPeople, KickPeople, ResetSecondFactor)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if not search_term.strip():
            return queryset, False
        user_id = as_id(search_term)
        if user_id is not None:
            return queryset.filter(pk=user_id), False
        return queryset.filter(name_skeleton__contains=names.skeleton(search_term)), False

    @admin.action(description=gettext_lazy("Redact what they said…"))
    def redact(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
        """Ask about it on the page that does so."""
        ids = list(queryset.order_by("pk").values_list("pk", flat=True))
        if len(ids) > redact_all.PEOPLE_AT_ONCE:
            self.message_user(request, TOO_MANY % redact_all.PEOPLE_AT_ONCE, messages.ERROR)
            return redirect(request.get_full_path())
        return redirect(redact_all.address(ids, None))

    @admin.action(description=gettext_lazy("Switch off: sign out and keep out"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=False)

    @admin.action(description=gettext_lazy("Switch on again"))
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=True)

    def _set_active(self, request: HttpRequest, rows: QuerySet[User], *, active: bool) -> None:
        def done(n: int) -> str:
            if active:
                return ngettext("%d account is on.", "%d accounts are on.", n) % n
            return ngettext("%d account is off.", "%d accounts are off.", n) % n

        self.act_on_each(
            request,
            rows,
            lambda person, reason: accounts.set_active(
                actor=actor_of(request),
                user_id=person.pk,
                active=active,
                reason=reason,
                action_id=click_of(request),
            ),
            done,
        )

    @admin.action(description=gettext_lazy("Sign out everywhere"))
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self.act_on_each(
            request,
            queryset,
            lambda person, reason: accounts.end_sessions(
                actor=actor_of(request), user=person, reason=reason, action_id=click_of(request)
            ),
            lambda n: ngettext("%d person is signed out.", "%d people are signed out.", n) % n,
        )

    @admin.action(
        description=gettext_lazy("Make moderator of the site"), permissions=["administer"]
    )
    def make_moderator(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_roles(request, queryset, "moderator")

    @admin.action(description=gettext_lazy("Make administrator of the site"), permissions=["own"])
    def make_administrator(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_roles(request, queryset, "administrator")

    @admin.action(
        description=gettext_lazy("Take the role on the site away"), permissions=["administer"]
    )
    def take_role(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_roles(request, queryset, "")

    def _set_roles(self, request: HttpRequest, rows: QuerySet[User], role: str) -> None:
        self.act_on_each(
            request,
            rows,
            lambda person, reason: site_roles.set_site_role(
                actor=actor_of(request),
                user_id=person.pk,
                site_role=role,
                reason=reason,
                action_id=click_of(request),
            ),
            lambda n: ngettext("%d role is set.", "%d roles are set.", n) % n,
        )
