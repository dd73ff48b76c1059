"""The client's rule in Python: keep the copy with the higher revision, and notice holes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]


class Mirror:
    """One client's copy of one room, made from the frames that reached it."""

    def __init__(self, room: int, revision: int = -1, messages: Iterable[Json] = ()) -> None:
        self.room = room
        self.revision = revision
        """Where this copy stands; -1 before anything came."""
        self.messages: dict[int, Json] = {message["id"]: message for message in messages}
        self.facts: Json | None = None

    def apply(self, frame: Json) -> bool:
        """Take a frame in. True if something is missing, so that one must subscribe again."""
        if frame.get("room") != self.room:
            return False
        match frame["type"]:
            case "subscribed" if frame.get("snapshot"):
                self._start_from(frame["snapshot"])
            case "subscribed":
                return self._take(frame["changes"])
            case "reset":
                self._start_from(frame["snapshot"])
            case "changes":
                return self._take(frame)
        return False

    def _take(self, changes: Json) -> bool:
        assert changes["since"] <= changes["revision"]
        ticks = [message["revision"] for message in changes["messages"]]
        assert ticks == sorted(set(ticks))
        assert all(changes["since"] < tick <= changes["revision"] for tick in ticks)
        if changes["since"] > self.revision:
            return True
        if changes["revision"] > self.revision:
            for message in changes["messages"]:
                self._upsert(message)
            self._learn(changes.get("room_facts"))
            self.revision = changes["revision"]
        return False

    def _start_from(self, snapshot: Json) -> None:
        self.messages = {message["id"]: message for message in snapshot["messages"]}
        self.facts = snapshot["facts"]
        self.revision = snapshot["revision"]

    def _upsert(self, message: Json) -> None:
        known = self.messages.get(message["id"])
        if known is None or known["revision"] < message["revision"]:
            self.messages[message["id"]] = message

    def _learn(self, facts: Json | None) -> None:
        if facts and (self.facts is None or self.facts["revision"] < facts["revision"]):
            self.facts = facts

    def in_order(self) -> list[Json]:
        """The messages as a page shows them."""
        return sorted(self.messages.values(), key=lambda message: message["seq"])

    def bodies(self) -> list[str]:
        """The texts as a page shows them."""
        return [message["body"] for message in self.in_order()]

    def copy(self) -> Mirror:
        """A copy that does not change with this one."""
        twin = Mirror(self.room, self.revision, self.messages.values())
        twin.facts = self.facts
        return twin
