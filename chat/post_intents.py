"""What the writer is given: an intent to post, made ready before any lock is held."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from chat.word_rules import Rule, kept_rules


@dataclass(frozen=True, slots=True)
class PostIntent:
    """One intent to post. Its text is clean and its author known; the room is judged later."""

    author_id: int
    room_id: int
    nonce: str
    body: str
    digest: bytes = field(init=False)
    rule: Rule | None = field(init=False)
    """The word rule that the text breaks, as far as this process knows the rules."""
    rules_revision: int = field(init=False)

    def __post_init__(self) -> None:
        # Here, before any lock is held: under it only a comparison is left.
        rules = kept_rules()
        object.__setattr__(self, "digest", hashlib.sha256(self.body.encode()).digest())
        object.__setattr__(self, "rule", rules.judge(self.room_id, self.body))
        object.__setattr__(self, "rules_revision", rules.revision)

    @property
    def key(self) -> tuple[int, str]:
        """What makes the intent the same one: author and nonce."""
        return self.author_id, self.nonce

    @property
    def room_key(self) -> tuple[int, int]:
        """Author and room: what a membership is found by."""
        return self.author_id, self.room_id

    @property
    def columns(self) -> tuple[Any, ...]:
        """What the row takes from the intent, as ``post_rows.insert_messages`` wants it."""
        return self.author_id, self.nonce, self.digest, self.body
