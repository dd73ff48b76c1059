"""Address bans: set, read and lifted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.actions import addresses
from chat.address import request_address
from chat.admin.columns import person_link
from chat.admin.forms import ActionForm, ListForm, note_field, reason_field
from chat.admin.guarded import GuardedAdmin, click_of, may_enter
from chat.admin.lifting import LiftAddressBans
from chat.admin.searching import as_id
from chat.admin.standings import AddressStateFilter, state_badge
from chat.admin.terms import TermForm, end_sentence, term_of
from chat.models import AddressBan


class AddressBanForm(TermForm, ActionForm):
    reason = reason_field()
    note = note_field()

    class Meta:
        model = AddressBan
        fields = ["network"]
        help_texts = {
            "network": gettext_lazy(
                "Such as 203.0.113.7, or 203.0.113.0/24. Everybody from there is kept out, but for"
                " staff; an IPv6 address stands for the network of one customer."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "network" in self.fields:
            self.fields["network"].widget.attrs.update(dir="ltr", autocomplete="off")


@admin.register(AddressBan)
class AddressBanAdmin(GuardedAdmin):
    form = AddressBanForm
    action_form = ListForm
    stays_after_saving = False
    confirmations = (LiftAddressBans,)
    list_display = ["network", "reason", "since", "until", "state", "by"]
    list_filter = [AddressStateFilter]
    list_select_related = ["actor", "lifted_by"]
    search_fields = ["network"]
    search_help_text = gettext_lazy("The beginning of an address, or #number")
    sortable_by = ()
    ordering = ["-id"]
    change_form_template = "admin/chat/address_ban.html"
    facts = ["network", "reason", "note", "since", "until", "state", "by", "lifted"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["network", "term", "until", "reason", "note"]
        return self.facts

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else self.facts

    def get_queryset(self, request: HttpRequest) -> QuerySet[AddressBan]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AddressBan], search_term: str
    ) -> tuple[QuerySet[AddressBan], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith("#") and (ban_id := as_id(term)) is not None:
            return queryset.filter(pk=ban_id), False
        return queryset.filter(network__startswith=term.lower()), False

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("since"))
    def since(self, ban: AddressBan) -> str:
        return end_sentence(ban.created_at)

    @admin.display(description=gettext_lazy("until"))
    def until(self, ban: AddressBan) -> str:
        return end_sentence(ban.expires_at)

    @admin.display(description=gettext_lazy("state"))
    def state(self, ban: AddressBan) -> SafeString:
        return state_badge(ban)

    @admin.display(description=gettext_lazy("by"))
    def by(self, ban: AddressBan) -> SafeString | str:
        return person_link(ban.actor)

    @admin.display(description=gettext_lazy("lifted"))
    def lifted(self, ban: AddressBan) -> SafeString | str:
        if ban.lifted_at is None:
            return "—"
        return format_html("{} · {}", end_sentence(ban.lifted_at), person_link(ban.lifted_by))

    # --- Writes ------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: AddressBan, form: Any, change: bool) -> None:
        wanted = form.cleaned_data
        made = addresses.ban_address(
            actor=request.user,
            network=wanted["network"],
            own_address=request_address(request),
            reason=wanted["reason"],
            note=wanted["note"],
            action_id=click_of(request),
            **term_of(wanted),
        )
        obj.pk = made.pk
        obj.refresh_from_db()

    def response_add(
        self, request: HttpRequest, obj: AddressBan, post_url_continue: str | None = None
    ) -> HttpResponse:
        said = _("Nobody comes in from %(network)s now, but for staff.") % {"network": obj.network}
        messages.success(request, said)
        return redirect("admin:chat_addressban_changelist")
