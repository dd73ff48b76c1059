"""A room in which time has passed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import Message, Room, User
from tests.conftest import Post
from tests.moderation.conftest import max_
from tests.store.conftest import rung

__all__ = ["max_", "rung"]

Said = Callable[..., list[Message]]


@pytest.fixture
def said(post: Post, bob: User) -> Said:
    """Have bob say something so many times, so many days ago."""

    def say(room: Room, count: int, *, days_ago: float, word: str = "Hello") -> list[Message]:
        posted = [post(bob, room, f"{word} number {number}.") for number in range(count)]
        at = timezone.now() - timedelta(days=days_ago)
        Message.log.filter(pk__in=[message.pk for message in posted]).update(created_at=at)
        return posted

    return say
