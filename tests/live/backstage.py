"""What happens behind a running site: a process of its own that calls the actions.

It reads commands as lines of JSON and answers each with one. On the in-process layer the
site does not hear of what is done here, just as if its channel layer were down.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

PASSWORD = "three blind mice"


def person(*, name: str, password: bool = False, **fields: Any) -> dict[str, Any]:
    """Make an account; signing in by password costs a tenth of a second, so not by default."""
    from chat.models import User

    user = User.objects.create_user(name, password=PASSWORD if password else None, **fields)
    return {"id": user.pk, "name": name, "session": session(user=user.pk)}


def session(*, user: int) -> str:
    """Sign somebody in, as Django does, and return the session's key."""
    from django.conf import settings
    from django.contrib import auth

    from chat.models import User

    made = import_module(settings.SESSION_ENGINE).SessionStore()
    made[auth.SESSION_KEY] = str(user)
    made[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    made[auth.HASH_SESSION_KEY] = User.objects.get(pk=user).get_session_auth_hash()
    made.create()
    key: str = made.session_key
    return key


def room(*, owner: int, name: str, members: list[int], kind: str = "open") -> int:
    """Make a room with its members; nobody can join a private one by themselves yet."""
    from chat.actions.members import join_room
    from chat.actions.rooms import create_room
    from chat.changes import open_change
    from chat.models import Membership, User

    made = create_room(actor=User.objects.get(pk=owner), name=name, kind=kind)
    for user in User.objects.filter(pk__in=members):
        if kind == "open":
            join_room(actor=user, room_id=made.pk)
            continue
        with open_change(made.pk) as change:
            Membership.log.create(room=made, user=user)
            change.set_facts(member_count=change.room.member_count + 1)
    return made.pk


def rooms(*, owner: int, names: list[str]) -> list[int]:
    """Make many rooms at once."""
    from chat.actions.rooms import create_room
    from chat.models import User

    user = User.objects.get(pk=owner)
    return [create_room(actor=user, name=name).pk for name in names]


def posts(*, room: int, author: int, bodies: list[str], prefix: str) -> list[dict[str, int]]:
    """Post in one transaction, past the throttle; return the marks."""
    from chat.post_intents import PostIntent
    from chat.posting import commit_posts

    intents = [PostIntent(author, room, f"{prefix}-{n:06d}", b) for n, b in enumerate(bodies)]
    return [{"id": m.id, "seq": m.seq, "revision": m.revision} for m in commit_posts(intents)]


def deactivate(*, user: int) -> None:
    """Switch an account off, as the owner of the site."""
    from chat.actions.accounts import set_active
    from chat.models import User

    owner = User.objects.create_superuser(f"owner for {user}")
    set_active(actor=owner, user_id=user, active=False)


def remove(*, room: int, user: int) -> None:
    """End a membership, as the owner of the site."""
    from chat.actions.sanctions import kick
    from chat.models import User

    owner = User.objects.create_superuser(f"owner beside {user}")
    kick(actor=owner, room_id=room, user_id=user)


def act(*, action: str, person: int, seconds: float | None = None, **arguments: Any) -> int | None:
    """Call any action as ``person``; ``seconds`` are its term. Return the id of what it made."""
    from datetime import timedelta

    from chat.models import User

    module, name = action.split(".")
    if seconds is not None:
        arguments["term"] = timedelta(seconds=seconds)
    call = getattr(import_module(f"chat.actions.{module}"), name)
    made = call(actor=User.objects.get(pk=person), **arguments)
    pk: int | None = getattr(made, "pk", None)
    return pk


def new_epoch() -> str:
    """Do as a restored backup does: the store is another one."""
    import secrets

    from chat.models import Store

    epoch = secrets.token_hex(8)
    Store.objects.update(epoch=epoch)
    return epoch


def stored(*, room: int) -> list[dict[str, Any]]:
    """The messages of a room as the database has them."""
    from chat.models import Message

    rows = Message.objects.filter(room=room).order_by("seq")
    return list(rows.values("id", "seq", "revision", "author_id", "nonce", "body"))


def stored_revision(*, room: int) -> int:
    """The clock of a room."""
    from chat.models import Room

    return Room.objects.get(pk=room).revision


def members_of(*, room: int) -> list[dict[str, Any]]:
    """Who is in a room, those who lead it first."""
    from chat.models import Membership

    rows = list(Membership.objects.filter(room=room).values("id", "role").order_by("pk"))
    rank = ("owner", "moderator", "member")
    return sorted(rows, key=lambda row: (rank.index(row["role"]), row["id"]))


def name_of(*, room: int) -> str:
    """What a room is called."""
    from chat.models import Room

    return Room.objects.get(pk=room).name


def change(*, person: int, message: int, redact: bool) -> None:
    """Edit a message, or redact it."""
    from chat.actions.messages import edit_message
    from chat.actions.redaction import redact_messages
    from chat.models import User

    actor = User.objects.get(pk=person)
    if redact:
        redact_messages(actor=actor, message_ids=[message])
    else:
        edit_message(actor=actor, message_id=message, body=f"{message}, edited.")


def prune(*, room: int, newest: int) -> int:
    """Remove all but so many messages, however new they are, as retention does; return how many."""
    from chat.actions.retention import prune_room
    from chat.retention import KeepRule

    return sum(prune_room(room_id=room, rule=KeepRule(newest=newest)))


def delete_rows(*, room: int) -> dict[str, str]:
    """Try to delete and to change a room's messages past the actions; return what came of it."""
    from chat.models import Message, Room

    rows = Message.objects.filter(room=room)
    ways = {
        "Message.objects.delete()": rows.delete,
        "Message.objects.update()": lambda: rows.update(body=""),
        "message.delete()": rows[0].delete,
        "Room.objects.delete()": Room.objects.filter(pk=room).delete,
        "room.delete()": Room.objects.get(pk=room).delete,
    }
    return {name: _came_of(way) for name, way in ways.items()}


def _came_of(way: Callable[[], object]) -> str:
    from chat.models.guarded import UnguardedWriteError

    try:
        way()
    except UnguardedWriteError:
        return "refused"
    return "done"


def damage() -> list[str]:
    """What ``manage.py verify_rooms`` would say."""
    from chat.verifying import find_damage

    return list(find_damage())


COMMANDS = (
    *(person, session, room, rooms, posts, change, deactivate, remove, act, new_epoch),
    *(prune, delete_rows, stored, stored_revision, members_of, name_of, damage),
)


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
    django.setup()
    from django.db import close_old_connections

    by_name = {command.__name__: command for command in COMMANDS}
    for line in sys.stdin:
        name, arguments = json.loads(line)
        # Its database may have been restarted since it was last asked something.
        close_old_connections()
        print(json.dumps(by_name[name](**arguments)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
