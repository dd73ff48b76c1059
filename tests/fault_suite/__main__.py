"""``python -m tests.fault_suite``: run the faults, print the figures, exit with 1 if any broke."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
from pathlib import Path

from tests.fault_suite import report
from tests.fault_suite.registry import Fault, all_faults, chosen
from tests.fault_suite.result import Result
from tests.fault_suite.runner import run_all
from tests.fault_suite.worlds import Worlds

HISTORIES = Path("fault-histories")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fault_suite", description=__doc__)
    parser.add_argument("faults", nargs="*", help="numbers or names of faults; all without any")
    parser.add_argument("--list", action="store_true", help="say which faults there are")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each fault of chance")
    parser.add_argument("--seed", type=int, help="run under this seed alone, to replay it")
    parser.add_argument("--short", action="store_true", help="fewer seconds for each")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--markdown", type=Path, help="write the table to this file")
    parser.add_argument("--histories", type=Path, default=HISTORIES, help="where broken runs go")
    return parser.parse_args()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    given = arguments()
    try:
        faults = chosen(given.faults)
    except LookupError as error:
        say(str(error.args[0]))
        return 2
    if given.list:
        for fault in all_faults():
            say(f"{fault.number:>2}  {fault.key:<36} {fault.shape:<5} {fault.name}")
        return 0
    seeds = [given.seed] if given.seed is not None else list(range(1, given.seeds + 1))
    return run(given, faults, seeds)


def run(given: argparse.Namespace, faults: list[Fault], seeds: list[int]) -> int:
    def told(fault: Fault, result: Result, seconds: float) -> None:
        say(
            f"{fault.number:>2} {fault.key}, seed {result.seed}: {result.verdict} ({seconds:.1f} s)"
        )
        for sentence in [result.left_out, result.not_yet, *result.notes]:
            say(f"     {sentence}") if sentence else None
        if result.broken:
            for sentence in result.broken[:20]:
                say(f"   ! {sentence}")
            path = report.write_history(given.histories, fault, result)
            say(f"   ! the history is in {path}; to replay: --seed {result.seed} {fault.key}")

    worlds = Worlds(is_short=given.short)
    try:
        found = asyncio.run(run_all(faults, seeds, worlds, told))
    finally:
        worlds.end()
    rows = [report.summary(fault, found[fault.key]) for fault in faults]
    results = [result for fault in faults for result in found[fault.key]]
    say("\n" + report.table(rows))
    if given.json:
        report.write_json(given.json, results, machine())
    if given.markdown:
        given.markdown.write_text(report.markdown(rows))
    return int(any(result.is_bad for result in results))


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
