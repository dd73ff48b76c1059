"""A text frame becomes a command, or a refusal that says what is wrong with it."""

from __future__ import annotations

from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _
from pydantic import TypeAdapter, ValidationError

from chat import errors, protocol
from chat.protocol import AnyCommand, Command

_commands: TypeAdapter[Command] = TypeAdapter(AnyCommand)


class RefusedFrameError(Exception):
    """A frame that is no command: its refusal, and its id where one could be read."""

    def __init__(self, refusal: errors.ChatError, command_id: int | None) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.command_id = command_id


def parse_frame(text: str | None) -> Command:
    """Return the command in ``text``; None stands for a binary frame.

    Raises ``RefusedFrameError``, and nothing else.
    """
    if text is None:
        raise RefusedFrameError(errors.BadFrameError(), None)
    if len(text) > protocol.MAX_FRAME_BYTES or (
        # Only a text of so many characters can be too many bytes: look closer then.
        len(text) * 4 > protocol.MAX_FRAME_BYTES
        and len(text.encode("utf-8", "surrogatepass")) > protocol.MAX_FRAME_BYTES
    ):
        raise RefusedFrameError(errors.TooLargeError(), None)
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RefusedFrameError(errors.BadFrameError(), None) from error
    try:
        return _commands.validate_python(frame)
    except ValidationError as error:
        raise RefusedFrameError(_refusal(error), _command_id(frame)) from error


def _refusal(error: ValidationError) -> errors.ChatError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    match first["type"]:
        case "union_tag_invalid":
            return errors.UnknownCommandError()
        case "model_attributes_type" | "union_tag_not_found" if len(first["loc"]) == 0:
            return errors.BadFrameError()
        case _:
            field = str(first["loc"][-1])[:40]
            return errors.BadFieldError(
                _("The field “%(field)s” is missing or wrong.") % {"field": field}
            )


def _command_id(frame: Any) -> int | None:
    """Return the id in a frame that is otherwise wrong, so that its sender can be told."""
    command_id = frame.get("id") if isinstance(frame, dict) else None
    if not isinstance(command_id, int) or isinstance(command_id, bool):
        return None
    return command_id if 0 <= command_id <= protocol.MAX_INTEGER else None
