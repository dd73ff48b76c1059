"""The admin in a real Chromium: under the site's own strict policy, in both themes, on a phone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.live.stage import Someone, Stage

CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
COUNT_VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation",
    (event) => violations.push(event.violatedDirective + " " + event.blockedURI));
"""
PAGES = [
    *("", "chat/", "chat/user/", "chat/room/", "chat/membership/", "chat/message/"),
    *("chat/invitation/", "chat/auditentry/", "chat/room/add/", "chat/invitation/add/"),
    *("chat/user/add/", "chat/room/1/change/", "chat/user/2/change/", "chat/user/2/password/"),
    *("chat/message/1/change/", "chat/message/redact/?ids=1,2", "chat/membership/1/change/"),
    *("chat/sanction/", "chat/sanction/add/", "chat/sanction/1/change/"),
    *("chat/sanction/lift/?ids=1", "chat/user/mute/?ids=2", "chat/user/ban/?ids=2"),
    *("chat/user/kick/?ids=2", "chat/user/second_factor/?ids=2"),
    *("chat/addressban/", "chat/addressban/add/", "chat/addressban/1/change/"),
    *("chat/addressban/lift/?ids=1", "chat/wordrule/", "chat/wordrule/add/"),
    *("chat/wordrule/1/change/", "chat/wordrule/remove/?ids=1"),
    *("chat/reportcase/", "chat/reportcase/1/change/", "chat/heldpost/"),
    "chat/message/redact-all/?people=2&room=1",
]


@pytest.fixture(scope="module")
def olga(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Someone]]:
    """A site with something in it, and its owner."""
    stage = Stage(tmp_path_factory.mktemp("looks"))
    try:
        stage.start()
        owner = stage.person("olga", is_staff=True, is_superuser=True)
        bob = stage.person("bob")
        stage.posts(stage.room(owner, bob), bob, "Hello", "ä" * 400, "我覺得這個週末可以去爬山")
        act = partial(stage.backstage, "act", person=owner.id)
        act(action="sanctions.mute", user_id=bob.id, room_id=1, reason="shouting", note="again")
        act(action="addresses.ban_address", network="1.1.1.0/24", reason="a raid")
        act(action="word_rules.add_rule", pattern="buy gold *", kind="wildcard")
        act(action="reports.report_message", message_id=2, reason="too long")
        yield stage, owner
    finally:
        stage.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if shutil.which(CHROMIUM) is None:
        pytest.skip("Chromium is missing. On Debian: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def page_of(
    browser: Browser, site: tuple[Stage, Someone], width: int, scheme: Any, **options: Any
) -> Page:
    stage, owner = site
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        base_url=stage.address,
        **options,
    )
    context.add_cookies([{"name": "sessionid", "value": owner.session, "url": stage.address}])
    return context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_loads_under_the_policy_and_fits(
    browser: Browser, olga: tuple[Stage, Someone], width: int, scheme: str
) -> None:
    page = page_of(browser, olga, width, scheme)
    page.add_init_script(COUNT_VIOLATIONS)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in PAGES:
        answer = page.goto(f"/admin/{path}", wait_until="load")
        assert answer is not None
        assert answer.status == 200, path
        assert "require-trusted-types-for" in answer.headers["content-security-policy"]
        complaints += page.evaluate("violations")
        overflows = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not overflows, f"{path} is wider than {width}"
    page.context.close()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, olga: tuple[Stage, Someone], scheme: str) -> None:
    # axe is put into the page as an inline script, which the policy rightly refuses.
    page = page_of(browser, olga, 1440, scheme, bypass_csp=True)
    found = []
    for path in PAGES:
        page.goto(f"/admin/{path}")
        found += [
            f"{path}: {violation['id']}: {violation['nodes'][0]['html']}"
            for violation in Axe().run(page).response["violations"]
        ]
    page.context.close()
    assert found == []


def test_messages_are_redacted_by_clicking(browser: Browser, olga: tuple[Stage, Someone]) -> None:
    page = page_of(browser, olga, 1440, "light")
    page.goto("/admin/chat/message/")
    page.locator("tr", has_text="Hello").get_by_role("checkbox").check()
    assert "1 of 3 selected" in page.inner_text(".action-counter")
    page.get_by_label("Action:").select_option("redact")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Reason").fill("off topic")
    page.get_by_role("button", name="Redact the message").click()
    assert "1 message is redacted." in page.inner_text(".messagelist")
    assert page.get_by_text("A moderator redacted this message.").count() == 1
    page.context.close()


def test_a_person_is_banned_by_typing_a_part_of_their_name_and_looking_first(
    browser: Browser, olga: tuple[Stage, Someone]
) -> None:
    zoe = olga[0].person("zoe").name
    page = page_of(browser, olga, 1440, "light")
    page.goto("/admin/chat/sanction/add/")
    page.get_by_label("Person").press_sequentially("zo")
    page.locator(f"#id_person_names option[value='{zoe}']").wait_for(state="attached")
    page.get_by_label("Person").fill(zoe)
    page.get_by_label("Sanction").select_option("mute")
    page.get_by_label("Reason").fill("too loud")
    page.get_by_role("button", name="Save", exact=True).click()
    assert f"{zoe} reads: You cannot write on this site" in page.inner_text(".messagelist")
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo it").click()
    page.goto(f"/admin/chat/user/?q={zoe}")
    page.locator(".action-select").check()
    page.get_by_label("Action:").select_option("ban")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("For how long").select_option("ever")
    page.get_by_label("Reason").fill("still too loud")
    # Enter looks again; it takes a click to do it.
    page.get_by_label("Reason").press("Enter")
    page.locator(".seen", has_text="for ever").wait_for()
    assert "still too loud" in page.inner_text(".seen")
    page.get_by_role("button", name="Ban them").click()
    assert "1 person is banned." in page.inner_text(".messagelist")
    page.context.close()


def test_a_word_rule_is_tried_out_by_clicking(
    browser: Browser, olga: tuple[Stage, Someone]
) -> None:
    page = page_of(browser, olga, 1440, "light")
    page.goto("/admin/chat/wordrule/1/change/")
    page.get_by_label("Text to try").fill("BUY GOLD here")
    page.get_by_role("button", name="Try it, without saving").click()
    assert "The rule matches this text" in page.inner_text(".verdict")
    page.context.close()
