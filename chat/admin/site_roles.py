"""Roles on the site, as the list of people shows, filters and offers them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from chat.models import User
from chat.ranks import ADMINISTRATORS, MODERATORS, Rank

LABELS: dict[str, str | Promise] = {
    "": gettext_lazy("none"),
    "moderator": gettext_lazy("moderator"),
    "administrator": gettext_lazy("administrator"),
    "owner": pgettext_lazy("site", "owner"),
}
_RANKS = {"": Rank.PERSON, "moderator": Rank.MODERATOR, "administrator": Rank.ADMINISTRATOR}
_GROUPS = {"administrator": ADMINISTRATORS, "moderator": MODERATORS}


def role_of(person: User) -> str:
    """The role on the site, from groups that are read already: no query for a row."""
    if person.is_superuser:
        return "owner"
    if not person.is_staff:
        return ""
    names = {group.name for group in person.groups.all()}
    return next((role for role, group in _GROUPS.items() if group in names), "")


def role_label(person: User) -> str:
    role = role_of(person)
    return str(LABELS[role]) if role else "—"


def choices_for(rank: Rank) -> list[tuple[str, str | Promise]]:
    """What somebody of ``rank`` may give: what is below themselves."""
    return [(role, LABELS[role]) for role, given in _RANKS.items() if given < rank]


class SiteRoleFilter(admin.SimpleListFilter):
    """Owners, administrators, moderators; or nobody of them."""

    title = gettext_lazy("role on the site")
    parameter_name = "site_role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none" if role == "" else role, label) for role, label in LABELS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case "owner":
                return queryset.filter(is_superuser=True)
            case "none":
                return queryset.filter(is_superuser=False, is_staff=False)
            case "moderator" | "administrator" as role:
                staff = queryset.filter(is_superuser=False, is_staff=True)
                return staff.filter(groups__name=_GROUPS[role])
        return queryset


class JoinedFilter(admin.SimpleListFilter):
    """Who is new here."""

    title = gettext_lazy("joined")
    parameter_name = "joined"
    since = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("hour", gettext_lazy("in the last hour")),
            ("day", gettext_lazy("in the last day")),
            ("week", gettext_lazy("in the last week")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        last = self.since.get(self.value() or "")
        if last is None:
            return queryset
        return queryset.filter(date_joined__gte=timezone.now() - last)
