"""What production installs is what was tested, to the byte."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;\\]+)", re.MULTILINE)
LOCK = (PROJECT / "deploy" / "requirements.lock").read_text()


def pins(text: str) -> dict[str, str]:
    """Names as registries compare them, and versions."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PIN.findall(text)}


def test_the_lock_has_every_pin_and_nothing_else() -> None:
    # Run `make lock` after a change of requirements.txt.
    assert pins(LOCK) == pins((PROJECT / "requirements.txt").read_text())


def test_each_requirement_has_hashes() -> None:
    requirements = re.split(r"\n(?=\S)", LOCK.strip())
    assert len(requirements) == len(pins(LOCK))
    for requirement in requirements:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", requirement), requirement


def test_it_names_no_registry() -> None:
    assert "://" not in LOCK
    assert "--index" not in LOCK
