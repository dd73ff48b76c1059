"""Figures as a table for the terminal or for a page of the documentation, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from benchmarks.figures import Figure, Target

_HEADINGS = ("scenario", "figure", "target", "median", "least–most", "met")
_LEFT = 2
"""The first columns are words; the others are numbers and stand to the right."""


def lines(figures: Iterable[Figure]) -> list[str]:
    """Return the table, one string a line; notes follow below it."""
    figures = list(figures)
    rows = [_HEADINGS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    table = [_line(row, widths) for row in rows]
    table.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"  {each.scenario}, {each.what}: {each.note}" for each in figures if each.note]
    return [*table, *(["", "Notes", *notes] if notes else [])]


def markdown(figures: Iterable[Figure]) -> list[str]:
    """Return the same table in Markdown, one string a line, without the notes."""
    rows = [_HEADINGS, ("---",) * _LEFT + ("---:",) * (len(_HEADINGS) - _LEFT)]
    rows += [_row(figure) for figure in figures]
    return [f"| {' | '.join(row)} |" for row in rows]


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [
        cell.ljust(width) if column < _LEFT else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _row(figure: Figure) -> tuple[str, ...]:
    least, most = figure.spread
    repeats = len(figure.values) > 1
    return (
        figure.scenario,
        figure.what,
        _target(figure.target, figure.unit),
        f"{number(figure.median)} {figure.unit}",
        f"{number(least)}–{number(most)}" if repeats else "",
        {True: "yes", False: "NO", None: ""}[figure.met],
    )


def _target(target: Target | None, unit: str) -> str:
    signs = {"at most": "≤", "under": "<", "at least": "≥"}
    return f"{signs[target.side]} {number(target.value)} {unit}" if target else ""


def number(value: float) -> str:
    """Write a number with three digits that count, or with thousands marked."""
    if value == 0 or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def write_json(figures: Iterable[Figure], path: Path) -> None:
    """Write every value of every figure to ``path``."""
    rows = [{**asdict(figure), "median": figure.median, "met": figure.met} for figure in figures]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
