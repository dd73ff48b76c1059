"""Who sends commands: a socket, its person as the database has them now, and its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from chat import metrics, policy, protocol
from chat.connection import Connection
from chat.database import in_database, write_in_database
from chat.errors import ChatError
from chat.hub import Hub
from chat.language import speaking
from chat.models import User

T = TypeVar("T")


class Caller:
    """A socket that sends commands, and gets its answers."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self.hub = hub
        self.connection = connection
        self.posts_in_flight = 0

    @property
    def user(self) -> User:
        """Whose socket it is, as they were when it was opened."""
        return self.connection.user

    async def act(self, action: Callable[..., T], **arguments: Any) -> T:
        """Call an action with the person as the database has them now; return what it returns.

        A socket lives for days: meanwhile its person may be switched off, or be no staff
        any more. Raises what ``action`` raises, and ``BusyError``.
        """
        return await write_in_database(_act, action, self.user, arguments)

    async def look(self, access: Callable[..., T], **arguments: Any) -> T:
        """Do as ``act`` for what only reads."""
        return await in_database(_act, access, self.user, arguments)

    def reply(self, command_id: int, mark: protocol.Mark | protocol.HeldMark | None = None) -> None:
        """Answer ``ok``."""
        answer: dict[str, Any] = {"type": "ok", "id": command_id}
        if isinstance(mark, protocol.HeldMark):
            answer["held"] = {"id": mark.id}
        elif mark is not None:
            answer["message"] = {"id": mark.id, "seq": mark.seq, "revision": mark.revision}
        self.connection.tell(answer)

    def refuse(self, command_id: int | None, refusal: ChatError) -> None:
        """Answer ``error``, with a sentence in the reader's language."""
        metrics.COMMANDS_REFUSED.labels(refusal.code).inc()
        with speaking(self.connection.language):
            self.connection.tell(
                {
                    "type": "error",
                    "id": command_id,
                    "code": refusal.code,
                    "text": refusal.text,
                    "retry_after": refusal.retry_after,
                }
            )


def _act(action: Callable[..., T], user: User, arguments: dict[str, Any]) -> T:
    now = policy.actor_now(user.pk, acts_as_staff=user.acts_as_staff)
    return action(actor=now, **arguments)
