"""What Django's admin would do by itself, refused: it saves, deletes and logs nothing."""

from __future__ import annotations

from typing import Any, NoReturn

from django.contrib import admin
from django.http import HttpRequest

from chat.models.guarded import UnguardedWriteError


class RefusingAdmin(admin.ModelAdmin):
    """Were a page to forget its action, or a check to fail, nothing is written still."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        self._refuse("save")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        self._refuse("save")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._refuse("delete")

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        self._refuse("delete")

    def _refuse(self, verb: str) -> NoReturn:
        raise UnguardedWriteError(
            f"The admin would {verb} a {self.opts.verbose_name} by itself; call an action."
        )

    # --- What was done is in the audit, not in Django's own log --------------------------------

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[Any]:
        return []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        return None
