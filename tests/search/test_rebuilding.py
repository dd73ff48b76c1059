"""``manage.py reindex`` makes the index anew, and whoever writes meanwhile is not forgotten."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from chat.actions.messages import edit_message
from chat.actions.redaction import redact_messages
from chat.models import User
from chat.search import postgresql, rebuilding, sqlite
from chat.search.indexes import the_index
from chat.search.tidying import tidy
from chat.verifying import find_damage
from tests.search.conftest import Say, found, lose_the_index


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite, postgresql):
        monkeypatch.setattr(module, "CHUNK_IDS", 3)


@pytest.mark.usefixtures("small_chunks")
def test_everything_is_found_again(ada: User, say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    messages = [say(f"canary 金絲雀 {number}") for number in range(10)]
    redact_messages(actor=ada, message_ids=[messages[4].pk])
    expected = found("canary")
    assert len(expected) == 9
    lose_the_index()
    assert found('"canary"') == []
    call_command("reindex")
    assert capsys.readouterr().out == "Indexed 10 messages.\n"
    assert found("canary") == found("金絲") == expected
    assert list(find_damage()) == []


@pytest.mark.usefixtures("small_chunks")
def test_what_is_written_while_it_is_made_anew_is_right_in_the_end(
    ada: User, bob: User, say: Say
) -> None:
    messages = [say(f"canary {number}") for number in range(12)]
    old, new = messages[1], messages[10]
    rebuild = rebuilding.rebuild()
    next(rebuild)
    say("canary late")
    for message in (old, new):
        edit_message(actor=bob, message_id=message.pk, body=f"sparrow {message.seq}")
    redact_messages(actor=ada, message_ids=[messages[0].pk, messages[11].pk])
    list(rebuild)
    assert found("sparrow") == [f"sparrow {new.seq}", f"sparrow {old.seq}"]
    assert found("canary") == ["canary late", *(m.body for m in messages[9:1:-1])]
    assert list(find_damage()) == []


@pytest.mark.usefixtures("small_chunks")
def test_a_long_text_that_is_edited_before_its_turn_undoes_nothing(
    bob: User, say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    long = say("a " * 1_900)
    expected = [say(f"canary {number}").body for number in range(5)][::-1]
    rebuild = rebuilding.rebuild()
    next(rebuild)
    edit_message(actor=bob, message_id=long.pk, body="sparrow")
    list(rebuild)
    assert found("canary") == expected
    assert found("sparrow") == ["sparrow"]
    assert "damaged" not in caplog.text


@pytest.mark.usefixtures("small_chunks")
def test_one_that_broke_off_can_be_begun_again(say: Say) -> None:
    expected = [say(f"canary {number}").body for number in range(10)][::-1]
    next(rebuilding.rebuild())
    call_command("reindex")
    assert found("canary") == expected
    assert list(find_damage()) == []


@pytest.mark.usefixtures("small_chunks")
def test_two_at_once_get_to_the_same_end(say: Say) -> None:
    expected = [say(f"canary {number}").body for number in range(10)][::-1]
    one, other = rebuilding.rebuild(), rebuilding.rebuild()
    for _ in range(10):
        next(one, None)
        next(other, None)
    assert found("canary") == expected
    assert list(find_damage()) == []


def test_an_empty_store_is_indexed_too(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reindex")
    assert capsys.readouterr().out == "Indexed 0 messages.\n"


def test_tidying_changes_nothing_that_is_found(ada: User, say: Say) -> None:
    messages = [say(f"canary {number}") for number in range(40)]
    redact_messages(actor=ada, message_ids=[message.pk for message in messages[::2]])
    expected = found("canary")
    tidy()
    assert found("canary") == expected
    assert list(find_damage()) == []


def test_the_migration_indexes_what_is_there_already(say: Say) -> None:
    expected = [say(f"canary 金絲雀 {number}").body for number in range(5)][::-1]
    migration = importlib.import_module("chat.migrations.0003_search")
    editor = connection.schema_editor(atomic=False)
    migration.drop_index(apps, editor)
    migration.make_index(apps, editor)
    assert found("canary") == found("金絲") == expected
    assert list(find_damage()) == []
    assert the_index().missing() == (0, 0)
