"""``docs/wire.md``, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
from django.utils import translation

from chat import errors, protocol
from chat.protocol import CloseCode, Frame
from chat.wire_docs import fields, walk, words

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "wire.md"
PROSE = Path(__file__).resolve().parent / "prose.md"
OBJECTS = (
    protocol.Message,
    protocol.Person,
    protocol.Redacted,
    protocol.RoomFacts,
    protocol.RoomEntry,
    protocol.Snapshot,
    protocol.Muted,
    protocol.Mark,
    protocol.HeldMark,
    protocol.HeldPost,
    protocol.Outcome,
)


def make_page() -> str:
    """Return the text of ``docs/wire.md`` as the code has it now."""
    with translation.override("en"):
        text = PROSE.read_text(encoding="utf-8")
        for name, lines in _sections().items():
            text = text.replace(f"<!-- {name} -->", "\n".join(lines))
    for name, number in _numbers().items():
        text = text.replace(f"<!-- {name} -->", f"{number:,}")
    return text


def _sections() -> dict[str, Iterator[str]]:
    """What fills the marks ``<!-- walk -->`` and so on of ``prose.md``."""
    return {
        "walk": _walk(),
        "commands": _models(protocol.COMMANDS),
        "replies": _models(protocol.REPLIES),
        "events": _models(protocol.EVENTS),
        "objects": _models(OBJECTS),
        "limits": _limits(),
        "closes": _closes(),
        "errors": _errors(),
    }


def _numbers() -> dict[str, int]:
    return {
        name: value
        for name, value in vars(protocol).items()
        if name.isupper() and isinstance(value, int)
    }


def _models(models: Iterable[type[Frame]]) -> Iterator[str]:
    for model in models:
        tag = model.model_fields.get("type")
        # A heading of an event and of a command may be the same word; the anchor may not.
        title = f"`{tag.default}`" if tag is not None else model.__name__
        if model is protocol.ReadMark:
            title += " (event)"
        if model is protocol.PingEvent:
            title += " (event)"
        yield from (f"### {title}", "", fields.summary(model).replace("``", "`"), "")
        yield from (*fields.table(model), "")


def _walk() -> Iterator[str]:
    for step in walk.steps():
        if step.text:
            yield from (step.text, "")
        if step.frame:
            arrow = "client → server" if step.direction == ">" else "server → client"
            indented = orjson.dumps(orjson.loads(step.frame), option=orjson.OPT_INDENT_2).decode()
            shown = step.frame if len(step.frame) < 90 else indented
            yield from (f"*{arrow}*", "", "```json", shown, "```", "")


def _limits() -> Iterator[str]:
    yield from ("| limit | |", "|---:|---|")
    numbers = _numbers()
    for name, meaning in words.LIMITS.items():
        yield f"| {numbers[name]:,} | {meaning} |"


def _closes() -> Iterator[str]:
    yield from ("| code | name | why | what a client does |", "|---|---|---|---|")
    for code in CloseCode:
        why, then = words.CLOSES[code]
        yield f"| {int(code)} | `{code.name.lower()}` | {why} | {then} |"


def _errors() -> Iterator[str]:
    yield from ("| code | HTTP | sentence |", "|---|---|---|")
    for error in _refusals():
        yield f"| `{error.code}` | {int(error.status)} | {error.sentence} |"


def _refusals() -> list[type[errors.ChatError]]:
    """The errors in the order of their file, without their parent, which nobody raises."""
    return [
        value
        for value in vars(errors).values()
        if isinstance(value, type)
        and issubclass(value, errors.ChatError)
        and value is not errors.ChatError
    ]
