"""``python -m benchmarks.profile SCENARIO``: where the server's time goes in a scenario.

Needs py-spy (``pip install py-spy``), which looks at the server from outside, in the
windows that are measured only. Prints the functions that used most, themselves and
with what they called, as shares of the samples in which the server did anything.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from benchmarks.__main__ import measure, take_own_core
from benchmarks.scenarios import SCENARIOS
from benchmarks.server import LOAD_CORE
from benchmarks.stage import Stage

RATE_HZ = 250
ATTACHING_S = 1.0
SHOWN = 40


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("--native", action="store_true", help="functions in C too")
    parser.add_argument("--gil", action="store_true", help="only who holds the interpreter")
    asked = parser.parse_args()
    spy = shutil.which("py-spy", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if spy is None:
        parser.error("py-spy is missing: pip install py-spy")
    take_own_core()
    with tempfile.TemporaryDirectory(prefix="chat-profile-") as name:
        stacks = Path(name) / "stacks"
        stacks.mkdir()
        flags = [f"--{name}" for name in ("native", "gil") if getattr(asked, name)]
        recorder = Recorder(spy, stacks, flags)
        stage = Stage(Path(name), quick=True, watch=recorder.watch)
        uvloop.run(measure([asked.scenario], stage))
        print("\n".join(report(stacks)))


class Recorder:
    """Runs py-spy on a process for as long as a block lasts."""

    def __init__(self, spy: str, folder: Path, flags: list[str]) -> None:
        self._command = [spy, "record", "--format", "raw", "--rate", str(RATE_HZ)]
        self._command += flags or ["--nonblocking"]
        self._folder = folder
        self._number = 0

    @contextmanager
    def watch(self, pid: int) -> Iterator[None]:
        """Write the stacks of ``pid`` during the block to a file of its own."""
        self._number += 1
        output = self._folder / f"{self._number}.txt"
        command = [*self._command, "--output", str(output), "--pid", str(pid)]
        spying = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        os.sched_setaffinity(spying.pid, {LOAD_CORE})
        time.sleep(ATTACHING_S)
        try:
            yield
        finally:
            spying.send_signal(signal.SIGINT)
            spying.wait(30)


def report(folder: Path) -> list[str]:
    """Return two lists of functions: by their own samples, and by those beneath them too."""
    own: Counter[str] = Counter()
    beneath: Counter[str] = Counter()
    for file in folder.iterdir():
        for line in file.read_text().splitlines():
            stack, _, count = line.rpartition(" ")
            functions = stack.split(";")
            own[functions[-1]] += int(count)
            beneath.update(dict.fromkeys(functions, int(count)))
    total = max(1, own.total())
    return [
        f"{total:,} samples at {RATE_HZ} Hz",
        "",
        "by itself",
        *_shares(own, total),
        "",
        "with what it calls",
        *_shares(beneath, total),
    ]


def _shares(samples: Counter[str], total: int) -> list[str]:
    return [f"{count / total:7.1%}  {name}" for name, count in samples.most_common(SHOWN)]


if __name__ == "__main__":
    main()
