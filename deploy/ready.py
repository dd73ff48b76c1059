"""Wait until a process of the site is ready: ``python -m deploy.ready http://127.0.0.1:8001``.

What starts the processes anew one after the other waits for this between two of them. Without an
address it is the process whose ``HOST`` and ``PORT`` the environment has.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping

PATIENCE_S = 120.0
SETTLE_S = 1.5
"""nginx leaves a process alone for ``fail_timeout`` (1 s) after it was refused there."""
_LOOK_EVERY_S = 0.2


def wait_until_ready(
    address: str, patience_s: float = PATIENCE_S, *, server: int | None = None
) -> bool:
    """Return whether the process at ``address`` says so on ``/readyz`` within ``patience_s``.

    ``server`` is its number, where it is known: once it has ended nothing is waited for.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if _is_ready(f"{address}/readyz"):
            return True
        if server is not None and _is_gone(server):
            return False
        time.sleep(_LOOK_EVERY_S)
    return False


def _is_ready(address: str) -> bool:
    try:
        # An operator says which address, on the command line.
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def own_address(environment: Mapping[str, str]) -> str:
    """Return where the process listens that has this environment, as seen from its machine."""
    host = environment.get("HOST") or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not to listen
    port = environment.get("PORT") or "8000"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _main_process(environment: Mapping[str, str]) -> int | None:
    """Return what systemd says of the unit that it starts.

    It begins nothing anew before this here has ended: a process that found no database would
    be tried again only when nobody waits for it any more.
    """
    number = environment.get("MAINPID", "")
    return int(number) if number.isdecimal() else None


def main() -> int:
    """Wait for each address given, or for our own; return the exit code."""
    for address in sys.argv[1:] or [own_address(os.environ)]:
        if not wait_until_ready(address, server=_main_process(os.environ)):
            print(f"{address} is not ready, and was waited for.", file=sys.stderr)
            return 1
    time.sleep(SETTLE_S)
    return 0


if __name__ == "__main__":
    sys.exit(main())
