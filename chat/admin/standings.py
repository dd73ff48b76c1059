"""How somebody stands, as the pages show it: badges, states, and filters by them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from chat.models import AddressBan, Sanction, User
from chat.models.sanction import ACTIVE
from chat.standing import Standing, Standings

Kind = Sanction.Kind
LASTING = Q(kind__in=[Kind.MUTE, Kind.BAN])
STATES = {
    "active": gettext_lazy("in force"),
    "over": gettext_lazy("over"),
    "lifted": gettext_lazy("lifted"),
}
STANDINGS = {
    "ban": gettext_lazy("banned"),
    "mute": gettext_lazy("muted"),
}
_IN_A_ROOM = {
    "ban": gettext_lazy("banned from a room"),
    "mute": gettext_lazy("muted in a room"),
}


def state_of(row: Sanction | AddressBan) -> str:
    """Whether it bites: ``active``, ``lifted`` before its time, or ``over``."""
    if row.lifted_at is not None:
        return "lifted"
    is_kick = isinstance(row, Sanction) and row.kind == Kind.KICK
    is_over = row.expires_at is not None and row.expires_at <= timezone.now()
    return "over" if is_kick or is_over else "active"


def state_badge(row: Sanction | AddressBan) -> SafeString:
    state = state_of(row)
    return format_html('<span class="badge badge-{}">{}</span>', state, STATES[state])


def standing_badges(found: Standings | None) -> SafeString | str:
    """What bites somebody; a dash where nothing does."""
    if found is None:
        return "—"
    said: list[Standing] = [*found.bans.values(), *found.mutes.values()]
    if not said:
        return "—"
    return format_html_join(" ", '<span class="badge badge-active">{}</span>', map(_said, said))


def _said(standing: Standing) -> tuple[object]:
    words = STANDINGS if standing.room_id is None else _IN_A_ROOM
    return (words[standing.kind],)


class StateFilter(admin.SimpleListFilter):
    """In force, over by itself, or lifted; of sanctions."""

    title = gettext_lazy("state")
    parameter_name = "state"
    bites = ACTIVE & LASTING

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "active":
                return queryset.filter(self.bites)
            case "over":
                return queryset.filter(~self.bites, lifted_at__isnull=True)
            case "lifted":
                return queryset.filter(lifted_at__isnull=False)
        return queryset


class AddressStateFilter(StateFilter):
    """The same, of address bans."""

    bites = ACTIVE


class WhereFilter(admin.SimpleListFilter):
    """On the whole site, or in a room."""

    title = gettext_lazy("where")
    parameter_name = "where"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("site", gettext_lazy("on the whole site")), ("room", gettext_lazy("in a room"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("site", "room"):
            return queryset.filter(room__isnull=self.value() == "site")
        return queryset


class StandingFilter(admin.SimpleListFilter):
    """People who are muted or banned now, wherever it is."""

    title = gettext_lazy("sanctions in force")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STANDINGS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        if self.value() not in STANDINGS:
            return queryset
        biting = Sanction.objects.filter(ACTIVE, kind=self.value(), user=OuterRef("pk"))
        return queryset.filter(Exists(biting))
