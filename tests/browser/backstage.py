"""Prepares what a scene needs, through the actions, in a process beside the server.

Run by ``site.py`` with the site's own settings. Each line in is one wish as JSON,
each line out its answer: ``{"do": name, ...}`` to ``{"done": ...}``.
"""

from __future__ import annotations

import importlib
import json
import secrets
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.cached_db import SessionStore  # noqa: E402
from django.db.models import F  # noqa: E402

from chat.models import (  # noqa: E402
    HeldPost,
    Membership,
    Message,
    ReportCase,
    Room,
    Sanction,
    User,
)

BACKEND = "chat.accounts.backend.SignInBackend"


def person(name: str, **fields: Any) -> dict[str, Any]:
    """Make an account and sign it in; the answer has its session's key."""
    user = User.objects.create_user(name, **fields)
    return {"id": user.pk, "name": name, "session": session_of(user)}


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def act(action: str, actor: int, **wanted: Any) -> Any:
    """Call ``chat.actions.<module>.<verb>``; the answer is the id of what it made, if any.

    ``for_seconds`` is a term in JSON.
    """
    if "for_seconds" in wanted:
        wanted["term"] = timedelta(seconds=wanted.pop("for_seconds"))
    module, verb = action.split(".")
    call = getattr(importlib.import_module(f"chat.actions.{module}"), verb)
    made = call(actor=User.objects.get(pk=actor), **wanted)
    return getattr(made, "pk", getattr(made, "id", None))


def let_in(room: int, person: int) -> None:
    """Make somebody a member of a room that nobody can join by themselves."""
    Membership.log.create(room_id=room, user_id=person)
    Room.log.filter(pk=room).update(member_count=F("member_count") + 1)


def talk(room: int, said: list[list[Any]]) -> list[int]:
    """Post ``[person, text]`` after ``[person, text]``; the answer is the messages' ids."""
    return [
        act("messages.post_message", who, room_id=room, nonce=secrets.token_hex(8), body=text)
        for who, text in said
    ]


def redact(room: int, actor: int, seqs: list[int]) -> None:
    ids = list(Message.objects.filter(room=room, seq__in=seqs).values_list("pk", flat=True))
    act("redaction.redact_messages", actor, message_ids=ids)


def message(room: int, seq: int) -> int:
    return Message.objects.get(room=room, seq=seq).pk


def held(room: int) -> list[int]:
    """What waits for a moderator in a room, oldest first."""
    waiting = HeldPost.objects.filter(room=room, status=HeldPost.Status.WAITING)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def sanction(person: int) -> int:
    """The newest sanction of somebody."""
    return Sanction.objects.filter(user=person).latest("pk").pk


def cases(room: int) -> list[int]:
    """What was reported in a room and not yet decided on."""
    return list(ReportCase.objects.filter(room=room, closed_at=None).values_list("pk", flat=True))


def log(room: int) -> list[list[Any]]:
    """Every message of a room as it is stored: ``[seq, text]``, null for a tombstone."""
    messages = Message.objects.filter(room=room).order_by("seq")
    return [[m.seq, None if m.redacted_at else m.body] for m in messages]


WISHES: dict[str, Callable[..., Any]] = {
    wish.__name__: wish
    for wish in (person, act, let_in, talk, redact, message, held, sanction, cases, log)
}


def main() -> None:
    for line in sys.stdin:
        wish = json.loads(line)
        answer = WISHES[wish.pop("do")](**wish)
        print(json.dumps({"done": answer}), flush=True)  # noqa: T201


main()
