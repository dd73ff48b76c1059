"""The types that fields of frames are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chat.protocol.limits import (
    MAX_INTEGER,
    MAX_NONCE_CHARS,
    MAX_REASON_CHARS,
    MAX_SLOW_MODE_S,
    MAX_TERM_MINUTES,
)

Identifier = Annotated[int, Field(strict=True, ge=1, le=MAX_INTEGER)]
Revision = Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)]
CommandId = Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)]
Nonce = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{8,64}$", max_length=MAX_NONCE_CHARS),
]
Cursor = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9]{1,32}:[0-9]{1,16}$")]
"""``epoch:revision``: where a client stands in a room of a store."""
# Bodies are judged by chat/text.py, which can say what is wrong in a sentence;
# here only the type is held. The frame's own limit bounds the length.
Body = Annotated[str, Field(strict=True)]


# PostgreSQL cannot store NUL.
Reason = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[^\x00]*$", max_length=MAX_REASON_CHARS)
]


class Frame(BaseModel):
    """Any object on the wire."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Minutes = Annotated[int, Field(strict=True, ge=1, le=MAX_TERM_MINUTES)]
SlowModeSeconds = Annotated[int, Field(strict=True, ge=0, le=MAX_SLOW_MODE_S)]
