"""Somebody who talks over the wire without a browser: quick, and at once."""

from __future__ import annotations

import itertools
import json
import secrets
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import connect

ANSWER_S = 10


class Voice:
    """A socket of ``chat.v1``, signed in by cookie as the browser is."""

    def __init__(self, address: str, session: str) -> None:
        self._ids = itertools.count(1)
        self._open = ExitStack()
        connection = connect(
            address.replace("http", "ws", 1) + "/socket/",
            origin=address,  # type: ignore[arg-type]
            subprotocols=["chat.v1"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"sessionid={session}"},
            compression=None,
        )
        self._socket = self._open.enter_context(connection)

    def post(self, room: int, body: str) -> dict[str, Any]:
        """Say something; the answer is the message's mark."""
        return self.command(type="post", room=room, nonce=secrets.token_hex(8), body=body)[
            "message"
        ]

    def edit(self, message: int, body: str) -> None:
        self.command(type="edit", message=message, body=body)

    def redact(self, message: int) -> None:
        self.command(type="redact", message=message)

    def read(self, room: int, seq: int) -> None:
        self.command(type="read", room=room, seq=seq)

    def command(self, **frame: Any) -> dict[str, Any]:
        asked = next(self._ids)
        self._socket.send(json.dumps({**frame, "id": asked}, ensure_ascii=False))
        while True:
            answer = json.loads(self._socket.recv(ANSWER_S))
            assert answer["type"] != "error", answer
            if answer.get("id") == asked:
                return dict(answer)

    def close(self) -> None:
        self._open.close()
