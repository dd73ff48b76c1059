"""The results as a table for people, as JSON for programs; as Markdown: ``page.py``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.fault_suite.registry import Fault
from tests.fault_suite.result import BROKEN, HELD, Result

COLUMNS = (
    ("#", "number"), ("fault", "name"), ("shape", "shape"), ("runs", "runs"),
    ("acknowledged", "acknowledged"), ("lost", "lost"), ("doubled", "doubled"),
    ("reordered", "reordered"), ("ack p99", "ack_p99"), ("shown within", "shown"),
    ("converged", "converged"), ("memory", "memory"), ("verdict", "verdict"),
)  # fmt: skip
LEFT = {"fault", "shape", "verdict"}


def summary(fault: Fault, results: Sequence[Result]) -> dict[str, str]:
    """One row: the sums and the worst of all runs of a fault."""
    row = row_of(fault.number, fault.name, fault.shape, results)
    return {**row, "expects": fault.expects}


def row_of(number: int, name: str, shape: str, results: Sequence[Result]) -> dict[str, str]:
    """One row by its number, name and shape."""
    ran = [result for result in results if result.verdict in (HELD, BROKEN)]
    row = {"number": str(number), "name": name, "shape": shape}
    row["runs"] = str(len(ran))
    row["verdict"] = _verdict(results)
    if not ran:
        return {**dict.fromkeys(key for _, key in COLUMNS), **row}  # type: ignore[dict-item]
    for key in ("acknowledged", "lost", "doubled", "reordered"):
        row[key] = f"{sum(getattr(result, key) for result in ran):,}"
    settled = any(result.settled for result in ran)
    row["ack_p99"] = _figure(max(result.slowest_ack_p99_ms for result in ran), ",.0f", "ms")
    row["shown"] = _figure(max(result.slowest_shown_s for result in ran), ".2f", "s", settled)
    row["converged"] = _figure(max(result.converged_s for result in ran), ".2f", "s", settled)
    row["memory"] = _figure(max(result.memory_mb for result in ran), ".0f", "MiB")
    return row


def _figure(value: float, form: str, unit: str, is_measured: bool = False) -> str:
    """A figure with its unit; a dash for what this fault does not measure."""
    return f"{value:{form}} {unit}" if value or is_measured else "–"


def _verdict(results: Sequence[Result]) -> str:
    broken = [result for result in results if result.broken]
    if broken and len(results) > 1:
        return f"{BROKEN} ({len(broken)} of {len(results)} seeds)"
    return results[0].verdict if not broken else BROKEN


def table(rows: Sequence[dict[str, str]]) -> str:
    """Columns for a terminal."""
    cells = [
        [title for title, _ in COLUMNS],
        *([row[key] or "" for _, key in COLUMNS] for row in rows),
    ]
    widths = [max(len(line[place]) for line in cells) for place in range(len(COLUMNS))]
    lines = []
    for line in cells:
        padded = [
            cell.ljust(width) if title in LEFT else cell.rjust(width)
            for cell, width, (title, _) in zip(line, widths, COLUMNS, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def write_json(path: Path, results: Iterable[Result], machine: dict[str, Any]) -> None:
    """Write all figures of all runs."""
    whole = {"machine": machine, "results": [result.as_json() for result in results]}
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")


def write_history(folder: Path, key: str, result: Result) -> Path:
    """Keep what every client of a broken run did and saw, for whoever looks into it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{key}-seed-{result.seed}.json"
    whole = {**result.as_json(), "history": result.history}
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    return path
