"""Make ``docs/files.md`` and the README's file map from the first line of each file.

``python docs/file_map.py`` writes both; ``--check`` only says whether they are up to date.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
MAP = PROJECT / "docs" / "files.md"
README = PROJECT / "README.md"
BEGIN, END = "<!-- file map: made by docs/file_map.py -->", "<!-- end of the file map -->"
FOLDERS = ("chat", "chatsite", "deploy", "benchmarks", "tests")
IN_README = ("chatsite", "chat", "chat/models", "chat/actions")
LEFT_OUT = re.compile(r"/(migrations|locale|icons|__pycache__|node_modules)/")
SECTION = """# Every file, in one line

Made from the first line of each file by `python docs/file_map.py`; a test holds it.
"""


def first_line(path: Path) -> str:
    """Return what a file says of itself, without the full stop; "" if nothing."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        docstring = ast.get_docstring(ast.parse(text)) or ""
        # The first sentence may run over a line, but not over a paragraph.
        said = " ".join(docstring.partition("\n\n")[0].split())
    else:
        comment = re.match(r"\s*/\*\*?\s*(.*?)(\*/|\n\s*\*\s*\n|\n\s*\n)", text, re.DOTALL)
        said = " ".join(re.sub(r"\n\s*\*", " ", comment.group(1)).split()) if comment else ""
    return said.rstrip(".")


def files_of(folder: str) -> list[Path]:
    """Return the files of our own directly in ``folder`` that say something of themselves."""
    found = sorted((PROJECT / folder).glob("*"))
    files = [path for path in found if path.suffix in {".py", ".js", ".css"}]
    return [path for path in files if first_line(path)]


def folders() -> list[str]:
    """Return every folder with files of ours, parents first."""
    every = [PROJECT / name for name in FOLDERS]
    for name in FOLDERS:
        every += sorted(path for path in (PROJECT / name).rglob("*") if path.is_dir())
    names = [path.relative_to(PROJECT).as_posix() for path in every]
    return [name for name in names if not LEFT_OUT.search(f"/{name}/") and files_of(name)]


def table(folder: str) -> str:
    """Return a Markdown table of the files in ``folder``."""
    rows = []
    for path in files_of(folder):
        name = folder + "/" if path.name == "__init__.py" else path.name
        rows.append(f"| `{name}` | {first_line(path)} |")
    return "\n".join(["| file | what is in it |", "|---|---|", *rows])


def made() -> dict[Path, str]:
    """Return what both files should say."""
    every = "\n".join(f"\n## {folder}\n\n{table(folder)}" for folder in folders())
    chosen = "\n\n".join(f"**{folder}/**\n\n{table(folder)}" for folder in IN_README)
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme = f"{before}{BEGIN}\n\n{chosen}\n\n{END}{after}"
    return {MAP: f"{SECTION}{every}\n", README: readme}


def main() -> int:
    """Write or check; return the exit code."""
    stale = [
        path
        for path, text in made().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(PROJECT)} is out of date: run python docs/file_map.py")
        return 1 if stale else 0
    for path, text in made().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
