"""``python -m tests.fault_suite``: run the faults, print the figures, exit with 1 if any broke."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from collections.abc import Sequence

from tests.fault_suite import from_outside, page, report
from tests.fault_suite.arguments import parser
from tests.fault_suite.registry import Fault, all_faults, chosen
from tests.fault_suite.result import Result
from tests.fault_suite.runner import run_all
from tests.fault_suite.worlds import Worlds

TOLD_AT_MOST = 20
FEW_SEEDS = 5


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    given = parser().parse_args(words)
    if given.url:
        return from_outside.main(given, say)
    try:
        faults = chosen(given.faults)
    except LookupError as error:
        say(str(error.args[0]))
        return 2
    if given.list:
        for fault in all_faults():
            say(f"{fault.number:>2}  {fault.key:<36} {fault.shape:<5} {fault.name}")
        return 0
    return run(given, faults)


def run(given: argparse.Namespace, faults: list[Fault]) -> int:
    """Run these faults and report."""
    seeds = [given.seed] if given.seed is not None else list(range(1, given.seeds + 1))
    # Many seeds are for what is rare; how long it lasts each time adds nothing to that.
    are_many = len(seeds) > FEW_SEEDS
    once = Worlds(is_short=given.short)
    lanes = [Worlds(is_short=given.short or are_many) for _ in range(given.lanes)]
    try:
        found = asyncio.run(
            run_all(faults, seeds, once, lanes, lambda fault, one: tell(given, fault, one))
        )
    finally:
        for worlds in (once, *lanes):
            worlds.end()
    results = [result for fault in faults for result in found[fault.key]]
    finish(given, [report.summary(fault, found[fault.key]) for fault in faults], results)
    return int(any(result.is_bad for result in results))


def tell(given: argparse.Namespace, fault: Fault, result: Result) -> None:
    """Say what one run found, and keep the history of one that broke something."""
    what = f"{fault.number:>2} {fault.key}, seed {result.seed}"
    say(f"{what}: {result.verdict} ({result.seconds:.1f} s)")
    for sentence in filter(None, [result.left_out, result.not_yet, *result.notes]):
        say(f"     {sentence}")
    if result.broken:
        for sentence in result.broken[:TOLD_AT_MOST]:
            say(f"   ! {sentence}")
        path = report.write_history(given.histories, fault.key, result)
        say(f"   ! the history is in {path}; to replay: --seed {result.seed} {fault.key}")


def finish(given: argparse.Namespace, rows: list[dict[str, str]], results: list[Result]) -> None:
    """Print the table, and write the files that were asked for."""
    say("\n" + report.table(rows))
    if given.json:
        report.write_json(given.json, results, machine())
    if given.markdown:
        every = [(fault.number, fault.name, fault.expects) for fault in all_faults()]
        page.write(given.markdown, rows, every)


def machine() -> dict[str, object]:
    """On what the figures were taken."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load": os.getloadavg(),
    }


if __name__ == "__main__":
    sys.exit(main())
