"""Mute, ban and kick people who are ticked: asked about first, with what they will read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from chat.actions import sanctions
from chat.admin.columns import person_link
from chat.admin.confirming import Confirmation
from chat.admin.sanction_forms import KickForm, LastingForm
from chat.admin.standings import standing_badges
from chat.admin.terms import ends_at, term_of
from chat.language import speaking
from chat.models import Membership, Room, Sanction, User
from chat.standing import Standing, read_standings, sentence_of

ROOMS_NAMED = 5
MEMBERSHIPS_READ = 2_000


class SanctionPeople(Confirmation):
    """What the three have in common."""

    kind: ClassVar[Sanction.Kind]
    others_see: ClassVar[str | Promise]
    columns = (
        gettext_lazy("person"),
        gettext_lazy("is in"),
        gettext_lazy("in force already"),
    )

    def cells(self, row: User) -> Sequence[object]:
        return person_link(row), self._rooms_of(row), standing_badges(self._standings.get(row.pk))

    def rows(self) -> QuerySet[Any]:
        return User.objects.all()

    @cached_property
    def _standings(self) -> dict[int, Any]:
        return read_standings([person.pk for person in self.chosen])

    @cached_property
    def _rooms(self) -> dict[int, list[str]]:
        """The names of the rooms that each is in."""
        rows = Membership.objects.filter(user__in=[person.pk for person in self.chosen])
        names = defaultdict(list)
        pairs = rows.order_by("room__name_key").values_list("user_id", "room__name")
        for user_id, name in pairs[:MEMBERSHIPS_READ]:
            names[user_id].append(name)
        return names

    def _rooms_of(self, person: User) -> str:
        names = self._rooms.get(person.pk, [])
        if not names:
            return _("no room")
        named = pgettext("names", ", ").join(names[:ROOMS_NAMED])
        if (more := len(names) - ROOMS_NAMED) < 1:
            return named
        said = ngettext("%(rooms)s and %(n)d more", "%(rooms)s and %(n)d more", more)
        return said % {"rooms": named, "n": more}

    def seen(self, wanted: dict[str, Any]) -> Sequence[tuple[object, object]]:
        room: Room | None = wanted.get("room") or None
        standing = Standing(
            pk=0,
            kind=self.kind,
            user_id=0,
            room_id=room.pk if room else None,
            reason=wanted["reason"],
            until=self.until(wanted),
        )
        everywhere = _("Every room of the site, and private talk.")
        return [
            *((self._who(code), self._read(code, standing)) for code in self._languages),
            (_("Where it bites"), room.name if room else everywhere),
            (_("Everybody else"), self.others_see),
        ]

    @cached_property
    def _languages(self) -> list[str]:
        """One's own first; then those in which some of the people read the site."""
        own = translation.get_language() or ""
        theirs = {person.language for person in self.chosen} & set(dict(settings.LANGUAGES))
        return [own, *sorted(theirs - {own})]

    def _who(self, code: str) -> str:
        if len(self._languages) == 1:
            return _("They read")
        name = translation.get_language_info(code)["name_local"]
        return _("They read, in %(language)s") % {"language": name}

    def _read(self, code: str, standing: Standing) -> object:
        with speaking(code):
            return format_html('<q lang="{}">{}</q>', code, str(sentence_of(standing)))

    def until(self, wanted: dict[str, Any]) -> datetime | None:
        return ends_at(wanted)

    def act(self, row: User, wanted: dict[str, Any]) -> None:
        room: Room | None = wanted["room"]
        self.action(
            actor=self.request.user,
            user_id=row.pk,
            room_id=room.pk if room else None,
            reason=wanted["reason"],
            note=wanted["note"],
            action_id=self.click,
            **self.term(wanted),
        )

    def term(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return term_of(wanted)

    @property
    def action(self) -> Callable[..., object]:
        return {"mute": sanctions.mute, "ban": sanctions.ban, "kick": sanctions.kick}[self.kind]


class MutePeople(SanctionPeople):
    name = "mute"
    kind = Sanction.Kind.MUTE
    label = gettext_lazy("Mute…")
    title = gettext_lazy("Mute people")
    button = gettext_lazy("Mute them")
    form = LastingForm
    can_undo = True
    others_see = gettext_lazy("Nothing: others are not told. What was written stays.")

    def done(self, count: int) -> str:
        return ngettext("%d person is muted.", "%d people are muted.", count) % count


class BanPeople(SanctionPeople):
    name = "ban"
    kind = Sanction.Kind.BAN
    label = gettext_lazy("Ban…")
    title = gettext_lazy("Ban people")
    button = gettext_lazy("Ban them")
    form = LastingForm
    can_undo = True
    others_see = gettext_lazy(
        "They are gone from among those who are here. What was written stays."
    )

    def done(self, count: int) -> str:
        return ngettext("%d person is banned.", "%d people are banned.", count) % count


class KickPeople(SanctionPeople):
    name = "kick"
    kind = Sanction.Kind.KICK
    label = gettext_lazy("Kick…")
    title = gettext_lazy("Kick people")
    button = gettext_lazy("Kick them")
    form = KickForm
    others_see = gettext_lazy(
        "They are gone from among those who are here, until they return. What was written stays."
    )

    def until(self, wanted: dict[str, Any]) -> None:
        return None

    def term(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return {}

    def done(self, count: int) -> str:
        return ngettext("%d person is kicked.", "%d people are kicked.", count) % count
