"""A backup under load is of one moment; restored, it is the store, and every client starts anew."""

from __future__ import annotations

import asyncio
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from chatsite.keeping import postgresql
from chatsite.keeping.refusal import KeepingError
from tests.faults.reference_client import ReferenceClient
from tests.figures import Tell
from tests.keeping.conftest import bodies, done, leftovers, manage, rows
from tests.live.house import BASE_DIR
from tests.live.stage import Stage, until

BEFORE, LATER = 20, 20
"""Together at most what a snapshot shows: a client that was reset has all of it at once."""
PICTURE = "media/pictures/a1b2c3.webp"


def client(stage: Stage, person: object, room: int) -> ReferenceClient:
    address = f"ws://127.0.0.1:{stage.port}/socket/"
    return ReferenceClient(address, stage.address, person.session, room, person.name)  # type: ignore[attr-defined]


async def acknowledged(who: ReferenceClient, count: int) -> None:
    await until(lambda: len(who.history.acknowledged) >= count, 60)


async def test_a_backup_under_load_restored_under_clients_leaves_no_phantom(
    build: Callable[[str], Stage], engine: str, tell: Tell
) -> None:
    stage = build("load")
    stage.start()
    ada, bob = stage.person("ada"), stage.person("bob")
    room = stage.room(ada, bob)
    (stage.folder / "data" / PICTURE).parent.mkdir(parents=True)
    (stage.folder / "data" / PICTURE).write_bytes(b"picture")
    writer, reader = client(stage, ada, room), client(stage, bob, room)
    writer.start()
    reader.start()
    for number in range(BEFORE):
        writer.post(f"Before {number}.")
    await acknowledged(writer, BEFORE)
    archive = stage.folder / "b.tar.gz"
    # Posts go on while the backup is made: those of its moment are in it, in order.
    talking = asyncio.create_task(_talk(writer, LATER))
    began = time.monotonic()
    await asyncio.to_thread(done, stage, "backup", archive)
    took = time.monotonic() - began
    talking.cancel()
    said = len(writer.history.invoked)
    await acknowledged(writer, said)
    await until(lambda: len(reader.bodies()) >= said, 30)
    epoch, shown = reader.epoch, reader.bodies()

    refused = await asyncio.to_thread(manage, stage, "restore", archive, "--replace")
    assert refused.returncode == 1
    assert "Stop every server" in refused.stderr

    stage.kill()
    stage.close_backstage()
    (stage.folder / "data" / PICTURE).unlink()
    out = await asyncio.to_thread(done, stage, "restore", archive, "--replace", "--keep-sessions")
    assert "Every room is sound." in out
    await asyncio.to_thread(stage.start)
    stored = [row["body"] for row in stage.backstage("stored", room=room)]
    assert BEFORE <= len(stored) <= said
    assert stored == shown[: len(stored)]
    await until(lambda: reader.epoch != epoch and reader.bodies() == stored, 30)
    await until(lambda: writer.bodies() == stored, 30)
    # And it goes on: the next post takes the next place, and everybody gets it.
    writer.post("After.")
    await until(lambda: reader.bodies() == [*stored, "After."], 30)
    assert stage.backstage("damage") == []
    assert (stage.folder / "data" / PICTURE).read_bytes() == b"picture"
    assert leftovers(stage.folder) == leftovers(stage.folder / "data") == []
    for each in (writer, reader):
        await each.stop()
    tell(
        f"{engine}: {len(stored)} of {said} posts are in a backup that took {took:.1f} s under "
        "posts; restored, both clients were reset"
    )


async def _talk(writer: ReferenceClient, count: int) -> None:
    for number in range(count):
        writer.post(f"Later {number}.")
        await asyncio.sleep(0.05)


def test_a_store_with_people_in_it_is_replaced_only_where_that_is_said(kept: Stage) -> None:
    refused = manage(kept, "restore", kept.folder / "b.tar.gz")
    assert refused.returncode == 1
    assert "say --replace" in refused.stderr
    assert bodies(kept) == ["One.", "Two.", "Three.", "Four."]


def test_a_full_disk_leaves_no_half_backup_and_no_half_restore(kept: Stage) -> None:
    def nearly_full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    for words in (["backup", kept.folder / "c.tar.gz"], ["restore", kept.folder / "b.tar.gz"]):
        also = ["--replace"] if "restore" in words else []
        failed = manage(kept, *words, *also, preexec_fn=nearly_full)
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
    assert [path.name for path in kept.folder.glob("*.gz")] == ["b.tar.gz"]
    assert leftovers(kept.folder) == leftovers(kept.folder / "data") == []
    assert len(bodies(kept)) == 4


