"""Write what is said into the index, in the transaction in which it is said."""

from __future__ import annotations

from collections.abc import Sequence

from chat.models import Message
from chat.search.entries import Entry, day_of
from chat.search.indexes import the_index


def index_messages(entries: Sequence[Entry]) -> None:
    """Take new messages into the index, by ascending id."""
    the_index().add(entries)


def entry_of(message: Message) -> Entry:
    """The message as it is indexed."""
    day = day_of(message.created_at)
    return Entry(message.pk, message.room_id, message.author_id, day, message.body)


def reindex_message(message_id: int, *, new_body: str) -> None:
    """Put ``new_body`` in the place of a text, before the row of the message is written.

    For an edit, a redaction (``""``) and its undoing. What the index has of the message is
    read from the row, so nobody can forget a part of it.
    """
    index = the_index()
    before = index.read(message_id)
    if before is not None and before.body != new_body:
        index.replace(before, before._replace(body=new_body))
