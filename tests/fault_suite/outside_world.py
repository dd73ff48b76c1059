"""A site of which nothing is known but its address: what a person with a browser can do there."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from chat.protocol import HISTORY_MAX, SNAPSHOT_MESSAGES
from tests.faults.reference_client import ReferenceClient

PATIENCE_S = 20.0


class OutsideError(Exception):
    """The site does not let us in. The message is for the operator."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who signed in by the form."""

    name: str
    cookie: str


class OutsideWorld:
    """What a ``Workload`` wants of a world, by HTTP and sockets alone."""

    shape = "url"

    def __init__(self, url: str, *, any_certificate: bool = False) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise OutsideError(f"“{url}” is no address such as https://staging.example.")
        self.address = f"{parts.scheme}://{parts.netloc}"
        self.host = parts.hostname
        self.port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        self.by_way_of: tuple[str, int] | None = None
        """Where sockets are opened in place of the site's own port."""
        self._trust = ssl.create_default_context() if parts.scheme == "https" else None
        if self._trust and any_certificate:
            self._trust.check_hostname = False
            self._trust.verify_mode = ssl.CERT_NONE
        self._browsers: list[httpx.Client] = []
        self._begins = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for browser in self._browsers:
            browser.close()

    # --- Coming in ------------------------------------------------------------------------

    def sign_in(self, name: str, password: str) -> Visitor:
        """Sign in by the real form. Raises ``OutsideError``."""
        browser = httpx.Client(
            base_url=self.address,
            timeout=PATIENCE_S,
            trust_env=False,
            verify=self._trust if self._trust is not None else True,
        )
        self._browsers.append(browser)
        try:
            answer = self._submit(browser, "/accounts/login/", login=name, password=password)
        except httpx.HTTPError as error:
            raise OutsideError(f"{self.address} does not answer: {error}.") from error
        if answer.status_code != 302:
            raise OutsideError(f"{name} cannot sign in: the form came back ({answer.status_code}).")
        if "/2fa/" in answer.headers["location"]:
            raise OutsideError(f"{name} has a second factor; use an account without one.")
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)
        return Visitor(name, cookies)

    def _submit(self, browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
        page = browser.get(path if "login" in path else "/rooms/", follow_redirects=True)
        if page.status_code != 200:
            raise OutsideError(f"{page.url} answers {page.status_code}.")
        token = browser.cookies.get("csrftoken") or browser.cookies.get("__Host-csrftoken") or ""
        headers = {"X-CSRFToken": token, "Referer": str(page.url)}
        return browser.post(path, data=fields, headers=headers)

    def enter_room(self, wanted: str) -> int:
        """Make a room of this name, or take the one of this number; everybody joins it."""
        room = int(wanted) if wanted.isdecimal() else self._make_room(wanted)
        for browser in self._browsers:
            answer = self._submit(browser, f"/rooms/{room}/join/")
            if answer.status_code != 302:
                raise OutsideError(f"Room {room} cannot be joined ({answer.status_code}).")
        self._begins = max(1, int(self._page(room)["last_seq"]) - SNAPSHOT_MESSAGES + 1)
        return room

    def _make_room(self, name: str) -> int:
        answer = self._submit(self._browsers[0], "/rooms/", name=name, topic="")
        found = re.search(r"/rooms/(\d+)/", answer.headers.get("location", ""))
        if found is None:
            raise OutsideError(f"No room “{name}” can be made: is there one already?")
        return int(found[1])

    # --- What a workload asks for -----------------------------------------------------------

    def client(self, person: Visitor, room: int, at: str | None = None) -> ReferenceClient:
        """A client of ``room``, not started."""
        url = f"{self.address.replace('http', 'ws', 1)}/socket/"
        return ReferenceClient(
            url, self.address, person.cookie, room, person.name, self._trust, self.by_way_of
        )

    def head(self, room: int) -> int:
        """The room's revision, as its history tells."""
        return int(self._page(room)["revision"])

    @property
    def begins(self) -> int:
        """The first place of what ``stored`` returns."""
        return self._begins

    def stored(self, room: int) -> list[dict[str, Any]]:
        """The messages from shortly before we came, as the pages of history have them."""
        rows: list[dict[str, Any]] = []
        while page := self._page(room, after=self._last(rows), limit=HISTORY_MAX)["messages"]:
            rows += page
        return rows

    def _last(self, rows: list[dict[str, Any]]) -> int:
        return int(rows[-1]["seq"]) if rows else self._begins - 1

    def _page(self, room: int, **wish: int) -> dict[str, Any]:
        answer = self._browsers[0].get(f"/api/rooms/{room}/messages/", params=wish)
        if answer.status_code != 200:
            raise OutsideError(f"The history of room {room} answers {answer.status_code}.")
        page: dict[str, Any] = answer.json()
        return page

    def damage(self) -> list[str]:
        """Nothing is known of the store."""
        return []

    def tracebacks(self) -> list[str]:
        """Nor of the log."""
        return []

    memory_mib = 0.0
