"""What the list of rooms can be narrowed by."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.models import Room


class ArchivedFilter(admin.SimpleListFilter):
    """Archived, or open to be written in."""

    title = _("archived")
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("archived")), ("no", _("not archived"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        if self.value() in ("yes", "no"):
            return queryset.filter(archived_at__isnull=self.value() == "no")
        return queryset


class SlowModeFilter(admin.SimpleListFilter):
    """In slow mode, or not."""

    title = _("slow mode")
    parameter_name = "slow"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("in slow mode")), ("no", _("not in slow mode"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Room]) -> QuerySet[Room]:
        if self.value() == "yes":
            return queryset.filter(slow_mode_s__gt=0)
        return queryset.filter(slow_mode_s=0) if self.value() == "no" else queryset
