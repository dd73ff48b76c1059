"""How somebody stands: which sanctions bite them now, and where.

What is over is over by the clock of the database, which all processes share: a server
whose own clock is wrong lets nobody in early and keeps nobody out late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.db import connection
from django.utils import timesince, timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, gettext_lazy

from chat import errors

BITES = "{s}.lifted_at IS NULL AND ({s}.expires_at IS NULL OR {s}.expires_at > CURRENT_TIMESTAMP)"
_SITE_BAN = (
    "SELECT 1 FROM chat_sanction ban WHERE ban.user_id = chat_user.id AND ban.kind = 'ban'"
    f" AND ban.room_id IS NULL AND {BITES.format(s='ban')}"
)
IN_GOOD_STANDING = f"chat_user.is_active AND NOT EXISTS ({_SITE_BAN})"
"""SQL that holds for the rows of ``chat_user`` that may come in at all."""
KICKS_REMEMBERED = "60 seconds"


@dataclass(frozen=True, slots=True)
class Standing:
    """One sanction that bites, or a kick of just now."""

    pk: int
    kind: str
    user_id: int
    room_id: int | None
    reason: str
    until: datetime | None

    @property
    def refusal(self) -> errors.ChatError:
        """What its person is told when they try."""
        if self.kind == "mute":
            return errors.MutedError(sentence_of(self))
        return errors.BannedError(sentence_of(self))


@dataclass(slots=True)
class Standings:
    """The sanctions of one person."""

    bans: dict[int | None, Standing] = field(default_factory=dict)
    mutes: dict[int | None, Standing] = field(default_factory=dict)
    kicks: list[Standing] = field(default_factory=list)
    """Of the last minute, oldest first."""

    def ban_in(self, room_id: int | None) -> Standing | None:
        """The ban from the site or from the room."""
        if not self.bans:
            return None
        return self.bans.get(None) or self.bans.get(room_id)

    def mute_in(self, room_id: int) -> Standing | None:
        """Of the mutes on the site and in the room, the one that lasts longer."""
        if not self.mutes:
            return None
        found = [m for m in (self.mutes.get(None), self.mutes.get(room_id)) if m is not None]
        return max(found, key=lambda m: m.until or datetime.max.replace(tzinfo=UTC), default=None)

    def add(self, standing: Standing) -> None:
        match standing.kind:
            case "ban":
                self.bans[standing.room_id] = standing
            case "mute":
                self.mutes[standing.room_id] = standing
            case _:
                self.kicks.append(standing)


def read_standings(user_ids: Collection[int], *, with_kicks: bool = False) -> dict[int, Standings]:
    """Return what bites each of these people; who is absent is in good standing."""
    if not user_ids:
        return {}
    marks = ", ".join(["%s"] * len(user_ids))
    bites = f"s.kind <> 'kick' AND {BITES.format(s='s')}"
    if with_kicks:
        bites = f"({bites} OR s.kind = 'kick' AND s.created_at > {_kicks_since()})"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, s.kind, s.user_id, s.room_id, s.reason, s.expires_at FROM chat_sanction s"
            f" WHERE s.lifted_at IS NULL AND s.user_id IN ({marks}) AND {bites} ORDER BY s.id",
            list(user_ids),
        )
        rows = cursor.fetchall()
    standings: dict[int, Standings] = defaultdict(Standings)
    for pk, kind, user_id, room_id, reason, until in rows:
        standings[user_id].add(Standing(pk, kind, user_id, room_id, reason, as_time(until)))
    return dict(standings)


def standing_of(user_id: int) -> Standings:
    """Return what bites one person."""
    return read_standings([user_id]).get(user_id) or Standings()


def _kicks_since() -> str:
    if connection.vendor == "sqlite":
        return f"datetime('now', '-{KICKS_REMEMBERED}')"
    return f"CURRENT_TIMESTAMP - INTERVAL '{KICKS_REMEMBERED}'"


def store_now() -> datetime:
    """Return the time by the clock of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
            if connection.vendor == "sqlite"
            else "SELECT clock_timestamp()"
        )
        return cast("datetime", as_time(cursor.fetchone()[0]))


def ends_at(term: timedelta | None, until: datetime | None) -> datetime | None:
    """Return when a term ends, by the clock of the database; None for one without an end.

    Raises ``BadFieldError`` for what would be over before it begins, or beyond all time.
    """
    now = store_now()
    try:
        ends = now + term if term is not None else until
    except OverflowError as error:
        raise errors.BadFieldError from error
    if ends is not None and ends <= now:
        raise errors.BadFieldError
    return ends


def as_time(value: Any) -> datetime | None:
    """Return a time as a cursor gives it: SQLite's is text, in UTC."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value if value is None else value.astimezone(UTC)


# --- Sentences ------------------------------------------------------------------------------

_WHERE = {
    ("mute", True): gettext_lazy("You cannot write on this site"),
    ("mute", False): gettext_lazy("You cannot write in this room"),
    ("ban", True): gettext_lazy("You are banned from this site"),
    ("ban", False): gettext_lazy("You are banned from this room"),
    ("kick", True): gettext_lazy("You were sent out of this site; you may return"),
    ("kick", False): gettext_lazy("You were sent out of this room; you may return"),
}


def _sentence(standing: Standing) -> str:
    what = str(_WHERE[standing.kind, standing.room_id is None])
    if standing.kind == "kick":
        said = gettext("%(what)s.") % {"what": what}
    elif standing.until is None:
        said = gettext("%(what)s, for ever.") % {"what": what}
    else:
        # Rounded up: what lasts for an hour more must not be "59 minutes", nor its end "0".
        until = standing.until + timedelta(seconds=59)
        left = timesince.timeuntil(until, timezone.now())
        said = gettext("%(what)s, for another %(left)s.") % {"what": what, "left": left}
    if not standing.reason:
        return said
    reason = gettext("Reason: %(reason)s") % {"reason": standing.reason}
    return gettext("%(sentence)s %(reason)s") % {"sentence": said, "reason": reason}


def sentence_of(standing: Standing) -> Promise:
    """Say what bites, for how long and why, once the reader's language is known.

    How long, not until when: the reader's clock and time zone are not known here.
    """
    spoken: Promise = lazy(_sentence, str)(standing)  # type: ignore[assignment]
    return spoken
