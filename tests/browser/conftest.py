"""A site, a browser, a cast that is signed in, and windows that may not complain."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.complaints import Complaints
from tests.browser.room_page import RoomPage
from tests.browser.site import Backstage, RealSite
from tests.browser.voice import Voice

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE_MS = 10_000


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    session: str


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # For the package, not the session: while it runs, Playwright keeps an event loop in
    # this thread, with which asynchronous tests and Django's database cannot live.
    if shutil.which(CHROMIUM) is None:
        pytest.skip("Chromium is missing. On Debian: apt-get install chromium fonts-noto-cjk")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSite]:
    site = RealSite(tmp_path_factory.mktemp("site"))
    # Without an owner the front door only says how to become the owner.
    site.backstage.ask("person", name="Olga", is_staff=True, is_superuser=True)
    yield site
    site.close()


@pytest.fixture(scope="package")
def backstage(site: RealSite) -> Backstage:
    return site.backstage


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    complaints = Complaints()
    yield complaints
    assert complaints.unexcused == []


_numbers = itertools.count(1)


@pytest.fixture
def cast(backstage: Backstage) -> Callable[..., Person]:
    """Make somebody new of this name: what others' tests left unread is not theirs."""

    def make(name: str, **fields: Any) -> Person:
        return Person(**backstage.ask("person", name=f"{name} {next(_numbers)}", **fields))

    return make


@pytest.fixture
def ada(cast: Callable[..., Person]) -> Person:
    """Owns the rooms, and so moderates them."""
    return cast("ada")


@pytest.fixture
def bob(cast: Callable[..., Person]) -> Person:
    """A member of the rooms."""
    return cast("bob")


@pytest.fixture
def eve(cast: Callable[..., Person]) -> Person:
    """An outsider: signed in, and a member of nothing."""
    return cast("eve")


class Rooms:
    """Rooms of ada's with bob in them, and what was said there."""

    def __init__(self, backstage: Backstage, ada: Person, bob: Person) -> None:
        self._backstage = backstage
        self._ada, self._bob = ada, bob

    def make(self, name: str = "Lobby", topic: str = "") -> int:
        """Make a room of ada's and bob's; the answer is its id."""
        name = f"{name} {next(_numbers)}"
        room: int = self.act("rooms.create_room", self._ada, name=name, topic=topic)
        self.act("members.join_room", self._bob, room_id=room)
        return room

    def make_private(self, name: str) -> int:
        """Make a private room of ada's, with bob in it."""
        name = f"{name} {next(_numbers)}"
        room: int = self.act("rooms.create_room", self._ada, name=name, kind="private")
        self._backstage.ask("let_in", room=room, person=self._bob.id)
        return room

    def act(self, action: str, actor: Person, **wanted: Any) -> Any:
        return self._backstage.ask("act", action=action, actor=actor.id, **wanted)

    def talk(self, room: int, count: int, by: Person | None = None, text: str = "message") -> None:
        """Post ``message 1`` to ``message <count>``, by bob where nobody is named."""
        who = (by or self._bob).id
        said = [[who, f"{text} {n}"] for n in range(1, count + 1)]
        self._backstage.ask("talk", room=room, said=said)

    def read(self, room: int, by: Person, seq: int) -> None:
        self.act("members.mark_read", by, room_id=room, seq=seq)

    def redact(self, room: int, seqs: list[int]) -> None:
        self._backstage.ask("redact", room=room, actor=self._ada.id, seqs=seqs)

    def log(self, room: int) -> list[list[Any]]:
        log: list[list[Any]] = self._backstage.ask("log", room=room)
        return log


@pytest.fixture
def rooms(backstage: Backstage, ada: Person, bob: Person) -> Rooms:
    return Rooms(backstage, ada, bob)


class Windows:
    """Opens windows: each of its own browser profile, as on a device of its own."""

    def __init__(self, browser: Browser, address: str, complaints: Complaints) -> None:
        self._browser = browser
        self._address = address
        self._complaints = complaints
        self._contexts: list[BrowserContext] = []

    def device(self, person: Person | None = None, **options: Any) -> BrowserContext:
        """A browser with nothing in it but, for a person, their session."""
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options}
        context = self._browser.new_context(
            base_url=self._address, timezone_id="Asia/Shanghai", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        self._complaints.listen(context)
        if person:
            cookie = {"name": "sessionid", "value": person.session, "url": self._address}
            context.add_cookies([cookie])  # type: ignore[list-item]
        return context

    def page(self, person: Person | None = None, path: str = "/", **options: Any) -> Page:
        page = self.device(person, **options).new_page()
        page.goto(path)
        return page

    def room(self, person: Person, room: int, at: str = "", **options: Any) -> RoomPage:
        """A window that shows the room, with its line up."""
        return self.tab(self.device(person, **options), room, at)

    def tab(self, device: BrowserContext, room: int, at: str = "") -> RoomPage:
        page = device.new_page()
        page.goto(f"/rooms/{room}/{at}")
        shown = RoomPage(page)
        shown.expect_live()
        return shown

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def windows(browser: Browser, site: RealSite, complaints: Complaints) -> Iterator[Windows]:
    windows = Windows(browser, site.address, complaints)
    yield windows
    windows.close()


@pytest.fixture
def speak(site: RealSite) -> Iterator[Callable[[Person], Voice]]:
    """Let somebody talk without a browser."""
    voices: list[Voice] = []

    def take_up(person: Person) -> Voice:
        voices.append(Voice(site.address, person.session))
        return voices[-1]

    yield take_up
    for voice in voices:
        voice.close()


@pytest.fixture
def mona(rooms: Rooms, cast: Callable[..., Person]) -> Person:
    """Moderates ada's rooms, once she is made a moderator there."""
    return cast("mona")


@pytest.fixture
def queue(rooms: Rooms, ada: Person, bob: Person) -> int:
    """A room of which every post of a member waits."""
    room = rooms.make()
    rooms.act("room_switches.set_room", ada, room_id=room, approve_first="everyone")
    return room
