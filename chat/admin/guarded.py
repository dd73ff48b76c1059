"""What every page of the admin shares: writes go through actions, or are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from chat.admin.columns import refused_sentence
from chat.admin.confirming import Confirmation, lead_to
from chat.admin.entering import actor_of, click_of, is_staff, may_enter, rank_of
from chat.admin.forms import ActionForm, ReasonedListForm
from chat.admin.paging import BoundedList, BoundedPaginator
from chat.admin.refusing import RefusingAdmin
from chat.database import writing
from chat.errors import BusyError, ChatError

__all__ = ["GuardedAdmin", "actor_of", "click_of", "is_staff", "may_enter", "rank_of", "reason_of"]
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


class GuardedAdmin(RefusingAdmin):
    """Base of all. A subclass hands its fields to actions in ``save_model``.

    What an action refuses stands on the page as a sentence. Nothing that Django's admin
    would save or delete by itself is reached; where a subclass forgets, it is an error.
    """

    form = ActionForm
    action_form = ReasonedListForm
    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    empty_value_display = ""
    confirmations: Sequence[type[Confirmation]] = ()
    """The list's actions that have a page between choosing and doing."""
    stays_after_saving = True
    """Whether one may go on with a page that is saved; what is set once is not gone on with."""
    audit_filter = ""
    """The lookup of the audit's list that finds the entries about one row."""

    @property
    def media(self) -> forms.Media:
        # Without jQuery, whose loading alone breaks the Trusted Types of our policy.
        return forms.Media(js=["admin/js/core.js", "admin/js/actions.js"])

    # --- Who may -----------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_enter(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # For superusers too: rows are redacted, archived, switched off or revoked.
        return False

    # --- Forms -------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        page = super().changeform_view
        if request.method in SAFE_METHODS:
            return page(request, object_id, form_url, extra_context)
        try:
            # One transaction around all actions of a page: all of it is done, or nothing.
            with writing():
                return page(request, object_id, form_url, extra_context)
        except BusyError:
            raise
        except ChatError as refusal:
            # Rolled back. The page is made again, and says why as an error of the form.
            request.refusal = refusal  # type: ignore[attr-defined]
            return page(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return type(form.__name__, (form,), {"refusal": refusal})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {"show_save_and_add_another": False}
        if not self.stays_after_saving:
            context |= {"show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool
    ) -> None:
        for formset in formsets:
            self.save_formset(request, form, formset, change)

    # --- What was done is in the audit, not in Django's own log --------------------------------

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit entries about this row."""
        address = reverse("admin:chat_auditentry_changelist")
        if not self.audit_filter or not object_id.isdecimal():
            return redirect(address)
        return redirect(f"{address}?{self.audit_filter}={object_id}")

    # --- Actions that are asked about first ------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        model = self.opts.model_name
        own = [
            path(
                f"{asked.name}/",
                self.admin_site.admin_view(partial(self._confirm, asked)),
                name=f"chat_{model}_{asked.name}",
            )
            for asked in self.confirmations
        ]
        return [*own, *super().get_urls()]

    def _confirm(self, asked: type[Confirmation], request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        confirmation = asked(self, request)
        if not confirmation.is_offered():
            raise PermissionDenied
        return confirmation.page()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        for asked in self.confirmations:
            if asked(self, request).is_offered():
                actions[asked.name] = (partial(lead_to, asked.name), asked.name, asked.label)
        return actions

    # --- Lists -------------------------------------------------------------------------------

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedList

    def act_on_each(
        self,
        request: HttpRequest,
        rows: Iterable[Model],
        act: Callable[[Any, str], object],
        done: Callable[[int], str],
    ) -> None:
        """Call ``act(row, reason)`` for each ticked row; say how many, and what was refused.

        ``done`` puts the number into a sentence.
        """
        reason = reason_of(request)
        count = 0
        for row in rows:
            try:
                act(row, reason)
            except ChatError as refusal:
                self.message_user(request, refused_sentence(row, refusal), messages.ERROR)
            else:
                count += 1
        if count:
            self.message_user(request, done(count), messages.SUCCESS)


def reason_of(request: HttpRequest) -> str:
    """The reason that was given beside a list's action; the form has judged it already."""
    return request.POST.get("reason", "").strip()
