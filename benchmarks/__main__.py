"""``python -m benchmarks [scenario ...] [--quick]``: measure, and print a table.

The server has one core, this process another. Everything is on loopback, in a folder
of its own under the system's temporary one, and is gone afterwards.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path

import uvloop

from benchmarks import table
from benchmarks.figures import Figure
from benchmarks.scenarios import SCENARIOS
from benchmarks.server import CORES, LOAD_CORE
from benchmarks.stage import Stage

MOST_FILES = 20_000
QUIET = 0.1
"""The share of a core that others may take before a run says that it was disturbed."""


def main() -> int:
    asked = _arguments()
    # Being asked to stop means the same as Ctrl-C: the servers stop too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    take_own_core()
    names = asked.names or list(SCENARIOS)
    with tempfile.TemporaryDirectory(prefix="chat-bench-") as folder:
        try:
            figures = uvloop.run(measure(names, Stage(Path(folder), quick=asked.quick, say=_say)))
        except KeyboardInterrupt:
            _say("stopped")
            return 130
    print("\n".join(table.lines(figures)))
    if asked.markdown:
        asked.markdown.write_text("\n".join([*table.markdown(figures), ""]))
    if asked.json:
        table.write_json(figures, asked.json)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="scenario", help=", ".join(SCENARIOS))
    parser.add_argument("--quick", action="store_true", help="short and once: not to be quoted")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every value to FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to FILE")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(SCENARIOS)
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    return asked


def take_own_core() -> None:
    """Move this process to the core that the servers do not get; allow many sockets."""
    if len(CORES) == 1:
        _say("one core for server and load: latencies say little")
    os.sched_setaffinity(0, {LOAD_CORE})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(MOST_FILES, most), most))


async def measure(names: list[str], stage: Stage) -> list[Figure]:
    """Run the scenarios one after the other."""
    figures: list[Figure] = []
    for name in names:
        stage.say(name)
        stage.others.clear()
        figures += await SCENARIOS[name](stage)
        if stage.others:
            figures.append(_others(name, stage))
    return figures


def _others(name: str, stage: Stage) -> Figure:
    disturbed = max(stage.others) > QUIET
    note = "the machine was doing other work: times and rates are worse for it" * disturbed
    return Figure(name, "core taken by others", "", tuple(stage.others), note=note)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
