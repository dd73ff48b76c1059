"""People who talk in one room while the fault strikes, and what became of what they said."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Any, Self

from tests.fault_suite.result import Result
from tests.fault_suite.world import World
from tests.faults.checker import judge
from tests.faults.history import History
from tests.faults.reference_client import ReferenceClient
from tests.faults.set_full import fates
from tests.live.house import Someone
from tests.live.stage import until

SETTLE_S = 60.0
"""How long the end is waited for; how long it may take is each fault's own to say."""
AHEAD = 8
"""How many posts a client may have waiting: a person does not write on for ever unheard."""


class Workload:
    """Clients of one room who post and read, from entering the block until its end.

    All chance comes from ``seed``. What each client does and sees is in ``clients``' histories;
    ``settle`` ends the load and waits for everybody, ``judge_into`` asks the checker.
    """

    def __init__(
        self,
        world: World,
        seed: int,
        *,
        posters: int = 4,
        readers: int = 2,
        posts_per_s: float = 40.0,
        at: Sequence[str] = (),
        people: Sequence[Someone] = (),
        room: int | None = None,
        most: int | None = None,
    ) -> None:
        """``at`` are addresses over which the clients are spread, in place of the site's own.

        ``people`` and ``room`` are those that exist already, where they do. Nobody posts more
        often than ``most`` times.
        """
        self._most = most
        self.world = world
        self.chance = random.Random(seed)
        self._rate = posts_per_s
        self._posters = posters
        self._size = posters + readers
        self._addresses = at or (world.address,)
        self.people = list(people)
        self._given_room = room
        self.room = 0
        self.clients: list[ReferenceClient] = []
        self._talking: list[asyncio.Task[None]] = []
        self.converged_s = 0.0

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._prepare)
        try:
            await self._come()
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise
        return self

    async def _come(self) -> None:
        for number, person in enumerate(self.people):
            address = self._addresses[number % len(self._addresses)]
            client = self.world.client(person, self.room, address)
            client.start()
            self.clients.append(client)
        await self.all_connected()
        for client in self.clients[: self._posters]:
            self._talking.append(asyncio.create_task(self._talk(client)))

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._fall_silent()
        histories = await asyncio.gather(*(client.stop() for client in self.clients))
        if error is not None:
            # Whoever looks into what went wrong needs them most of all.
            error.histories = [_record(self.room, histories, [], [])]  # type: ignore[attr-defined]

    def _prepare(self) -> None:
        wanted = self._size - len(self.people)
        if wanted > 0:
            self.people += self.world.people(*(f"client {n}" for n in range(wanted)))
        if self._given_room is None:
            self.room = self.world.room(*self.people)
        else:
            self.room = self._given_room

    async def _talk(self, client: ReferenceClient) -> None:
        number = 0
        while self._most is None or number < self._most:
            # Intervals of a Poisson process: sometimes several at once, as people are.
            await asyncio.sleep(self.chance.expovariate(self._rate / self._posters))
            if client.waiting < AHEAD:
                number += 1
                client.post(f"{client.history.name}, number {number}.")

    async def _fall_silent(self) -> None:
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)
        self._talking.clear()

    # --- On the way ----------------------------------------------------------------------

    @property
    def acknowledged(self) -> int:
        """How many posts were acknowledged so far."""
        return sum(len(client.history.acknowledged) for client in self.clients)

    @property
    def is_said(self) -> bool:
        """Whether everybody has said as much as they may."""
        return all(task.done() for task in self._talking) and all(
            client.has_sent_everything for client in self.clients
        )

    async def acknowledge_more(self, count: int, within: float = 30.0) -> None:
        """Return when so many more posts were acknowledged."""
        least = self.acknowledged + count
        await until(lambda: self.acknowledged >= least, within)

    async def all_connected(self, within: float = 30.0) -> None:
        """Return when everybody has the room before them."""
        await until(lambda: all(client.is_connected for client in self.clients), within)

    async def all_return(self, since: float, within: float = 60.0) -> float:
        """Wait until everybody has resumed after ``since``; return when the last one had."""
        await until(lambda: all(c.history.resumed_after(since) for c in self.clients), within)
        return max(min(client.history.resumed_after(since)) for client in self.clients)

    # --- The end -------------------------------------------------------------------------

    async def settle(self) -> float:
        """End the load now, as the faults have ended; return the seconds until all had all.

        The load has ended when the last post that somebody still had to send is answered: how
        long that took is told by the posts themselves. Every view is at the room's head then.
        """
        await self._fall_silent()
        silent = time.monotonic()
        await until(lambda: all(c.has_sent_everything for c in self.clients), SETTLE_S)
        answered = [at for c in self.clients for at in c.history.answered_at.values()]
        head = await asyncio.to_thread(self.world.head, self.room)
        await until(lambda: all(c.revision >= head for c in self.clients), SETTLE_S)
        arrived = [
            client.history.cursors[-1].at for client in self.clients if client.history.cursors
        ]
        self.converged_s = max(0.0, *arrived) - max(silent, *answered)
        self.converged_s = max(0.0, self.converged_s)
        return self.converged_s

    async def judge_into(
        self,
        result: Result,
        *,
        redacted: Collection[str] = (),
        forgotten: Collection[str] = (),
        begins: int = 1,
    ) -> None:
        """Stop the clients, and put what the checker says into ``result``.

        ``redacted`` and ``forgotten`` are nonces. Where the room had messages before, ``begins``
        is the first place of what the world says is stored, and others may talk there too.
        """
        histories: list[History] = [await client.stop() for client in self.clients]
        stored = await asyncio.to_thread(self.world.stored, self.room)
        said = {nonce for history in histories for nonce in history.invoked}
        strangers = {row["nonce"] for row in stored} - said if self._given_room else set()
        verdict = judge(
            histories,
            stored,
            redacted=redacted,
            forgotten=forgotten,
            strangers=strangers,
            begins=begins,
        )
        found = fates(histories, stored, forgotten)
        result.take(found)
        result.broken += verdict
        result.broken += [f"stored, and never read: {what}" for what in found.never_read[:5]]
        result.broken += await asyncio.to_thread(self.world.damage)
        result.broken += self.world.tracebacks()
        result.converged_s = max(result.converged_s, self.converged_s)
        result.settled = True
        result.memory_mb = max(result.memory_mb, self.world.memory_mib)
        result.history.append(_record(self.room, histories, stored, verdict))


def _record(
    room: int, histories: Sequence[History], stored: list[dict[str, Any]], verdict: list[str]
) -> dict[str, Any]:
    return {
        "room": room,
        "verdict": verdict,
        "stored": stored,
        "clients": [history.as_json() for history in histories],
    }
