"""A migration under posts: the old process and the new one, side by side on one database."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import chat.migrations
from tests.faults.checker import judge
from tests.faults.reference_client import ReferenceClient
from tests.figures import Tell
from tests.live.stage import Stage, until
from tests.postgresql_server import PostgresServer

UNHURRIED = {
    "POSTS_BURST": "1000000",
    "POSTS_PER_MINUTE": "1000000",
    "COMMANDS_PER_MINUTE": "1000000",
}
COLUMNS = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "{last}")]
    operations = [
        migrations.AddField("message", "mood", models.CharField(max_length=9, db_default="")),
        migrations.AddField("room", "mood", models.CharField(max_length=9, db_default="")),
    ]
"""
INDEX = """
from django.db import migrations, models
from chat.online_schema import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chat", "0998_mood")]
    operations = [
        AddIndexOnline("message", models.Index(fields=["mood"], name="messages_by_mood")),
    ]
"""
SETTINGS = """
from chatsite.settings import *

MIGRATION_MODULES = {"chat": "migrations_of_tomorrow"}
"""
READER_HOLDS_S = 3.0


@pytest.fixture
def tomorrow(tmp_path: Path) -> dict[str, str]:
    """The environment of a version that has two migrations more."""
    folder = tmp_path / "migrations_of_tomorrow"
    source = Path(chat.migrations.__path__[0])
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    last = max(path.stem for path in folder.glob("0*.py"))
    (folder / "0998_mood.py").write_text(COLUMNS.format(last=last))
    (folder / "0999_index.py").write_text(INDEX)
    (tmp_path / "settings_of_tomorrow.py").write_text(SETTINGS)
    return {"PYTHONPATH": str(tmp_path), "DJANGO_SETTINGS_MODULE": "settings_of_tomorrow"}


@pytest.fixture
def stages(
    postgres: PostgresServer,
    redis_url: str,
    tomorrow: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Stage, Stage]]:
    """The old process, and the new one, on one store; neither is started."""
    shared = {**UNHURRIED, "DATABASE_URL": postgres.create("upgraded"), "REDIS_URL": redis_url}
    shared["SECRET_KEY"] = "the same for both, and so long that nobody guesses it: 0123456789"
    old = Stage(tmp_path_factory.mktemp("old"), **shared)
    new = Stage(tmp_path_factory.mktemp("new"), **shared, **tomorrow)
    try:
        yield old, new
    finally:
        old.end()
        new.end()
        postgres.drop("upgraded")


async def test_a_migration_under_posts_loses_none_and_the_old_process_goes_on_beside_the_new(
    stages: tuple[Stage, Stage], postgres: PostgresServer, tell: Tell
) -> None:
    old, new = stages
    old.start()
    people = [old.person(f"client {number}") for number in range(3)]
    room = old.room(people[0], *people[1:])
    writers = [client(old, person, room) for person in people[:2]]
    for writer in writers:
        writer.start()
    pace = Pace(writers)
    talking = asyncio.create_task(pace.talk())
    await until(lambda: pace.acknowledged > 20, 60)
    # Somebody reads the messages meanwhile, as a backup does: a migration that waited for
    # its lock in line would have every post wait with it.
    reading = threading.Thread(target=_read_slowly, args=(postgres,))
    reading.start()
    began = time.monotonic()
    await asyncio.to_thread(new.start)
    took = time.monotonic() - began
    reading.join()
    columns = postgres.execute(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'mood'",
        database="upgraded",
    )
    assert sorted(columns) == [("chat_message",), ("chat_room",)]
    [[is_valid]] = postgres.execute(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'messages_by_mood'::regclass",
        database="upgraded",
    )
    assert is_valid
    late = client(new, people[2], room)
    late.start()
    writers.append(late)
    before = [len(writer.history.acknowledged) for writer in writers]
    await until(
        lambda: all(
            len(writer.history.acknowledged) > n + 10
            for writer, n in zip(writers, before, strict=True)
        ),
        60,
    )
    # The old version also starts anew beside what it does not know.
    await asyncio.to_thread(old.kill)
    await asyncio.to_thread(old.start)
    connected = [writer.history.connections for writer in writers]
    talking.cancel()
    await until(lambda: all(writer.has_sent_everything for writer in writers), 60)
    head = new.backstage("stored_revision", room=room)
    await until(lambda: all(writer.revision >= head for writer in writers), 60)
    histories = [await writer.stop() for writer in writers]
    stored = new.backstage("stored", room=room)
    assert judge(histories, stored) == []
    assert new.backstage("damage") == []
    assert connected[2] == 1
    tell(
        f"{len(stored)} posts while a migration took {took:.1f} s beside them, {READER_HOLDS_S:.0f}"
        f" s of them behind a reader: none lost, longest time without an answer {pace.stall:.1f} s"
    )


def client(stage: Stage, person: object, room: int) -> ReferenceClient:
    address = f"ws://127.0.0.1:{stage.port}/socket/"
    return ReferenceClient(address, stage.address, person.session, room, person.name)  # type: ignore[attr-defined]


class Pace:
    """Keeps every outbox filled, and notes how long nobody was answered."""

    def __init__(self, writers: list[ReferenceClient]) -> None:
        self._writers = writers
        self.stall = 0.0

    @property
    def acknowledged(self) -> int:
        return sum(len(writer.history.acknowledged) for writer in self._writers)

    async def talk(self) -> None:
        number, known, at = 0, 0, time.monotonic()
        while True:
            for writer in self._writers:
                if writer.waiting < 3:
                    number += 1
                    writer.post(f"Number {number}.")
            now = time.monotonic()
            if (count := self.acknowledged) > known:
                if known:
                    self.stall = max(self.stall, now - at)
                known, at = count, now
            await asyncio.sleep(0.02)


def _read_slowly(postgres: PostgresServer) -> None:
    with postgres.connect("upgraded", autocommit=False) as reader:
        deadline = time.monotonic() + 60
        # From the moment on at which the migration is about to begin.
        while time.monotonic() < deadline:
            [(turns,)] = reader.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            ).fetchall()
            if turns:
                break
            reader.rollback()
            time.sleep(0.01)
        reader.execute("SELECT count(*) FROM chat_message")
        time.sleep(READER_HOLDS_S)