_FAILS_AFTER_THE_SWAP = """
import sys, django
django.setup()
from django.core.management import call_command
from chatsite.keeping import files, staging
from chatsite.keeping.refusal import KeepingError

def fails(*_):
    raise OSError(5, "the disk is broken")

def is_away(self):
    raise KeepingError("PostgreSQL cannot be reached")

files.remove_others, staging.PostgresqlStage.drop = fails, is_away
call_command("restore", sys.argv[1], "--replace")
"""


def test_what_fails_after_the_swap_is_not_told_as_if_nothing_had_been_restored(
    kept: Stage, engine: str
) -> None:
    done(kept, "backup", kept.folder / "now")
    [(epoch,)] = rows(kept, "SELECT epoch FROM chat_store")
    run = subprocess.run(
        [sys.executable, "-c", _FAILS_AFTER_THE_SWAP, kept.folder / "now"],
        cwd=BASE_DIR,
        env={**kept.environment, "DJANGO_SETTINGS_MODULE": "chatsite.settings"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "The backup is in place, but pictures of before are still there" in run.stdout
    former = re.findall(r"in place, but the database (\S+_former_\S+) is still there", run.stdout)
    assert len(former) == (engine == "postgresql")
    assert "Restored: " in run.stdout
    assert rows(kept, "SELECT epoch FROM chat_store") != [(epoch,)]
    assert len(bodies(kept)) == 4


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_backup_that_is_cut_off_leaves_the_store_as_it_was(kept: Stage, engine: str) -> None:
    cut = kept.folder / "cut"
    cut.write_bytes((kept.folder / "b.tar.gz").read_bytes()[:-200])
    refused = manage(kept, "restore", cut, "--replace")
    assert refused.returncode == 1
    assert "cut off or damaged" in refused.stderr
    assert len(bodies(kept)) == 4
    assert leftovers(kept.folder / "data") == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_database_that_somebody_has_open_is_not_replaced(kept: Stage, engine: str) -> None:
    somebody = sqlite3.connect(kept.folder / "data" / "chat.sqlite3")
    # As the site has it: with a log beside it, which SQLite gives up only to who is alone.
    somebody.execute("PRAGMA journal_mode=WAL").fetchall()
    somebody.execute("SELECT COUNT(*) FROM chat_room").fetchall()
    refused = manage(kept, "restore", kept.folder / "b.tar.gz", "--replace")
    somebody.close()
    assert refused.returncode == 1
    assert "is in use" in refused.stderr
    assert len(bodies(kept)) == 4


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_database_that_somebody_is_in_is_not_replaced(kept: Stage, engine: str) -> None:
    url = kept.environment["DATABASE_URL"]
    with psycopg.connect(url, application_name="somebody's tool"):
        refused = manage(kept, "restore", kept.folder / "b.tar.gz", "--replace")
    assert refused.returncode == 1
    assert "in use, by: somebody's tool (1)" in refused.stderr
    assert len(bodies(kept)) == 4


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_secret_key_goes_along_only_where_it_is_asked_for(
    kept: Stage, engine: str, tmp_path: Path
) -> None:
    key = (kept.folder / "data" / "secret_key").read_bytes()
    done(kept, "backup", kept.folder / "keyed.tar.gz", "--with-secret-key")
    for name, opens in (("b", False), ("keyed", True)):
        (tmp_path / name).mkdir()
        other = Stage(tmp_path / name)
        out = done(other, "restore", kept.folder / f"{name}.tar.gz")
        assert ("second factors open" in out) is opens
        assert ((other.folder / "data" / "secret_key").read_bytes() == key) is opens
        assert bodies(other) == ["One.", "Two.", "Three.", "Four."][: 4 if opens else 2]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_older_backup_is_brought_up_to_date_and_a_newer_one_refused(
    build: Callable[[str], Stage], engine: str
) -> None:
    stage = build("versions")
    done(stage, "migrate", "chat", "0005", "-v0")
    done(stage, "migrate", "sessions", "-v0")
    old, new = stage.folder / "old.tar.gz", stage.folder / "new.tar.gz"
    done(stage, "backup", old)
    out = done(stage, "restore", old)
    assert "Bringing it up to date" in out
    assert "Every room is sound." in out
    assert rows(stage, "SELECT name FROM django_migrations WHERE name = '0006_retention'")
    rows(
        stage,
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('chat', '0999_tomorrow', CURRENT_TIMESTAMP)",
    )
    done(stage, "backup", new)
    refused = manage(stage, "restore", new, "--replace")
    assert refused.returncode == 1
    assert "newer version" in refused.stderr
    assert "chat.0999_tomorrow" in refused.stderr


def test_tools_that_are_missing_or_too_old_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KeepingError, match="apt-get install postgresql-client-17"):
        postgresql.find("pg_dump", 17)
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.9'\n")
    old.chmod(0o755)
    with pytest.raises(KeepingError, match="version 13, and the server of version 17"):
        postgresql.find("pg_dump", 17)
    assert postgresql.find("pg_dump", 13) == str(old)
