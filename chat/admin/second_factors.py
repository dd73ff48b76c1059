"""Take the second factor off accounts whose owners lost theirs: asked about first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.accounts.second_factor import has_one
from chat.actions.second_factor import reset_second_factor
from chat.admin.columns import person_link
from chat.admin.confirming import Confirmation
from chat.admin.guarded import rank_of
from chat.errors import ChatError
from chat.models import User
from chat.ranks import Rank


class ResetSecondFactor(Confirmation):
    name = "second_factor"
    label = gettext_lazy("Remove a lost second factor…")
    title = gettext_lazy("Remove a lost second factor")
    button = gettext_lazy("Remove it")
    columns = (gettext_lazy("person"), gettext_lazy("kind"))

    def is_offered(self) -> bool:
        return rank_of(self.request) >= Rank.ADMINISTRATOR

    def rows(self) -> QuerySet[Any]:
        return User.objects.all()

    def introduction(self) -> str:
        return _(
            "Their password alone lets them in again, until they set up another. Be sure that it is"
            " they who ask: by a voice that you know, not by a message."
        )

    def cells(self, row: User) -> Sequence[object]:
        return person_link(row), row.get_kind_display()

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        return [
            (_("They"), _("They are signed out everywhere, and a letter tells them.")),
            (_("Everybody else"), _("Nothing.")),
        ]

    def act(self, row: User, wanted: dict[str, Any]) -> None:
        if not has_one(row):
            raise ChatError(_("They have no second factor."))
        reset_second_factor(
            actor=self.request.user,
            user_id=row.pk,
            reason=wanted["reason"],
            action_id=self.click,
        )

    def done(self, count: int) -> str:
        said = ngettext("%d second factor is removed.", "%d second factors are removed.", count)
        return said % count
