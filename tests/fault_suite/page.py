"""The table of figures in ``docs/guarantees.md``: what was run anew takes the place of the old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

BEGIN, END = "<!-- figures: written by --markdown -->", "<!-- end of figures -->"
COLUMNS = (
    ("#", "number"), ("fault", "name"), ("expected", "expects"), ("runs", "runs"),
    ("acknowledged", "acknowledged"), ("lost", "lost"), ("doubled", "doubled"),
    ("reordered", "reordered"), ("p99 of acknowledging", "ack_p99"),
    ("shown to all within", "shown"), ("converged", "converged"), ("memory", "memory"),
    ("verdict", "verdict"),
)  # fmt: skip
WORDS = {"name", "expects", "verdict"}
NOT_RUN = {"verdict": "not run yet"}
Row = dict[str, str]


def write(path: Path, rows: Sequence[Row], every: Sequence[tuple[int, str, str]] = ()) -> None:
    """Write the table: a file of its own, or between the marks of a page that has them.

    ``every`` are number, name and expectation of all faults that there are: on a page each has
    its row, with the figures of the last time that it was run.
    """
    page = path.read_text() if path.exists() else ""
    if BEGIN not in page:
        path.write_text(table(rows))
        return
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    known = {**_rows_of(old), **{(row["number"], row["name"]): row for row in rows}}
    whole = [
        {**NOT_RUN, **known.get((str(number), name), {}), **_head(number, name, expects)}
        for number, name, expects in every
    ]
    path.write_text(f"{before}{BEGIN}\n\n{table(whole or rows)}\n{END}{after}")


def _head(number: int, name: str, expects: str) -> Row:
    return {"number": str(number), "name": name, "expects": expects}


def table(rows: Iterable[Row]) -> str:
    """The rows as Markdown."""
    lines = [
        "| " + " | ".join(title for title, _ in COLUMNS) + " |",
        "|" + "|".join("---" if key in WORDS else "--:" for _, key in COLUMNS) + "|",
    ]
    lines += ["| " + " | ".join(row.get(key) or "" for _, key in COLUMNS) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _rows_of(text: str) -> dict[tuple[str, str], Row]:
    """The rows that a table has, by number and name."""
    found: dict[tuple[str, str], Row] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == len(COLUMNS) and cells[0].isdecimal():
            row = dict(zip((key for _, key in COLUMNS), cells, strict=True))
            found[row["number"], row["name"]] = row
    return found
