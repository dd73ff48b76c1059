"""Word rules in the admin: made, tried out, changed, removed; each by its action."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.actions import word_rules
from chat.errors import RefusedWordsError
from chat.models import AuditEntry, HeldPost, Message, Room, User, WordRule
from tests.admin.conftest import audited, said, tick
from tests.conftest import Post, fresh

LIST = "/admin/chat/wordrule/"
ADD = f"{LIST}add/"


def form(**changes: Any) -> dict[str, Any]:
    """What a browser sends from the page that adds one."""
    filled = {"kind": "literal", "pattern": "gold", "outcome": "refuse", "sentence": ""}
    return {**filled, "room": "", "reason": "", "sample": "", **changes}


def page(rule: WordRule) -> str:
    return f"{LIST}{rule.pk}/change/"


@pytest.fixture
def rule(olga: User) -> WordRule:
    return word_rules.add_rule(actor=olga, pattern="gold", outcome="refuse")


def test_a_rule_bites_from_the_answer_on(
    as_max: Client, max_: User, bob: User, lobby: Room, post: Post
) -> None:
    wanted = form(sentence="No trade here.", reason="spam wave")
    assert as_max.post(ADD, wanted)["Location"] == LIST
    made = WordRule.objects.get()
    assert (made.pattern, made.outcome, made.made_by, made.room) == ("gold", "refuse", max_, None)
    assert audited() == [("max", "add_rule", "spam wave")]
    with pytest.raises(RefusedWordsError) as refusal:
        post(bob, lobby, "Buy GOLD now")
    assert refusal.value.text == "No trade here."


def test_a_rule_of_one_room_bites_there_alone(
    as_max: Client, bob: User, lobby: Room, cellar: Room, post: Post
) -> None:
    as_max.post(ADD, form(outcome="hold", room=f"#{cellar.pk}"))
    assert WordRule.objects.get().room == cellar
    post(bob, lobby, "gold")
    assert Message.objects.count() == 1
    assert not HeldPost.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pattern": ""}, "This field is required"),
        ({"kind": "regex", "pattern": "(("}, "This pattern cannot be used"),
        ({"kind": "regex", "pattern": "x*"}, "it would match every message"),
        ({"kind": "regex", "pattern": r"(a)\1"}, "This pattern cannot be used"),
        ({"kind": "wildcard", "pattern": "*"}, "it would match every message"),
        ({"kind": "magic"}, "Select a valid choice"),
        ({"outcome": "explode"}, "Select a valid choice"),
        ({"room": "The attic"}, "There is no room of this name."),
        ({"pattern": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_with_a_sentence(
    as_max: Client, db: None, changes: dict[str, str], sentence: str
) -> None:
    answer = as_max.post(ADD, form(**changes))
    assert answer.status_code == 200
    assert sentence in said(answer)
    assert not WordRule.objects.exists()


# --- Trying out -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "pattern", "sample", "verdict"),
    [
        ("literal", "ｇｏｌｄ", "buy G\u200bOLD!", "The rule matches this text, at:"),
        ("literal", "ass", "a class", "The rule does not match this text."),
        ("wildcard", "go?d*", "so goodies", "The rule matches this text, at:"),
        ("regex", r"go+\s*ld", "GOO LD", "The rule matches this text, at:"),
        ("literal", "金", "買金幣", "The rule matches this text, at:"),
    ],
)
def test_a_rule_is_tried_out_and_nothing_is_saved(
    as_max: Client, db: None, kind: str, pattern: str, sample: str, verdict: str
) -> None:
    answer = as_max.post(ADD, form(kind=kind, pattern=pattern, sample=sample, _try="1"))
    assert answer.status_code == 200
    assert verdict in said(answer)
    assert "errornote" not in said(answer)
    assert sample in said(answer)
    assert not WordRule.objects.exists()


def test_a_bad_pattern_is_said_where_it_is_tried(as_max: Client, db: None) -> None:
    answer = said(as_max.post(ADD, form(kind="regex", pattern="((", sample="x", _try="1")))
    assert "This pattern cannot be used" in answer
    assert "The rule " not in answer


def test_trying_a_change_changes_nothing(as_max: Client, rule: WordRule) -> None:
    wanted = form(pattern="silver", sample="silver", is_active="on", _try="1")
    assert "The rule matches this text" in said(as_max.post(page(rule), wanted))
    assert fresh(rule).pattern == "gold"


def test_markup_in_a_sample_is_text(as_max: Client, db: None) -> None:
    shown = as_max.post(ADD, form(pattern="<script>", sample="<script>", _try="1"))
    assert "<mark><bdi>&lt;script&gt;</bdi></mark>" in shown.content.decode()


# --- Changing and removing ------------------------------------------------------------------------


def test_a_rule_is_changed_and_switched(as_max: Client, rule: WordRule) -> None:
    as_max.post(page(rule), form(pattern="silver", outcome="report", is_active="on", reason="tin"))
    assert (fresh(rule).pattern, fresh(rule).outcome) == ("silver", "report")
    as_max.post(LIST, tick("switch_off", rule, reason="calm"))
    assert not fresh(rule).is_active
    as_max.post(LIST, tick("switch_on", rule))
    assert fresh(rule).is_active
    assert [entry[1:] for entry in audited()[1:]] == [
        ("change_rule", "tin"),
        ("change_rule", "calm"),
        ("change_rule", ""),
    ]


def test_a_page_sent_back_as_it_was_changes_nothing(as_max: Client, rule: WordRule) -> None:
    as_max.post(page(rule), form(is_active="on"))
    assert len(audited()) == 1


def test_rules_are_removed_after_a_page_that_asks(
    as_max: Client, olga: User, rule: WordRule
) -> None:
    other = word_rules.add_rule(actor=olga, pattern="silver")
    asked = as_max.post(LIST, tick("remove", rule, other))["Location"]
    assert "goes through from now on" in said(as_max.get(asked))
    assert WordRule.objects.count() == 2
    assert "2 rules are removed." in said(as_max.post(asked, {"reason": "over"}, follow=True))
    assert not WordRule.objects.exists()
    removed = AuditEntry.objects.filter(verb="remove_rule")
    assert {entry.details for entry in removed} == {"refuse literal: gold", "hold literal: silver"}
    assert len({entry.action_id for entry in removed}) == 1


def test_djangos_own_delete_is_not_offered_not_even_to_an_owner(
    as_olga: Client, rule: WordRule
) -> None:
    assert as_olga.post(f"{LIST}{rule.pk}/delete/", {"post": "yes"}).status_code == 403
    as_olga.post(LIST, {**tick("delete_selected", rule), "post": "yes"})
    assert WordRule.objects.exists()


# --- Who may, and what it costs -------------------------------------------------------------------


def test_the_outsider_and_the_owner_of_a_room_are_refused(
    as_eve: Client, as_ada: Client, rule: WordRule, lobby: Room
) -> None:
    for client in (as_eve, as_ada):
        for path in (LIST, ADD, page(rule), f"{LIST}remove/?ids={rule.pk}"):
            assert client.get(path, follow=True).status_code == 403
            assert client.post(path, form(room="The lobby"), follow=True).status_code == 403
    assert WordRule.objects.count() == 1


@pytest.mark.parametrize("who", ["as_max", "as_iris", "as_olga"])
def test_moderators_administrators_and_owners_do_the_whole_job(
    who: str, request: pytest.FixtureRequest, db: None
) -> None:
    client: Client = request.getfixturevalue(who)
    client.post(ADD, form())
    made = WordRule.objects.get()
    client.post(page(made), form(pattern="silver", is_active="on"))
    assert fresh(made).pattern == "silver"
    client.post(f"{LIST}remove/?ids={made.pk}", {"reason": ""})
    assert not WordRule.objects.exists()


def test_the_list_makes_no_query_for_a_row(as_max: Client, olga: User, lobby: Room) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_max.get(LIST)
        return len(queries)

    def add(count: int) -> None:
        for number in range(count):
            word_rules.add_rule(actor=olga, pattern=f"word {number}", room_id=lobby.pk)

    add(2)
    cost()
    few = cost()
    add(9)
    assert cost() == few


@pytest.mark.parametrize("term", ["gold", "#1", "%", "'; --", "x" * 500])
def test_any_search_is_answered(as_max: Client, rule: WordRule, term: str) -> None:
    assert as_max.get(LIST, {"q": term}).status_code == 200
