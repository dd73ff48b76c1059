"""Somebody who edits and redacts what is said, whatever the weather, until each is answered."""

from __future__ import annotations

import asyncio
import itertools
import random
from types import TracebackType
from typing import Any, Self

import orjson
from websockets.asyncio.client import ClientConnection

from tests.fault_suite.result import Result
from tests.fault_suite.workload import Workload
from tests.faults.reference_client import ANSWER_S, BROKEN, FIRST_RETRY_S, LAST_RETRY_S, RETRYABLE

EVERY_S = 0.15
LAST_ANSWER_S = 60.0


class Meddler:
    """The owner of a load's room: edits what they said themselves, redacts what anybody said.

    Each command is sent again until it is answered, so at the end everything is known.
    """

    def __init__(self, load: Workload, seed: int) -> None:
        self.load = load
        self.edited: dict[str, str] = {}
        """The last text, by nonce, that was acknowledged."""
        self.redacted: set[str] = set()
        """Nonces of what was redacted, and acknowledged."""
        self.refused: list[str] = []
        """Commands that were refused for good, which none ought to be."""
        self._chance = random.Random(seed)
        self._ids = itertools.count(1)
        self._connection: ClientConnection | None = None
        self._meddling: asyncio.Task[None] | None = None
        self._is_over = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._meddling = asyncio.create_task(self._meddle())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._meddling is not None:
            self._meddling.cancel()
            await asyncio.gather(self._meddling, return_exceptions=True)
        await self._drop()

    async def settle(self) -> None:
        """Begin nothing new, and return when the last command is answered."""
        self._is_over.set()
        assert self._meddling is not None
        await asyncio.wait_for(self._meddling, LAST_ANSWER_S)

    async def judge_into(self, result: Result) -> None:
        """Let the load be judged by what its texts have become."""
        for client in self.load.clients:
            for nonce, body in self.edited.items():
                if nonce in client.history.invoked:
                    client.history.invoked[nonce] = body
        await self.load.judge_into(result, redacted=self.redacted)
        result.note(f"{len(self.edited)} edited, {len(self.redacted)} redacted")
        result.broken += [f"an edit or redaction was refused: {code}" for code in self.refused]

    # --- What is done ------------------------------------------------------------------------

    async def _meddle(self) -> None:
        while not self._is_over.is_set():
            await asyncio.sleep(self._chance.expovariate(1 / EVERY_S))
            if self._chance.random() < 0.5:
                await self._edit()
            else:
                await self._redact()

    async def _edit(self) -> None:
        mine = self.load.clients[0].history.invoked
        if (message := self._choose(lambda nonce: nonce in mine)) is None:
            return
        body = f"{mine[message['nonce']]} Edited, {next(self._ids)}."
        if await self._do("edit", message=message["id"], body=body):
            self.edited[message["nonce"]] = body

    async def _redact(self) -> None:
        if (message := self._choose(lambda nonce: True)) is None:
            return
        if await self._do("redact", message=message["id"]):
            self.redacted.add(message["nonce"])

    def _choose(self, suits: Any) -> dict[str, Any] | None:
        shown = [
            message
            for message in self.load.clients[0].messages()
            if message["nonce"] not in self.redacted and suits(message["nonce"])
        ]
        return self._chance.choice(shown) if shown else None

    # --- How it is asked ---------------------------------------------------------------------

    async def _do(self, kind: str, **fields: Any) -> bool:
        """Ask until there is an answer; whether it was done."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_S):
                    answer = await self._ask(kind, fields)
            except BROKEN:
                await self._drop()
                await asyncio.sleep(self._chance.uniform(0, LAST_RETRY_S))
                continue
            if answer["type"] == "ok":
                return True
            if answer["code"] not in RETRYABLE:
                self.refused.append(f"{kind}: {answer['code']}")
                return False
            await asyncio.sleep(answer.get("retry_after") or FIRST_RETRY_S)

    async def _ask(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        if self._connection is None:
            self._connection = await self.load.world.connect(self.load.people[0])
        command_id = next(self._ids)
        command = {"type": kind, "id": command_id, **fields}
        await self._connection.send(orjson.dumps(command).decode())
        while True:
            frame: dict[str, Any] = orjson.loads(await self._connection.recv())
            if frame.get("id") == command_id:
                return frame

    async def _drop(self) -> None:
        if self._connection is not None:
            self._connection.transport.abort()
            self._connection = None
