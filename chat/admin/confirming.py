"""The page between choosing a list's action and doing it: what goes, what others will see.

A subclass of ``Confirmation`` says both in words and calls the action. A page lists its
confirmations in ``GuardedAdmin.confirmations``, and has with it the list's action, the
address ``<name>/?ids=1,2`` and its guard.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages as notes
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from chat.admin.columns import refused_sentence
from chat.admin.forms import reason_field
from chat.admin.searching import as_id
from chat.admin.undo import undo_link
from chat.errors import BusyError, ChatError

if TYPE_CHECKING:
    from chat.admin.guarded import GuardedAdmin

MOST_AT_ONCE = 200
TOO_MANY = gettext_lazy("That is too many at once: choose at most 200.")
LOOK = "look"
"""The button that shows the page again, with what the form says now."""


class ReasonForm(forms.Form):
    reason = reason_field()


class Confirmation:
    """One action of a list, asked about before it is done; made anew for each request.

    ``form`` asks for the reason and what else the action wants; its cleaned data is
    ``wanted`` here. All that one click does shares ``click``.
    """

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    """In the list of actions, with an ellipsis: a page follows."""
    title: ClassVar[str | Promise]
    button: ClassVar[str | Promise]
    leave: ClassVar[str | Promise] = gettext_lazy("Leave everything as it is")
    form: ClassVar[type[forms.Form]] = ReasonForm
    columns: ClassVar[Sequence[str | Promise]]
    can_undo: ClassVar[bool] = False
    """Whether what is done can be undone by ``chat/admin/undo.py``."""

    def __init__(self, model_admin: GuardedAdmin, request: HttpRequest) -> None:
        self.model_admin = model_admin
        self.request = request
        self.click = uuid.uuid4()
        self.refusals: list[str] = []

    @property
    def is_danger(self) -> bool:
        """Whether its button warns: what cannot be undone."""
        return not self.can_undo

    # --- What a subclass says ------------------------------------------------------------------

    def is_offered(self) -> bool:
        """Whether the list has this action for who asks. The action judges in any case."""
        return True

    def introduction(self) -> str:
        return ""

    def cells(self, row: Any) -> Sequence[object]:
        """One row of what is chosen, a cell for each of ``columns``."""
        raise NotImplementedError

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        """What others will see: whom it concerns, and the sentence as they read it."""
        raise NotImplementedError

    def act(self, row: Any, wanted: dict[str, Any]) -> None:
        """Call the action for one row, with ``action_id=self.click``."""
        raise NotImplementedError

    def act_on_all(self, wanted: dict[str, Any]) -> int:
        """Call the action for each row; return for how many it was done.

        What is refused to one does not hinder the rest. Where all go together or none
        does, a subclass calls its action once, and a ``ChatError`` stands on the page.
        """
        count = 0
        for row in self.chosen:
            try:
                self.act(row, wanted)
            except BusyError:
                raise
            except ChatError as refusal:
                self.refusals.append(refused_sentence(row, refusal))
            else:
                count += 1
        return count

    def done(self, count: int) -> str:
        """Say what was done, once it is."""
        raise NotImplementedError

    def rows(self) -> QuerySet[Any]:
        """The rows that may be chosen from, with what ``cells`` reads of them."""
        return self.model_admin.get_queryset(self.request)

    # --- The page ------------------------------------------------------------------------------

    @cached_property
    def chosen(self) -> list[Any]:
        """The rows of ``?ids=1,2``, in their order. Raises Http404 for none, or nonsense."""
        asked = self.request.GET.get("ids", "").split(",")
        ids = [found for part in asked if (found := as_id(part)) is not None]
        if not 0 < len(ids) <= MOST_AT_ONCE:
            raise Http404
        rows = {row.pk: row for row in self.rows().filter(pk__in=ids)}
        if not rows:
            raise Http404
        return [rows[pk] for pk in dict.fromkeys(ids) if pk in rows]

    def page(self) -> HttpResponse:
        """GET asks, POST does it and goes back; or shows what others would see."""
        data = self.request.POST if self.request.method == "POST" else None
        form = self.form(data, initial={"reason": self.request.GET.get("reason", "")})
        if form.is_valid() and LOOK not in self.request.POST:
            try:
                count = self.act_on_all(form.cleaned_data)
            except BusyError:
                raise
            except ChatError as refusal:
                self.refusals.append(refusal.text)
                count = 0
            if count:
                return self._went_well(count)
            for sentence in self.refusals:
                form.add_error(None, sentence)
        return TemplateResponse(self.request, "admin/chat/confirm.html", self._context(form))

    def _went_well(self, count: int) -> HttpResponse:
        sentence = self.done(count)
        if self.can_undo:
            sentence = format_html("{} {}", sentence, undo_link(self.click))
        notes.success(self.request, sentence)
        for refusal in self.refusals:
            notes.error(self.request, refusal)
        return redirect(self.way_back)

    def _context(self, form: forms.Form) -> dict[str, Any]:
        return {
            **self.model_admin.admin_site.each_context(self.request),
            "title": self.title,
            "opts": self.model_admin.opts,
            "media": self.model_admin.media + form.media,
            "confirmation": self,
            "form": form,
            "rows": [self.cells(row) for row in self.chosen],
            "seen": self.seen(_wanted(form)) if not form.is_bound or form.is_valid() else (),
        }

    @property
    def way_back(self) -> str:
        """The list; or the page of the one row, where its button led here."""
        model = self.model_admin.opts.model_name
        if "page" in self.request.GET and len(self.chosen) == 1:
            return reverse(f"admin:chat_{model}_change", args=[self.chosen[0].pk])
        return reverse(f"admin:chat_{model}_changelist")


def lead_to(
    name: str, model_admin: GuardedAdmin, request: HttpRequest, ticked: QuerySet[Model]
) -> HttpResponse:
    """Answer a list's action: go and ask about the ticked rows."""
    ids = list(ticked.order_by("-pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(ids) > MOST_AT_ONCE:
        model_admin.message_user(request, TOO_MANY, notes.ERROR)
        return redirect(request.get_full_path())
    query = {"ids": ",".join(map(str, ids))}
    if reason := request.POST.get("reason", "").strip():
        query["reason"] = reason
    address = reverse(f"admin:chat_{model_admin.opts.model_name}_{name}")
    return redirect(f"{address}?{urlencode(query)}")


def _wanted(form: forms.Form) -> dict[str, Any]:
    """What the form says: as it was sent, or as it stands at first."""
    if form.is_bound:
        return form.cleaned_data
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
