"""The README's file map says what the files say of themselves."""

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_file_map_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "file_map.py"))["made"]
    for path, text in made().items():
        assert path.read_text(encoding="utf-8") == text, f"run make docs: {path.name} is stale"


def test_every_file_of_ours_says_what_is_in_it() -> None:
    first_line = runpy.run_path(str(DOCS / "file_map.py"))["first_line"]
    silent = [
        path
        for folder in ("chat", "chatsite", "benchmarks")
        for path in (DOCS.parent / folder).rglob("*")
        if path.suffix in {".py", ".js", ".css"}
        and path.stat().st_size > 0
        and "migrations" not in path.parts
        and not first_line(path)
    ]
    assert silent == []
