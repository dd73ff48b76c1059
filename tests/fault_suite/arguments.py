"""What can be said on the command line of the suite."""

from __future__ import annotations

import argparse
from pathlib import Path

HISTORIES = Path("fault-histories")


def parser() -> argparse.ArgumentParser:
    """Everything that ``python -m tests.fault_suite`` understands."""
    made = argparse.ArgumentParser(
        prog="python -m tests.fault_suite",
        description="Run the faults and print the figures; exit with 1 if a promise was broken.",
    )
    add = made.add_argument
    add("faults", nargs="*", help="numbers or names of faults; all without any")
    add("--list", action="store_true", help="say which faults there are")
    add("--seeds", type=int, default=3, metavar="N", help="runs of each fault of chance")
    add("--seed", type=int, metavar="K", help="run under this seed alone, to replay it")
    add("--lanes", type=int, default=1, metavar="N", help="seeded runs at once")
    add("--short", action="store_true", help="fewer seconds for each")
    add("--json", type=Path, metavar="FILE", help="write all figures there")
    add("--markdown", type=Path, metavar="FILE", help="write the table there")
    add("--histories", type=Path, default=HISTORIES, metavar="FOLDER", help="for broken runs")
    _from_outside(made)
    return made


def _from_outside(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group(
        "against a site that runs already",
        "Clients talk in a room of it over bad lines. Nothing of the site is touched.",
    )
    add = group.add_argument
    add("--url", help="the address of the site, as https://staging.example")
    add(
        "--sign-in",
        action="append",
        default=[],
        metavar="NAME:PASSWORD",
        help="once for each person",
    )
    add("--room", default="", help="a room's number, or the name of a new one")
    add("--posts", type=int, default=20, help="by each person, 200 at most")
    add("--minutes", type=float, default=5.0, help="how long at most, 30 at most")
    add("--any-certificate", action="store_true", help="believe whoever answers, over TLS")
    add("--yes", action="store_true", help="do not ask before posting to a site elsewhere")
