"""Where to look: in which rooms, by whom, when."""

from __future__ import annotations

from dataclasses import dataclass

from chat.search.entries import REDACTED, author_facets, room_facets


@dataclass(frozen=True)
class Scope:
    """Of each of these a message has one; of what is empty, it may have any.

    ``days`` are facets, as ``entries.days_of`` returns them.
    """

    rooms: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()
    days: tuple[str, ...] = ()
    is_redacted: bool = False

    @property
    def choices(self) -> list[tuple[str, ...]]:
        """Facets of which one each is to be found."""
        redacted = (REDACTED,) if self.is_redacted else ()
        choices = [room_facets(self.rooms), author_facets(self.authors), self.days, redacted]
        return [choice for choice in choices if choice]
