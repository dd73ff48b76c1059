"""Take the pictures of ``docs/moderation.md``: the seeded world, in a real Chromium.

``python docs/pictures.py``, with the packages that the tests need, and Chromium.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.setup.conftest import Site, clean_environment, free_port  # noqa: E402

PICTURES = PROJECT / "docs" / "moderation"
MODERATOR = "Priya Raman"
SIZE = {"width": 1280, "height": 800}


def main() -> None:
    """Make a world in a folder of its own, take the pictures, and leave nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {"DATA_DIR": folder, "PORT": str(free_port())}
        manage(variables, "serve", "--prepare-only")
        [password] = re.findall(rf"(\S+)  {MODERATOR}", manage(variables, "seed"))
        site = Site(Path(folder) / "output", ["serve"], **variables)
        try:
            site.wait_until_it_serves()
            with sync_playwright() as playwright:
                chromium = shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=chromium)
                take(browser, site.address, password)
        finally:
            site.stop()


def manage(variables: dict[str, str], *command: str) -> str:
    """Run a command of ``manage.py`` under these variables, and return what it says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT,
        env={**clean_environment(), **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def take(browser: Browser, address: str, password: str) -> None:
    """Go through the evening of ``moderation.md`` as its moderator."""
    page = browser.new_page(viewport=SIZE, base_url=address, locale="en")
    page.goto("/accounts/login/")
    page.fill("[name=login]", MODERATOR)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/rooms/**")
    shoot(page, "/admin/", "desk")
    page.goto("/admin/chat/reportcase/")
    page.click("#result_list a >> nth=0")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / "case.png")
    in_the_room(page)
    page.goto("/admin/chat/user/?q=Best+Deals")
    page.check("#result_list input.action-select")
    page.select_option("select[name=action]", label="Ban…")
    page.click(".actions button[type=submit], .actions [name=index]")
    page.wait_for_load_state("networkidle")
    page.fill("[name=reason]", "You were told not to advertise here.")
    page.get_by_role("button", name="Show it as the form says now").click()
    page.wait_for_load_state("networkidle")
    page.set_viewport_size({**SIZE, "height": 1_080})
    page.screenshot(path=PICTURES / "sanction.png")
    page.set_viewport_size(SIZE)
    shoot(page, "/admin/chat/auditentry/", "audit")


def in_the_room(page: Page) -> None:
    """The menu of a message, and the queue of posts that wait."""
    page.goto("/rooms/")
    page.get_by_role("link", name="Kitchen table").first.click()
    page.wait_for_timeout(1_500)
    advertised = page.locator("[data-seq]").filter(has_text="Amazing watches").first
    advertised.hover()
    advertised.get_by_role("button", name="More").or_(advertised.locator("button").last).click()
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / "room.png")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Book club").first.click()
    page.wait_for_timeout(1_500)
    page.get_by_role("button", name=re.compile("waits? for approval")).first.click()
    page.wait_for_timeout(300)
    page.screenshot(path=PICTURES / "held.png")


def shoot(page: Page, path: str, name: str) -> None:
    """Take one page as it stands when everything is loaded."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    main()
