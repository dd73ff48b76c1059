"""Second factors in a real browser: an app and a passkey, set up, used, and looked at by axe."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import Complaints
from tests.browser.conftest import Person, Windows
from tests.browser.site import RealSite
from tests.browser.test_axe import PHONE, expect_nothing_found

PASSWORD = "three blind mice"
OVERVIEW = "/accounts/2fa/"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def code_of(secret: str, *, ticks: int = 0) -> str:
    """What an authenticator app shows (RFC 6238), some half minutes from now."""
    counter = int(time.time()) // 30 + ticks
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    start = digest[-1] & 0xF
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFF_FFFF
    return f"{number % 1_000_000:06d}"


@pytest.fixture
def named(windows: Windows, site: RealSite, complaints: Complaints) -> Windows:
    """Windows on the site's name: a passkey belongs to one, and not to a number."""
    windows._address = site.address.replace("127.0.0.1", "localhost")
    return windows


@pytest.fixture
def bob(cast: Callable[..., Person]) -> Person:
    return cast("bob", password=PASSWORD)


def with_authenticator(page: Page, **traits: Any) -> Callable[..., Any]:
    """Give the browser a device that holds passkeys; the answer speaks to it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **traits}})

    def speak(method: str, **wanted: Any) -> Any:
        authenticator = {"authenticatorId": made["authenticatorId"]}
        return session.send(f"WebAuthn.{method}", {**authenticator, **wanted})

    return speak


def sign_in(page: Page, person: Person) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Name or e-mail").fill(person.name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/profile/")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("/")


def confirm_password(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def expect_signed_in(page: Page, person: Person) -> None:
    page.goto("/profile/")
    expect(page.get_by_label("Display name")).to_have_value(person.name)


def test_bob_makes_a_passkey_signs_out_and_in_with_it(named: Windows, bob: Person) -> None:
    page = named.page(bob, "/profile/")
    with_authenticator(page)
    page.get_by_role("link", name="Set up").click()
    page.get_by_role("link", name="Add a passkey").click()
    confirm_password(page)
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Laptop").first).to_be_visible()
    sign_out(page)
    page.goto("/accounts/login/?next=/profile/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "accounts" not in url)
    assert page.url.endswith("/profile/")
    expect_signed_in(page, bob)
    sign_out(page)
    sign_in(page, bob)
    page.wait_for_url("**/2fa/authenticate/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "accounts" not in url)
    expect_signed_in(page, bob)


def test_bob_sets_an_app_up_and_signs_in_with_its_codes(windows: Windows, bob: Person) -> None:
    page = windows.page(bob, OVERVIEW)
    page.get_by_role("link", name="Set up an app").click()
    confirm_password(page)
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("img => img.complete && img.naturalWidth > 100")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("The code that the app shows now").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    kept = page.locator(".codes li").first.inner_text()
    sign_out(page)
    for code in (code_of(secret, ticks=1), kept):
        sign_in(page, bob)
        page.wait_for_url("**/2fa/authenticate/")
        field = page.get_by_label("Code")
        expect(field).to_be_focused()
        field.fill(code)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "accounts" not in url)
        expect_signed_in(page, bob)
        sign_out(page)


def test_who_looks_away_is_told_and_tries_again(named: Windows, bob: Person) -> None:
    page = named.page(bob, OVERVIEW)
    device = with_authenticator(page)
    page.get_by_role("link", name="Add a passkey").click()
    confirm_password(page)
    device("setUserVerified", isUserVerified=False)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("alert").locator("visible=true")).to_contain_text("try again")
    device("setUserVerified", isUserVerified=True)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto(OVERVIEW)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("alert").locator("visible=true")).to_contain_text("already")


def test_on_a_number_one_is_told_where_passkeys_work(windows: Windows, bob: Person) -> None:
    page = windows.page(path="/accounts/login/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    page = windows.page(bob, "/accounts/2fa/webauthn/add/")
    confirm_password(page)
    expect(page.get_by_text("Passkeys cannot be used here")).to_be_visible()
    expect(page.get_by_role("button", name="Make the passkey")).to_be_hidden()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(named: Windows, bob: Person, options: dict[str, Any]) -> None:
    page = named.page(bob, "/profile/", **options)
    with_authenticator(page)
    expect_nothing_found(page)
    page.goto(OVERVIEW)
    expect_nothing_found(page)
    page.get_by_role("link", name="Set up an app").click()
    confirm_password(page)
    page.get_by_label("The code that the app shows now").fill("no code")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("This code is wrong")).to_be_visible()
    expect_nothing_found(page)
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("The code that the app shows now").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    expect_nothing_found(page)
    page.goto("/accounts/2fa/webauthn/add/")
    expect_nothing_found(page)
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url(f"**{OVERVIEW}")
    expect_nothing_found(page)
    for path in ("totp/deactivate/", "recovery-codes/generate/"):
        page.goto(OVERVIEW + path)
        expect_nothing_found(page)
    for link in ("Rename", "Remove"):
        page.goto(OVERVIEW)
        page.get_by_role("link", name=link).click()
        expect_nothing_found(page)
    for path in ("reauthenticate/", "webauthn/reauthenticate/"):
        page.goto(OVERVIEW + path)
        expect_nothing_found(page)
    sign_out(page)
    sign_in(page, bob)
    page.wait_for_url("**/2fa/authenticate/")
    expect_nothing_found(page)
    page.get_by_label("Code").fill("no code")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("This code is wrong")).to_be_visible()
    expect_nothing_found(page)
