"""What a browser complained of: violations of the page's policy, errors, failed loads."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, WebError

LISTEN_TO_POLICY = """
document.addEventListener("securitypolicyviolation", (event) => {
  const { effectiveDirective, blockedURI, sourceFile, lineNumber } = event;
  console.error("policy violated:", effectiveDirective, blockedURI, `${sourceFile}:${lineNumber}`);
});
"""
LOST_LINE = (
    r"^WebSocket connection to .* failed",
    r"^Failed to load resource: net::ERR_\w+",
)


class Complaints:
    """Collected over all windows of a test; at its end there may be none."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._excused: list[re.Pattern[str]] = []

    def listen(self, context: BrowserContext) -> None:
        context.add_init_script(LISTEN_TO_POLICY)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def excuse(self, *patterns: str) -> None:
        """These are what the test is about."""
        self._excused += [re.compile(pattern) for pattern in patterns]

    def excuse_lost_line(self) -> None:
        self.excuse(*LOST_LINE)

    @property
    def unexcused(self) -> list[str]:
        return [
            said for said in self._heard if not any(known.search(said) for known in self._excused)
        ]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._heard.append(message.text)

    def _error(self, error: WebError) -> None:
        self._heard.append(f"uncaught: {error.error}")
