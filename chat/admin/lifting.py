"""End sanctions and address bans before their time: the page that asks about it first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.actions import addresses, sanctions
from chat.admin.columns import person_link, room_link
from chat.admin.confirming import Confirmation
from chat.admin.terms import end_sentence
from chat.models import AddressBan, Sanction


def freed_sentence(sanction: Sanction) -> str:
    """What is so for its person once it is lifted."""
    if sanction.kind == Sanction.Kind.MUTE:
        return _("They can write again, at once.")
    return _("They can come in again, and are where they were before.")


class LiftSanctions(Confirmation):
    name = "lift"
    label = gettext_lazy("Lift before its time…")
    title = gettext_lazy("Lift sanctions")
    button = gettext_lazy("Lift")
    is_danger = False
    columns = (
        gettext_lazy("person"),
        gettext_lazy("sanction"),
        gettext_lazy("where"),
        gettext_lazy("until"),
    )

    def cells(self, row: Sanction) -> Sequence[object]:
        where = room_link(row.room) if row.room else _("the whole site")
        return person_link(row.user), row.get_kind_display(), where, end_sentence(row.expires_at)

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        return [(person_link(sanction.user), freed_sentence(sanction)) for sanction in self.chosen]

    def act(self, row: Sanction, wanted: dict[str, Any]) -> None:
        sanctions.lift(
            actor=self.request.user,
            sanction_id=row.pk,
            reason=wanted["reason"],
            action_id=self.click,
        )

    def done(self, count: int) -> str:
        return ngettext("%d sanction is lifted.", "%d sanctions are lifted.", count) % count


class LiftAddressBans(Confirmation):
    name = "lift"
    label = gettext_lazy("Lift before its time…")
    title = gettext_lazy("Lift address bans")
    button = gettext_lazy("Lift")
    is_danger = False
    columns = (gettext_lazy("address or network"), gettext_lazy("until"))

    def cells(self, row: AddressBan) -> Sequence[object]:
        return row.network, end_sentence(row.expires_at)

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        everybody = _("Everybody from there")
        return [(everybody, _("They can come in again, but for who is banned by name."))]

    def act(self, row: AddressBan, wanted: dict[str, Any]) -> None:
        addresses.lift_address_ban(
            actor=self.request.user,
            ban_id=row.pk,
            reason=wanted["reason"],
            action_id=self.click,
        )

    def done(self, count: int) -> str:
        return ngettext("%d ban is lifted.", "%d bans are lifted.", count) % count
