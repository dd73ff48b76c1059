"""What a text must not say is found as a reader reads it, quickly, and from the next post on."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chat import errors, word_rules
from chat.actions import messages
from chat.actions.word_rules import add_rule, change_rule, remove_rule
from chat.models import HeldPost, Message, ReportCase, Room, Site, User, WordRule
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.protocol import MAX_BODY_CHARS, HeldMark, Mark
from chat.word_rules import RuleSet, as_read, compile_pattern
from tests.conftest import Post, fresh, new_nonce
from tests.moderation.conftest import entries


def breaks(kind: str, pattern: str, text: str) -> bool:
    return compile_pattern(kind, pattern).search(as_read(text)) is not None


def say(author: User, room: Room, body: str) -> Any:
    [outcome] = commit_posts([PostIntent(author.pk, room.pk, new_nonce(), body)])
    return outcome


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("spam", "SPAM!"),
        ("spam", "Buy my ｓｐａｍ now"),
        ("spam", "s\u200bp\u200da\u2060m"),
        ("spam", "sp\u00adam"),
        ("spam", "s\u034fp\ufe0fa\u3164m"),
        ("ｓｐａｍ", "spam"),
        ("Straße", "STRASSE"),
        ("café", "cafe\u0301"),
        ("café", "cafe\u200b\u0301"),
        ("buy now", "buy\n  now"),
        ("buy now", "BUY\u3000NOW"),
        ("spam", "(spam)"),
        ("$$$", "cheap$$$cheap"),
        ("赌博", "在线赌博网站"),
        ("赌博", "赌\u200b博"),
        ("a.b", "a.b"),
    ],
)
def test_a_literal_is_found_however_it_is_written(pattern: str, text: str) -> None:
    assert breaks("literal", pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("ass", "first class"),
        ("ass", "assess"),
        ("spam", "spa m"),
        ("a.b", "acb"),
        ("赌博", "赌了博了"),
        ("naïve", "naive"),
    ],
)
def test_a_literal_is_found_as_whole_words_alone(pattern: str, text: str) -> None:
    assert not breaks("literal", pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("spam*", "spamming", True),
        ("spam*", "antispam", False),
        ("*spam", "antispam", True),
        ("sp?m", "spxm", True),
        ("sp?m", "spm", False),
        ("fr*e money", "freeee   MONEY", True),
        ("fr*e", "fr ee", False),
        ("*赌*", "在线赌博网站", True),
    ],
)
def test_a_wildcard_stands_for_letters_of_one_word(pattern: str, text: str, expected: bool) -> None:
    assert breaks("wildcard", pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\d{4} \d{4}", "Call 1234 5678", True),
        (r"FOO\S+", "foobar", True),
        (r"^spam$", "no spam", False),
        (r"(?:赌|博){2}", "赌博", True),
    ],
)
def test_a_regular_expression_is_re2_s(pattern: str, text: str, expected: bool) -> None:
    assert breaks("regex", pattern, text) is expected


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("literal", ""),
        ("literal", "\u200b"),
        ("wildcard", "*"),
        ("wildcard", "?"),
        ("wildcard", "**"),
        ("regex", "("),
        ("regex", "a*"),
        ("regex", ".*"),
        ("regex", "."),
        ("regex", r"(a)\1"),
        ("regex", "(?=a)"),
        ("regex", "((a{1000}){1000}){1000}"),
        ("regex", "abc\\"),
        ("regex", "\ud800"),
    ],
)
def test_what_cannot_be_used_or_matches_everything_is_refused(
    kind: str, pattern: str, max_: User
) -> None:
    with pytest.raises(errors.BadPatternError):
        add_rule(actor=max_, kind=kind, pattern=pattern)
    assert (WordRule.objects.count(), Site.objects.get().rules_revision) == (0, 0)


def test_what_is_too_long_is_refused(max_: User) -> None:
    with pytest.raises(errors.BadPatternError):
        add_rule(actor=max_, pattern="a" * 501)
    with pytest.raises(errors.BadFieldError):
        add_rule(actor=max_, pattern="spam", sentence="a" * 501)
    with pytest.raises(errors.BadFieldError):
        add_rule(actor=max_, pattern="spam", outcome="burn")
    add_rule(actor=max_, pattern="a" * 500, sentence="a" * 500)


@pytest.mark.parametrize(
    ("pattern", "letter"),
    [("(a+)+$", "a"), ("(a|a)*b", "a"), ("(.*)*x", "好"), ("(a?){200}b", "a")],
)
def test_no_pattern_runs_away_on_any_text(pattern: str, letter: str) -> None:
    expression = compile_pattern("regex", pattern + "!")
    started = time.perf_counter()
    expression.search(letter * MAX_BODY_CHARS)
    assert time.perf_counter() - started < 0.5


# --- What happens -------------------------------------------------------------------------------


def test_a_post_is_refused_with_the_rule_s_sentence(bob: User, max_: User, lobby: Room) -> None:
    add_rule(actor=max_, pattern="spam", outcome="refuse", sentence="Not here, please.")
    refused = say(bob, lobby, "Spam!")
    assert isinstance(refused, errors.RefusedWordsError)
    assert refused.text == "Not here, please."
    add_rule(actor=max_, pattern="scam", outcome="refuse")
    assert say(bob, lobby, "Scam!").text == errors.RefusedWordsError().text
    assert fresh(lobby).last_seq == 0


def test_a_post_is_held_or_let_pass_and_reported(bob: User, max_: User, lobby: Room) -> None:
    add_rule(actor=max_, pattern="spam", outcome="hold")
    add_rule(actor=max_, pattern="scam", outcome="report")
    assert isinstance(say(bob, lobby, "Spam!"), HeldMark)
    assert HeldPost.objects.get().cause == "words"
    assert isinstance(say(bob, lobby, "Scam!"), Mark)
    assert ReportCase.objects.get().message.body == "Scam!"


def test_of_several_rules_the_strictest_counts(bob: User, max_: User, lobby: Room) -> None:
    for outcome, pattern in (("report", "one"), ("refuse", "two"), ("hold", "three")):
        add_rule(actor=max_, pattern=pattern, outcome=outcome)
    assert isinstance(say(bob, lobby, "one two three"), errors.RefusedWordsError)
    assert isinstance(say(bob, lobby, "one three"), HeldMark)


def test_who_leads_may_say_it(ada: User, max_: User, lobby: Room) -> None:
    add_rule(actor=max_, pattern="spam", outcome="refuse")
    assert isinstance(say(ada, lobby, "Spam!"), Mark)


def test_a_room_s_own_rule_holds_there_alone(
    ada: User, bob: User, eve: User, lobby: Room, cellar: Room
) -> None:
    add_rule(actor=ada, pattern="spam", outcome="refuse", room_id=lobby.pk)
    assert isinstance(say(bob, lobby, "Spam!"), errors.RefusedWordsError)
    assert isinstance(say(bob, cellar, "Spam!"), Mark)
    with pytest.raises(errors.ForbiddenError):
        add_rule(actor=ada, pattern="spam")
    with pytest.raises(errors.ForbiddenError):
        add_rule(actor=bob, pattern="spam", room_id=lobby.pk)
    for missing in (cellar.pk, 404):
        with pytest.raises(errors.NotFoundError):
            add_rule(actor=eve, pattern="spam", room_id=missing)


def test_edits_are_judged_as_posts_are(
    ada: User, bob: User, max_: User, lobby: Room, post: Post
) -> None:
    for outcome, pattern in (("report", "one"), ("refuse", "two"), ("hold", "three")):
        add_rule(actor=max_, pattern=pattern, outcome=outcome)
    message = post(bob, lobby)
    before = fresh(lobby).revision
    for body, refusal in (("two", errors.RefusedWordsError), ("three", errors.NeedsApprovalError)):
        with pytest.raises(refusal):
            messages.edit_message(actor=bob, message_id=message.pk, body=body)
    assert fresh(lobby).revision == before
    messages.edit_message(actor=bob, message_id=message.pk, body="one")
    assert ReportCase.objects.get().message == message


# --- Changing them --------------------------------------------------------------------------------


def test_a_rule_that_another_process_made_holds_for_the_next_post(
    bob: User, max_: User, lobby: Room
) -> None:
    assert isinstance(say(bob, lobby, "Spam!"), Mark)
    add_rule(actor=max_, pattern="spam", outcome="refuse")
    # This process believes that nothing has changed, and judged the text by that.
    stale = PostIntent(bob.pk, lobby.pk, new_nonce(), "Spam!")
    assert stale.rule is None
    [outcome] = commit_posts([stale])
    assert isinstance(outcome, errors.RefusedWordsError)
    rule = WordRule.objects.get()
    change_rule(actor=max_, rule_id=rule.pk, is_active=False)
    [outcome] = commit_posts([PostIntent(bob.pk, lobby.pk, new_nonce(), "Spam!")])
    assert isinstance(outcome, Mark)


def test_a_rule_is_changed_and_removed_and_the_audit_keeps_its_pattern(
    bob: User, max_: User, lobby: Room
) -> None:
    rule = add_rule(actor=max_, pattern=" spam ", outcome="hold", reason="A wave of it")
    change_rule(actor=max_, rule_id=rule.pk, pattern=" scam ", outcome="refuse")
    assert isinstance(say(bob, lobby, "Spam!"), Mark)
    assert isinstance(say(bob, lobby, "Scam!"), errors.RefusedWordsError)
    change_rule(actor=max_, rule_id=rule.pk, pattern="scam")
    remove_rule(actor=max_, rule_id=rule.pk, reason="Over")
    assert isinstance(say(bob, lobby, "Scam!"), Mark)
    assert [(e.verb, e.details) for e in entries(actor=max_)] == [
        ("add_rule", "hold literal: spam"),
        ("change_rule", "refuse literal: scam"),
        ("remove_rule", "refuse literal: scam"),
    ]
    assert Site.objects.get().rules_revision == 3
    for act in (lambda: remove_rule(actor=max_, rule_id=rule.pk),
                lambda: change_rule(actor=max_, rule_id=rule.pk, pattern="x")):  # fmt: skip
        with pytest.raises(errors.NotFoundError):
            act()
    with pytest.raises(errors.BadFieldError):
        change_rule(actor=max_, rule_id=rule.pk, made_by=bob)


def test_a_rule_that_cannot_be_read_any_more_stops_nobody(
    bob: User, max_: User, lobby: Room
) -> None:
    rule = add_rule(actor=max_, pattern="spam", outcome="refuse")
    add_rule(actor=max_, pattern="scam", outcome="refuse")
    WordRule.objects.filter(pk=rule.pk).update(kind="regex", pattern="(")
    Site.objects.update(rules_revision=99)
    assert isinstance(say(bob, lobby, "Hello."), Mark)
    assert isinstance(say(bob, lobby, "Scam!"), errors.RefusedWordsError)


def test_no_rules_cost_no_look(bob: User, lobby: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    say(bob, lobby, "Hello.")
    monkeypatch.setattr(word_rules, "as_read", lambda text: pytest.fail("nothing was asked"))
    assert RuleSet(0, ()).judge(lobby.pk, "Hello.") is None
    assert isinstance(say(bob, lobby, "Hello again."), Mark)
    assert Message.objects.count() == 2
