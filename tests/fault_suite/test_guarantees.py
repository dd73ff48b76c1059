"""``docs/guarantees.md`` names files that exist, each promise, and each fault."""

from __future__ import annotations

import re

import pytest

from tests.fault_suite import page
from tests.fault_suite.registry import all_faults
from tests.live.house import BASE_DIR

PAGE = (BASE_DIR / "docs" / "guarantees.md").read_text()
PROMISES = re.findall(r"^\| (\d+) \| .* \| (.*tests/.*) \|$", PAGE, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`(tests/[\w./]+|docs/[\w./]+)`", PAGE)))


def test_every_promise_is_held_by_a_test() -> None:
    held = {int(number): re.findall(r"`(tests/[^`]+)`", files) for number, files in PROMISES}
    assert sorted(held) == list(range(1, 13))
    assert all(held.values())


@pytest.mark.parametrize("path", NAMED)
def test_what_the_page_names_exists(path: str) -> None:
    assert (BASE_DIR / path).exists()


def test_every_fault_is_in_the_table_with_what_is_expected() -> None:
    rows = page._rows_of(PAGE)
    wanted = {(str(fault.number), fault.name) for fault in all_faults()}
    assert rows.keys() == wanted, "run: python -m tests.fault_suite --markdown docs/guarantees.md"
    assert [row["name"] for row in rows.values() if not row["expects"]] == []
