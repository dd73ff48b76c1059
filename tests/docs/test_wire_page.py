"""``docs/wire.md`` is what the code says, and the frames that it shows are real ones."""

from __future__ import annotations

import re

import pytest
from pydantic import TypeAdapter

from chat import errors, protocol
from chat.frames import parse_frame
from chat.wire_docs import fields, page, walk, words

EVENTS = {
    model.model_fields["type"].default: TypeAdapter(model)
    for model in (*protocol.EVENTS, *protocol.REPLIES)
}


def test_the_page_is_up_to_date() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.make_page(), "run make docs"


@pytest.mark.parametrize("step", [s for s in walk.steps() if s.frame], ids=lambda s: s.frame[:40])
def test_the_frames_of_the_walk_are_real(step: walk.Step) -> None:
    if step.direction == ">":
        parse_frame(step.frame)
    else:
        kind = re.match(r'{"type":"(\w+)"', step.frame)
        assert kind is not None
        EVENTS[kind[1]].validate_json(step.frame)


def test_every_model_of_the_wire_is_on_the_page() -> None:
    shown = {*protocol.COMMANDS, *protocol.REPLIES, *protocol.EVENTS, *page.OBJECTS}
    models = {
        value
        for value in vars(protocol).values()
        if isinstance(value, type) and issubclass(value, protocol.Frame)
    }
    assert models - shown == {protocol.Frame, protocol.Command}


def test_every_number_of_the_wire_is_among_the_limits() -> None:
    assert set(page._numbers()) == set(words.LIMITS)


def test_every_close_code_and_every_error_is_explained() -> None:
    text = page.make_page()
    for code in protocol.CloseCode:
        assert f"| {int(code)} |" in text
    for error in errors.ChatError.__subclasses__():
        assert f"| `{error.code}` | {int(error.status)} |" in text


def test_no_mark_is_left_unfilled_and_every_link_within_leads_somewhere() -> None:
    text = page.make_page()
    assert "<!--" not in text
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(#([^)]+)\)", text):
        assert target in headings, target


def test_what_stands_under_a_field_is_on_the_page() -> None:
    assert "The address of their picture" in "\n".join(fields.table(protocol.Person))
