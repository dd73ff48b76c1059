"""Fills a data folder with people, their sessions and one room. Run as a process of its own.

Prints what the load client must know, as JSON. People join through the action, like
everybody; sessions are made as Django's ``login`` makes them.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat.models import User


def populate(people: int) -> dict[str, object]:
    """Make ``people`` members of one room; the first one is its owner."""
    from chat.actions.members import join_room
    from chat.actions.rooms import create_room
    from chat.models import User
    from chat.resume import store_epoch

    users = [User.objects.create_user(f"Person {number:05d}") for number in range(people)]
    room = create_room(actor=users[0], name="The lobby")
    for user in users[1:]:
        join_room(actor=user, room_id=room.pk)
    sessions = [{"name": user.display_name, "session": sign_in(user)} for user in users]
    return {"room": room.pk, "epoch": store_epoch(), "people": sessions}


def sign_in(user: User) -> str:
    """Return the key of a new session of ``user``."""
    from django.conf import settings
    from django.contrib import auth

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[auth.SESSION_KEY] = str(user.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    key: str = session.session_key
    return key


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    json.dump(populate(int(sys.argv[1])), sys.stdout)


if __name__ == "__main__":
    main()
