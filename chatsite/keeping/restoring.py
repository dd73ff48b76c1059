"""Put a backup in the place of the store: made ready beside it, judged, and then swapped."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from chat.models import Room, Store, User
from chat.search.indexes import the_index
from chat.search.rebuilding import rebuild
from chat.verifying import find_damage
from chatsite import schema
from chatsite.keeping import archive, files, manifest, running, staging
from chatsite.keeping.database import member_of
from chatsite.keeping.making import SECRET_KEY
from chatsite.keeping.manifest import Manifest
from chatsite.keeping.refusal import KeepingError
from chatsite.secret_key import is_strong

EPOCH_BYTES = 8
Tell = Callable[[str], Any]


@dataclass(frozen=True)
class Wishes:
    """How a backup is to be restored."""

    replace: bool = False
    """Over a store that is not empty."""
    keep_sessions: bool = False
    """Whoever was signed in at the time of the backup is so again."""
    despite_damage: bool = False


def restore(path: Path, wishes: Wishes, tell: Tell) -> Manifest:
    """Replace the store by the backup at ``path``, or leave it as it is; return the manifest.

    ``tell`` gets a sentence for each step. Raises ``KeepingError``, and ``OSError`` where the
    disk is full.
    """
    with running.nobody_else(), _folder() as folder:
        if not wishes.replace and not _is_empty():
            raise KeepingError(
                "There is a store here already, with people in it. Make a backup of it, and then "
                "say --replace to lose what is in it."
            )
        made = archive.unpack(path, folder)
        _judge(made)
        tell(f"The backup of {made.made_at} is whole.")
        with staging.staged(folder / member_of(made.store.engine), tell) as stage:
            with stage.opened():
                _make_ready(wishes, tell)
            _swap(stage, folder, tell)
        tell(_about_key(made, folder))
        return made


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.DATA_DIR) as name:
        yield Path(name)


def _is_empty() -> bool:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return True
    try:
        return not (User.objects.exists() or Room.objects.exists())
    except DatabaseError:
        tables = connection.introspection.table_names()
        return not tables
    finally:
        staging.let_go()


def _judge(made: Manifest) -> None:
    """Refuse what this site cannot take. Raises ``KeepingError``."""
    if made.store.engine != connection.vendor:
        raise KeepingError(
            f"This is a backup of {made.store.engine}, and DATABASE_URL leads to "
            f"{connection.vendor}. Restore it where the database is of the same kind."
        )
    if not any(member.name == member_of(made.store.engine) for member in made.members):
        raise KeepingError("There is no database in this backup.")
    known = MigrationLoader(None).disk_migrations
    newer = [name for name in made.store.migrations if tuple(name.split(".", 1)) not in known]
    if newer:
        raise KeepingError(
            f"The backup is of a newer version than this one, which does not know {newer[0]}. "
            "Install that version first."
        )


def _make_ready(wishes: Wishes, tell: Tell) -> None:
    """Bring the staged database to this version, and make it a store of its own."""
    if missing := schema.missing():
        tell(f"Bringing it up to date: {len(missing)} migrations.")
        call_command("migrate", interactive=False, verbosity=0)
    # What clients know of the store may never have been: they start anew from a snapshot.
    Store.objects.filter(pk=1).update(epoch=secrets.token_hex(EPOCH_BYTES))
    if wishes.keep_sessions:
        tell("Sessions of then are open again, also those that were ended since.")
    else:
        Session.objects.all().delete()
        tell("Everybody has to sign in again.")
    _check_index(tell)
    damage = list(find_damage())
    for sentence in damage:
        tell(sentence)
    if damage and not wishes.despite_damage:
        raise KeepingError(
            "The backup is damaged, and the store is as it was. To take it nevertheless, say "
            "--despite-damage."
        )
    if not damage:
        tell("Every room is sound.")


def _check_index(tell: Tell) -> None:
    index = the_index()
    if index.missing()[0] or index.redacted()[0]:
        tell("The search index is made anew.")
        for _ in rebuild():
            pass


def _swap(stage: staging.Stage, folder: Path, tell: Tell) -> None:
    """Nothing is done by halves: files are added, and the database is one rename."""
    with files.brought_in(folder) as names:
        stage.swap()
    with staging.done_already(tell, "the secret key of the backup is not"):
        _restore_key(folder)
    with staging.done_already(tell, "pictures of before are still there"):
        files.remove_others(names)


def _restore_key(folder: Path) -> None:
    key, present = folder / SECRET_KEY, Path(settings.DATA_DIR) / SECRET_KEY
    if not key.exists() or not _is_ours(present):
        return
    if not is_strong(key.read_text(encoding="utf-8").strip()):
        return
    key.replace(present)


def _is_ours(present: Path) -> bool:
    """Whether the key in use is the one in the data folder, and not the operator's variable."""
    if not present.exists():
        return True
    return bool(present.read_text(encoding="utf-8").strip() == settings.SECRET_KEY)


def _about_key(made: Manifest, folder: Path) -> str:
    present = Path(settings.DATA_DIR) / SECRET_KEY
    key = settings.SECRET_KEY
    if present.exists() and any(member.name == SECRET_KEY for member in made.members):
        key = present.read_text(encoding="utf-8").strip()
    keys = [key, *settings.SECRET_KEY_FALLBACKS]
    if made.key in map(manifest.fingerprint, keys):
        return "The secret key is that of the backup: second factors open."
    return (
        "The secret key is another one than that of the backup: second factors do not open, until "
        "SECRET_KEY or SECRET_KEY_FALLBACKS has that key, or each is reset."
    )
