"""The index follows what is said in the same transaction: from every door, edits and all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from chat import protocol
from chat.actions.imports import ImportedMessage, import_messages
from chat.actions.messages import edit_message
from chat.actions.redaction import redact_messages, restore_messages
from chat.models import Message, Room, User
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.search.indexes import the_index
from chat.search.indexing import reindex_message
from chat.search.looking import matching
from chat.search.questions import ask
from chat.search.scopes import Scope
from chat.verifying import find_damage
from tests.conftest import Post, new_nonce
from tests.search.conftest import Say, found, lose_the_index


def facets_of(**where: object) -> list[int]:
    return matching(ask(""), scope=Scope(**where), limit=99)  # type: ignore[arg-type]


def test_what_is_posted_is_found_at_once(say: Say) -> None:
    say("A canary sings")
    assert found("canary") == ["A canary sings"]


def test_a_whole_batch_is_found(ada: User, bob: User, lobby: Room) -> None:
    texts = ["a yellow canary", "金絲雀在唱歌", "canary, blue"]
    commit_posts([PostIntent(bob.pk, lobby.pk, new_nonce(), text) for text in texts])
    assert found("canary") == ["canary, blue", "a yellow canary"]
    assert found("絲雀") == ["金絲雀在唱歌"]


def test_a_post_that_is_refused_leaves_nothing(eve: User, lobby: Room) -> None:
    commit_posts([PostIntent(eve.pk, lobby.pk, new_nonce(), "canary")])
    assert found("canary") == []


def test_an_edit_is_found_by_its_new_words_alone(bob: User, say: Say) -> None:
    message = say("A canary sings")
    edit_message(actor=bob, message_id=message.pk, body="A sparrow sings 麻雀")
    assert found("canary") == []
    assert found("sparrow") == found("麻雀") == found("sings") == ["A sparrow sings 麻雀"]


def test_a_redacted_text_is_gone_and_its_place_stays(
    ada: User, bob: User, lobby: Room, say: Say
) -> None:
    message, other = say("A canary sings 金絲雀"), say("Another canary")
    redact_messages(actor=ada, message_ids=[message.pk], reason="Loud")
    assert found("canary") == ["Another canary"]
    assert found("金絲") == []
    assert facets_of(rooms=(lobby.pk,)) == [other.pk, message.pk]
    assert facets_of(authors=(bob.pk,), is_redacted=True) == [message.pk]


def test_what_is_restored_is_found_again(ada: User, say: Say) -> None:
    message = say("A canary sings")
    redact_messages(actor=ada, message_ids=[message.pk], reason="Loud")
    restore_messages(actor=ada, message_ids=[message.pk])
    assert found("canary") == ["A canary sings"]
    assert facets_of(is_redacted=True) == []


def test_what_is_imported_is_found_by_its_own_day(ada: User, lobby: Room) -> None:
    ada.is_superuser = True
    ada.save()
    said = ImportedMessage(ada.pk, new_nonce(), "canary", datetime(2019, 3, 1, 0, 30, tzinfo=UTC))
    [mark] = import_messages(actor=ada, room_id=lobby.pk, messages=[said])
    assert found("canary") == ["canary"]
    assert facets_of(days=("§20190301",)) == facets_of(days=("§2019",)) == [mark.id]


TEXTS = ["plain", "x" * 4000, "字" * 2000, "a b a b", "👍🏽 café", "Ａ ｱ", "手沖咖啡 and tea", "?!"]


def test_whatever_is_done_to_texts_the_index_is_whole(ada: User, bob: User, say: Say) -> None:
    messages = [say(text) for text in TEXTS]
    for message in messages[::2]:
        body = f"edited {message.body} again"[: protocol.MAX_BODY_CHARS]
        edit_message(actor=bob, message_id=message.pk, body=body)
    ids = [message.pk for message in messages]
    redact_messages(actor=ada, message_ids=ids)
    restore_messages(actor=ada, message_ids=ids[:3])
    redact_messages(actor=ada, message_ids=ids[:3])
    assert the_index().redacted() == the_index().missing() == (0, 0)
    assert found("edited") == found("again") == found("tea") == []


def _edit_and_fail(bob: User, message: Message, say: Say) -> None:
    with transaction.atomic():
        say("canary two")
        edit_message(actor=bob, message_id=message.pk, body="sparrow")
        assert found("canary") == ["canary two"]
        raise ZeroDivisionError


def test_what_is_rolled_back_was_never_indexed(bob: User, say: Say) -> None:
    kept = say("canary one")
    with pytest.raises(ZeroDivisionError):
        _edit_and_fail(bob, kept, say)
    assert found("canary") == ["canary one"]
    assert found("sparrow") == []


def test_a_part_that_is_rolled_back_takes_nothing_else_with_it(bob: User, say: Say) -> None:
    with transaction.atomic():
        first = say("canary one")
        with pytest.raises(ZeroDivisionError):
            _edit_and_fail(bob, first, say)
        say("canary three")
    assert found("canary") == ["canary three", "canary one"]
    assert found("sparrow") == []


def test_a_redacted_text_that_is_still_found_is_told(ada: User, say: Say) -> None:
    message = say("A canary sings")
    redact_messages(actor=ada, message_ids=[message.pk])
    # As a door would leave it that forgot one of the two.
    reindex_message(message.pk, new_body="A canary sings")
    [sentence] = list(find_damage())
    assert sentence == f"Message {message.pk} is redacted, but is found by its words (1 such)."


def test_a_message_that_cannot_be_found_is_told(say: Say) -> None:
    message = say("A canary sings")
    lose_the_index()
    [sentence] = list(find_damage())
    assert sentence == f"Message {message.pk} is not in the index (1 such): run manage.py reindex."


def test_nobody_keeps_a_text_because_the_index_is_broken(
    ada: User, bob: User, lobby: Room, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    message, other = post(bob, lobby, "A canary sings"), post(bob, lobby, "Another canary")
    lose_the_index()
    redact_messages(actor=ada, message_ids=[message.pk])
    assert Message.objects.get(pk=message.pk).body == ""
    assert found("sings") == []
    redact_messages(actor=ada, message_ids=[other.pk])
    assert found("canary") == []
    if connection.vendor == "sqlite":
        assert "manage.py reindex" in caplog.text
