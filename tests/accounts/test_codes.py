"""Codes: each lets in once, whoever hands it in, and guessing is no way in"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client

from chat.accounts import codes, sealing
from chat.models import User
from tests.accounts.second_factors import (
    CODES,
    SHOW,
    SIGN_IN,
    Clock,
    after_password,
    is_in,
    opened,
    recovery_codes_of,
    with_app,
)
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_code_opens_one_door_once(bob: User, clock: Clock) -> None:
    secret = with_app(opened(bob), clock)
    code = clock.code(secret)
    first, second = after_password(bob), after_password(bob)
    first.post(SHOW, {"code": code})
    cache.clear()  # It is not a cache that remembers.
    second.post(SHOW, {"code": code})
    assert (is_in(first), is_in(second)) == (True, False)


@pytest.mark.parametrize(("ticks", "gets_in"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(
    bob: User, clock: Clock, ticks: int, gets_in: bool
) -> None:
    secret = with_app(opened(bob), clock)
    clock.wait(300)
    window = after_password(bob)
    window.post(SHOW, {"code": clock.code(secret, ticks=ticks)})
    assert is_in(window) is gets_in


def test_after_a_later_code_an_earlier_one_is_worth_nothing(bob: User, clock: Clock) -> None:
    secret = with_app(opened(bob), clock)
    clock.wait(300)
    after_password(bob).post(SHOW, {"code": clock.code(secret, ticks=1)})
    window = after_password(bob)
    window.post(SHOW, {"code": clock.code(secret)})
    assert not is_in(window)


@pytest.mark.parametrize("typed", ["{}", " {} ", "{:.3} {:.3}", "full width"])
def test_a_code_is_read_as_people_type_it(bob: User, clock: Clock, typed: str) -> None:
    secret = with_app(opened(bob), clock)
    code = clock.code(secret)
    if typed == "full width":
        code = code.translate({ord("0") + n: ord("０") + n for n in range(10)})
    elif " {" in typed[1:]:
        code = f"{code[:3]} {code[3:]}"
    else:
        code = typed.format(code)
    window = after_password(bob)
    window.post(SHOW, {"code": code})
    assert is_in(window)


def test_a_recovery_code_works_once(bob: User, clock: Clock) -> None:
    client = opened(bob)
    with_app(client, clock)
    kept = recovery_codes_of(client)
    assert len(set(kept)) == 10
    for code, gets_in in ((kept[0], True), (kept[0], False), (kept[1].replace(" ", ""), True)):
        window = after_password(bob)
        window.post(SHOW, {"code": code})
        assert is_in(window) is gets_in
    assert len(recovery_codes_of(client)) == 8


def test_new_recovery_codes_end_the_old_ones(bob: User, clock: Clock) -> None:
    client = opened(bob)
    with_app(client, clock)
    old = recovery_codes_of(client)
    client.post(f"{CODES}generate/")
    window = after_password(bob)
    window.post(SHOW, {"code": old[0]})
    assert not is_in(window)
    assert not set(old) & set(recovery_codes_of(client))


def test_the_file_to_keep_has_every_code_and_is_in_no_cache(bob: User, clock: Clock) -> None:
    client = opened(bob)
    with_app(client, clock)
    file = client.get(f"{CODES}download/")
    assert "attachment" in file.headers["Content-Disposition"]
    assert "no-store" in file.headers["Cache-Control"]
    shown = [code.replace(" ", "") for code in recovery_codes_of(client)]
    assert file.content.decode().split()[-10:] == shown


def test_without_the_password_no_code_is_asked_for(bob: User, clock: Clock) -> None:
    secret = with_app(opened(bob), clock)
    stranger = Client()
    assert stranger.get(SHOW)["Location"] == SIGN_IN
    stranger.post(SHOW, {"code": clock.code(secret)})
    assert not is_in(stranger)


def test_the_code_of_another_is_worth_nothing(ada: User, bob: User, clock: Clock) -> None:
    hers = with_app(opened(ada), clock)
    with_app(opened(bob), clock)
    window = after_password(bob)
    window.post(SHOW, {"code": clock.code(hers)})
    assert not is_in(window)


def test_mallory_does_not_get_in_with_a_code_either(mallory: User, clock: Clock) -> None:
    Authenticator.objects.create(
        user=mallory, type="totp", data={"secret": sealing.seal("JBSWY3DPEHPK3PXP")}
    )
    client = Client()
    client.post(SIGN_IN, {"login": "mallory", "password": PASSWORD})
    client.post(SHOW, {"code": clock.code("JBSWY3DPEHPK3PXP")})
    assert not is_in(client)


def test_five_wrong_codes_stand_and_the_sixth_waits_from_anywhere(bob: User, clock: Clock) -> None:
    secret = with_app(opened(bob), clock)
    window = after_password(bob)
    for _ in range(5):
        answer = window.post(SHOW, {"code": "000000"})
        assert "This code is wrong" in answer.content.decode()
    elsewhere = after_password(bob)
    answer = elsewhere.post(SHOW, {"code": clock.code(secret)}, REMOTE_ADDR="203.0.113.9")
    assert "Too many wrong codes" in answer.content.decode()
    assert not is_in(elsewhere)
    clock.wait(301)
    elsewhere.post(SHOW, {"code": clock.code(secret)})
    assert is_in(elsewhere)


def test_patience_does_not_make_guessing_possible(bob: User, clock: Clock) -> None:
    secret = with_app(opened(bob), clock)
    window = after_password(bob)
    for _ in range(10):
        for _ in range(5):
            window.post(SHOW, {"code": "000000"})
        clock.wait(301)
        window = after_password(bob)
    window.post(SHOW, {"code": clock.code(secret)})
    assert not is_in(window)


def test_a_right_code_of_ones_own_forgives_no_guesses_at_others(
    ada: User, bob: User, clock: Clock
) -> None:
    hers = with_app(opened(ada), clock)
    with_app(opened(bob), clock)
    for _ in range(4):
        after_password(bob).post(SHOW, {"code": "000000"})
    after_password(ada).post(SHOW, {"code": clock.code(hers)})
    after_password(bob).post(SHOW, {"code": "000000"})
    answer = after_password(bob).post(SHOW, {"code": "000000"})
    assert "Too many wrong codes" in answer.content.decode()


def test_signing_in_as_somebody_else_begins_anew(bob: User, clock: Clock) -> None:
    secret = with_app(opened(bob), clock)
    window = after_password(bob)
    assert window.post("/accounts/logout/", {"next": SIGN_IN})["Location"] == SIGN_IN
    window.post(SHOW, {"code": clock.code(secret)})
    assert not is_in(window)


def in_one_moment(window_of: Callable[[], Client], code: str) -> int:
    """Hand the same code in from eight windows at once; return how many got in."""
    windows = [window_of() for _ in range(8)]

    def hand_in(window: Client) -> None:
        try:
            window.post(SHOW, {"code": code})
        finally:
            connection.close()

    with ThreadPoolExecutor(len(windows)) as threads:
        list(threads.map(hand_in, windows))
    return sum(map(is_in, windows))


def test_of_many_windows_at_once_a_code_lets_in_one(
    bob: User, clock: Clock, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MFA_RATE_LIMITS = {}
    client = opened(bob)
    secret, kept = with_app(client, clock), recovery_codes_of(client)
    judge, meeting = codes.matching_counter, Barrier(2)

    def judge_slowly(*args: Any, **kwargs: Any) -> int | None:
        counter = judge(*args, **kwargs)
        # Between judging and noting, another gets the chance to judge as well.
        with suppress(BrokenBarrierError):
            meeting.wait(0.5)
        return counter

    monkeypatch.setattr(codes, "matching_counter", judge_slowly)
    for code in (clock.code(secret), kept[0]):
        assert in_one_moment(lambda: after_password(bob), code) == 1
