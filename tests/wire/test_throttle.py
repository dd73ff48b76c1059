"""How fast one person may post: a burst, a minute, guests half, everybody for themselves."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from chat import throttle
from chat.errors import ThrottledError
from chat.hit_counter import HitCounter

ADA, BOB = 1, 2


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.POSTS_BURST, settings.POSTS_PER_MINUTE = 4, 6
    throttle._post_limits.cache_clear()


def test_the_post_after_a_burst_is_told_how_long_to_wait() -> None:
    for _ in range(4):
        throttle.throttle_post(BOB, is_guest=False)
    with pytest.raises(ThrottledError) as refusal:
        throttle.throttle_post(BOB, is_guest=False)
    assert refusal.value.retry_after is not None
    assert 0 < refusal.value.retry_after <= throttle.BURST_WINDOW_S


def test_a_guest_gets_half() -> None:
    for _ in range(2):
        throttle.throttle_post(BOB, is_guest=True)
    with pytest.raises(ThrottledError):
        throttle.throttle_post(BOB, is_guest=True)


def test_one_who_is_throttled_throttles_nobody_else() -> None:
    for _ in range(4):
        throttle.throttle_post(BOB, is_guest=False)
    throttle.throttle_post(ADA, is_guest=False)


def test_a_window_that_has_ended_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("chat.hit_counter.time.monotonic", lambda: now[0])
    hits = HitCounter()
    assert [hits.hit("bob", 2, 10) for _ in range(3)] == [0.0, 0.0, 10.0]
    now[0] = 110.0
    assert hits.hit("bob", 2, 10) == 0.0


def test_the_minute_counts_where_the_burst_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("chat.hit_counter.time.monotonic", lambda: now[0])
    for _ in range(4):
        throttle.throttle_post(BOB, is_guest=False)
    now[0] += throttle.BURST_WINDOW_S
    for _ in range(2):
        throttle.throttle_post(BOB, is_guest=False)
    with pytest.raises(ThrottledError) as refusal:
        throttle.throttle_post(BOB, is_guest=False)
    assert refusal.value.retry_after == 50
