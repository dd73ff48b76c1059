"""Sanctions: looked for, read, set and lifted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.actions import sanctions
from chat.admin.columns import person_link, room_link
from chat.admin.forms import ListForm
from chat.admin.guarded import GuardedAdmin, click_of, may_enter
from chat.admin.lifting import LiftSanctions
from chat.admin.sanction_forms import SanctionForm
from chat.admin.searching import as_id, narrowed
from chat.admin.standings import StateFilter, WhereFilter, state_badge, state_of
from chat.admin.terms import end_sentence, term_of
from chat.admin.undo import undo_link
from chat.models import Room, Sanction
from chat.standing import Standing, sentence_of

Kind = Sanction.Kind


@admin.register(Sanction)
class SanctionAdmin(GuardedAdmin):
    form = SanctionForm
    action_form = ListForm
    stays_after_saving = False
    confirmations = (LiftSanctions,)
    list_display = ["number", "person", "kind", "where", "reason", "since", "until", "state"]
    list_filter = [StateFilter, "kind", WhereFilter]
    list_select_related = ["user", "room"]
    search_fields = ["pk"]
    search_help_text = gettext_lazy("The name of a person or of a room, or #number")
    sortable_by = ()
    ordering = ["-id"]
    change_form_template = "admin/chat/sanction.html"
    facts = [
        *("person", "kind", "where", "reason", "note", "since", "until", "state", "by"),
        *("lifted", "told", "of_one_click"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_enter(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return ["person", "kind", "room", "term", "until", "reason", "note"]
        return self.facts

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else self.facts

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sanction]:
        return super().get_queryset(request).select_related("user", "room", "actor", "lifted_by")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Sanction], search_term: str
    ) -> tuple[QuerySet[Sanction], bool]:
        if not search_term.strip():
            return queryset, False
        sanction_id = as_id(search_term)
        if sanction_id is not None:
            return queryset.filter(pk=sanction_id), False
        return narrowed(queryset, person="user_id", room="room_id", term=search_term), False

    # --- Columns -----------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("number"))
    def number(self, sanction: Sanction) -> str:
        return f"#{sanction.pk}"

    @admin.display(description=gettext_lazy("person"))
    def person(self, sanction: Sanction) -> SafeString | str:
        return person_link(sanction.user)

    @admin.display(description=gettext_lazy("where"))
    def where(self, sanction: Sanction) -> SafeString | str:
        return room_link(sanction.room) if sanction.room else _("the whole site")

    @admin.display(description=gettext_lazy("since"))
    def since(self, sanction: Sanction) -> str:
        return end_sentence(sanction.created_at)

    @admin.display(description=gettext_lazy("until"))
    def until(self, sanction: Sanction) -> str:
        return "—" if sanction.kind == Kind.KICK else end_sentence(sanction.expires_at)

    @admin.display(description=gettext_lazy("state"))
    def state(self, sanction: Sanction) -> SafeString:
        return state_badge(sanction)

    @admin.display(description=gettext_lazy("by"))
    def by(self, sanction: Sanction) -> SafeString | str:
        return person_link(sanction.actor)

    @admin.display(description=gettext_lazy("lifted"))
    def lifted(self, sanction: Sanction) -> SafeString | str:
        if sanction.lifted_at is None:
            return "—"
        who = person_link(sanction.lifted_by)
        return format_html("{} · {}", end_sentence(sanction.lifted_at), who)

    @admin.display(description=gettext_lazy("what the person reads"))
    def told(self, sanction: Sanction) -> str:
        return str(sentence_of(standing_from(sanction))) if state_of(sanction) == "active" else "—"

    @admin.display(description=gettext_lazy("done with the same click"))
    def of_one_click(self, sanction: Sanction) -> SafeString:
        address = reverse("admin:chat_auditentry_changelist")
        return format_html(
            '<a href="{}?action_id={}">{}</a>', address, sanction.action_id, _("In the audit")
        )

    # --- Writes ------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Sanction, form: Any, change: bool) -> None:
        wanted = form.cleaned_data
        term = {} if wanted["kind"] == Kind.KICK else term_of(wanted)
        act = {Kind.MUTE: sanctions.mute, Kind.BAN: sanctions.ban, Kind.KICK: sanctions.kick}
        room: Room | None = wanted["room"]
        made = act[Kind(wanted["kind"])](
            actor=request.user,
            user_id=wanted["person"].pk,
            room_id=room.pk if room is not None else None,
            reason=wanted["reason"],
            note=wanted["note"],
            action_id=click_of(request),
            **term,
        )
        obj.pk = made.pk
        obj.refresh_from_db()

    def response_add(
        self, request: HttpRequest, obj: Sanction, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Say what the person reads now, with the link that undoes it."""
        said = _("Done. %(who)s reads: %(sentence)s") % {
            "who": obj.user.display_name,
            "sentence": sentence_of(standing_from(obj)),
        }
        if obj.kind != Kind.KICK:
            said = format_html("{} {}", said, undo_link(click_of(request)))
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:chat_sanction_changelist")


def standing_from(sanction: Sanction) -> Standing:
    """The sanction as it bites, to say what its person reads."""
    return Standing(
        pk=sanction.pk,
        kind=sanction.kind,
        user_id=sanction.user_id,
        room_id=sanction.room_id,
        reason=sanction.reason,
        until=sanction.expires_at if sanction.kind != Kind.KICK else None,
    )
