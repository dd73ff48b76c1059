"""Who may lay hands on whom: nobody on themselves, nor on somebody of their rank or above it."""

from __future__ import annotations

from typing import Any

import pytest

from chat.actions import sanctions
from chat.errors import ChatError
from chat.models import AuditEntry, Sanction
from tests.roles.answers import CODES
from tests.roles.test_pages import undone
from tests.roles.world import KINDS, World

VICTIMS = ("member", "moderator", "owner", "elsewhere", "keeper", "administrator", "olga")

IN_THE_ROOM = """
# who acts       memb mod  own  else keep admi olga
  outsider       no   no   no   no   no   no   no
  member         no   no   no   no   no   no   no
  banned         no   no   no   no   no   no   no
  elsewhere      no   no   no   no   no   no   no
  moderator      ok   no   no   ok   no   no   no
  owner          ok   ok   no   ok   no   no   no
  keeper         ok   ok   ok   ok   no   no   no
  administrator  ok   ok   ok   ok   ok   no   no
  olga           ok   ok   ok   ok   ok   ok   no
"""
ON_THE_SITE = """
# who acts       memb mod  own  else keep admi olga
  outsider       no   no   no   no   no   no   no
  member         no   no   no   no   no   no   no
  elsewhere      no   no   no   no   no   no   no
  moderator      no   no   no   no   no   no   no
  owner          no   no   no   no   no   no   no
  keeper         ok   ok   ok   ok   no   no   no
  administrator  ok   ok   ok   ok   ok   no   no
  olga           ok   ok   ok   ok   ok   ok   no
"""


def _read(text: str) -> dict[str, dict[str, str]]:
    lines = [line.split() for line in text.strip().splitlines() if not line.startswith("#")]
    return {who: dict(zip(VICTIMS, cells, strict=True)) for who, *cells in lines}


def _answer(act: Any, world: World, who: str, victim: str, room_id: int | None) -> str:
    before = Sanction.objects.count(), AuditEntry.objects.count()
    with undone():
        try:
            act(
                actor=world.people[who],
                user_id=world.people[victim].pk,
                room_id=room_id,
                reason="Because.",
            )
        except ChatError as refusal:
            assert (Sanction.objects.count(), AuditEntry.objects.count()) == before
            return CODES.get(refusal.code, refusal.code)
        assert (Sanction.objects.count(), AuditEntry.objects.count()) == (
            before[0] + 1,
            before[1] + 1,
        )
        return "ok"


@pytest.mark.parametrize("act", [sanctions.mute, sanctions.ban], ids=["mute", "ban"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("db")
def test_in_a_room_by_rank(act: Any, kind: str) -> None:
    world, table = World(kind), _read(IN_THE_ROOM)
    answers = {
        who: {v: _answer(act, world, who, v, world.room.pk) for v in VICTIMS} for who in table
    }
    if kind == "private":
        # To them the room is not there at all.
        for who in ("outsider", "elsewhere", "banned"):
            assert set(answers.pop(who).values()) == {"none"}
            del table[who]
    assert answers == table


@pytest.mark.parametrize(
    "act", [sanctions.mute, sanctions.ban, sanctions.kick], ids=["mute", "ban", "kick"]
)
@pytest.mark.usefixtures("db")
def test_on_the_whole_site_by_rank(act: Any) -> None:
    world, table = World("open"), _read(ON_THE_SITE)
    answers = {who: {v: _answer(act, world, who, v, None) for v in VICTIMS} for who in table}
    assert answers == table


@pytest.mark.usefixtures("db")
def test_who_may_set_a_sanction_may_lift_it_and_nobody_else() -> None:
    world, table = World("open"), _read(IN_THE_ROOM)
    for who, row in table.items():
        for victim, word in row.items():
            with undone():
                strongest = "administrator" if victim == "keeper" else "olga"
                if victim == "olga" or who == victim:
                    continue
                sanction = sanctions.mute(
                    actor=world.people[strongest],
                    user_id=world.people[victim].pk,
                    room_id=world.room.pk,
                )
                try:
                    sanctions.lift(actor=world.people[who], sanction_id=sanction.pk)
                except ChatError as refusal:
                    assert CODES[refusal.code] == word == "no", (who, victim)
                else:
                    assert word == "ok", (who, victim)
