"""A window of the convergence machine: it lives by the client's rule, and by what it is told."""

from __future__ import annotations

from typing import Any

from tests.faults.asgi_window import AsgiWindow
from tests.mirror import Mirror


class Client:
    """A window that lives by the client's rule: upsert by revision; a hole, subscribe again."""

    def __init__(self, session: str, room: int) -> None:
        self.session = session
        self.mirror = Mirror(room)
        self.epoch = ""
        self.window: AsgiWindow | None = None
        self.subscription = 0
        """The id of the command whose answer is waited for."""
        self.is_out = False
        """Told that the person is banned here: from then on nothing of the room may come."""
        self.heard_held = False

    def connect(self) -> None:
        """Open a socket, where none is open."""
        if self.window is None or not self.window.is_open:
            self.window = AsgiWindow(self.session)

    def take(self) -> None:
        """Take in what came, and ask again where something is missing."""
        if self.window is None:
            return
        before = self.mirror.revision
        for frame in self.window.take():
            if frame["type"] == "welcome":
                self._greet(frame["epoch"])
                before = self.mirror.revision
            elif self._puts_out(frame):
                self.is_out, self.mirror = True, Mirror(self.mirror.room)
                before = self.mirror.revision
            self._follow(frame)
            # Within an epoch a cursor never goes back.
            assert self.mirror.revision >= before, frame
            before = self.mirror.revision

    def _follow(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "subscribed":
                self.is_out = False
            case "changes" | "reset":
                assert not self.is_out, f"put out, and told: {frame}"
            case "held":
                self.heard_held = True
        is_back = frame["type"] == "membership" and self.is_out
        left = frame["type"] == "gone" and not self.is_out
        missing = self._is_to_be_asked_again(frame) or self.mirror.apply(frame)
        if missing or is_back or left:
            self.subscribe()

    def _puts_out(self, frame: dict[str, Any]) -> bool:
        if frame["type"] == "gone":
            return bool(frame["cause"] == "banned")
        return self._refuses_subscription(frame) and frame["code"] == "banned"

    def _refuses_subscription(self, frame: dict[str, Any]) -> bool:
        return frame["type"] == "error" and bool(frame["id"] == self.subscription)

    def _is_to_be_asked_again(self, frame: dict[str, Any]) -> bool:
        """Whether this refuses the subscription for now; a post would wait in the outbox."""
        if frame["type"] != "error":
            return False
        # Only a store that goes back while it is read says that it is busy here.
        assert frame["code"] in ("busy", "banned"), frame
        return self._refuses_subscription(frame) and frame["code"] == "busy"

    def _greet(self, epoch: str) -> None:
        if epoch != self.epoch:
            self.mirror = Mirror(self.mirror.room)
            self.epoch = epoch
        self.is_out = False
        self.subscribe()

    def subscribe(self) -> None:
        """Ask for the room, from where this window stands."""
        assert self.window is not None
        cursor = f"{self.epoch}:{self.mirror.revision}" if self.mirror.revision >= 0 else None
        room = self.mirror.room
        self.subscription = self.window.send("subscribe", room=room, cursor=cursor)

    def shows(self, messages: dict[int, Any], facts: dict[str, Any]) -> bool:
        """Whether this window shows exactly these."""
        return self.mirror.messages == messages and self.mirror.facts == facts

    async def leave(self) -> None:
        """Close the socket."""
        if self.window is not None:
            await self.window.leave()
            self.window = None
