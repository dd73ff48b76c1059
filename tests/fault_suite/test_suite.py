"""The suite itself: a broken promise is told and counted, and nothing that did not run passes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.fault_suite import __main__ as cli
from tests.fault_suite import page, report
from tests.fault_suite.registry import Fault, all_faults, chosen
from tests.fault_suite.result import Result
from tests.fault_suite.runner import run_all, run_fault
from tests.fault_suite.worlds import MissingPartError, Worlds


@pytest.fixture
def worlds() -> Worlds:
    """No world is ever started here."""
    return Worlds()


def _fault(run: Callable[[Worlds, int], Awaitable[Result]], *, seeded: bool = False) -> Fault:
    return Fault(99, "a fault", "one", run, seeded, short=False, expects="")


async def fine(worlds: Worlds, seed: int) -> Result:
    return Result(99, "a fault", "one", seed, acknowledged=10, converged_s=0.5)


async def lossy_under_two(worlds: Worlds, seed: int) -> Result:
    result = Result(99, "a fault", "one", seed, lost=int(seed == 2))
    result.expect(seed != 2, "acknowledged and lost: Hello.")
    return result


async def clumsy(worlds: Worlds, seed: int) -> Result:
    raise AssertionError("It did not happen in time.")


async def without_nginx(worlds: Worlds, seed: int) -> Result:
    raise MissingPartError("nginx is missing: apt-get install nginx")


async def of_the_future(worlds: Worlds, seed: int) -> Result:
    return Result(99, "a fault", "one", seed, not_yet="there are no webhooks yet")


async def _row(worlds: Worlds, fault: Fault, seeds: list[int]) -> tuple[dict[str, str], bool]:
    found = (await run_all([fault], seeds, worlds, [worlds], lambda *_: None))[fault.key]
    return report.summary(fault, found), any(result.is_bad for result in found)


async def test_a_fault_of_chance_runs_under_every_seed_and_another_once(worlds: Worlds) -> None:
    row, is_bad = await _row(worlds, _fault(fine, seeded=True), [1, 2, 3])
    assert (row["runs"], row["acknowledged"], row["verdict"], is_bad) == ("3", "30", "held", False)
    row, _ = await _row(worlds, _fault(fine), [1, 2, 3])
    assert (row["runs"], row["converged"]) == ("1", "0.50 s")


async def test_one_broken_seed_breaks_the_fault(worlds: Worlds) -> None:
    row, is_bad = await _row(worlds, _fault(lossy_under_two, seeded=True), [1, 2, 3])
    assert (row["verdict"], row["lost"], is_bad) == ("BROKEN (1 of 3 seeds)", "1", True)


async def test_a_fault_that_fails_by_itself_is_broken_and_says_where(worlds: Worlds) -> None:
    result = await run_fault(_fault(clumsy), worlds, 1)
    assert result.is_bad
    assert "did not happen" in result.broken[0]
    assert "clumsy" in result.notes[-1]


async def test_a_missing_server_is_said_and_fails_in_ci(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "")
    row, is_bad = await _row(worlds, _fault(without_nginx, seeded=True), [1, 2])
    assert (row["runs"], row["verdict"], is_bad) == ("0", "left out", False)
    monkeypatch.setenv("CI", "true")
    assert (await _row(worlds, _fault(without_nginx), [1]))[1]


async def test_what_is_not_there_yet_never_counts_as_passed(worlds: Worlds) -> None:
    row, is_bad = await _row(worlds, _fault(of_the_future), [1])
    assert (row["runs"], row["verdict"], is_bad) == ("0", "not applicable yet", False)
    assert row["lost"] is None


async def test_lanes_share_the_seeds(worlds: Worlds) -> None:
    under: list[tuple[Worlds, int]] = []

    async def noted(where: Worlds, seed: int) -> Result:
        under.append((where, seed))
        await asyncio.sleep(0.01)
        return await fine(where, seed)

    lanes = [worlds, Worlds()]
    found = await run_all(
        [_fault(noted, seeded=True)], [1, 2, 3, 4], lanes[0], lanes, lambda *_: None
    )
    assert sorted(seed for _, seed in under) == [1, 2, 3, 4]
    assert {where for where, _ in under} == set(lanes)
    assert len(found["noted"]) == 4


def test_every_fault_of_the_list_is_registered() -> None:
    assert set(range(1, 19)) <= {fault.number for fault in all_faults()}
    assert {fault.key for fault in chosen(["1"])} >= {"killed_at_random", "killed_at_the_commit"}
    assert [fault.key for fault in chosen(["rolling_restart"])] == ["rolling_restart"]


def test_an_unknown_fault_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["earthquake"]) == 2
    assert "earthquake" in capsys.readouterr().out


def test_the_command_line_tells_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "chosen", lambda words: [_fault(lossy_under_two, seeded=True)])
    figures, table = tmp_path / "figures.json", tmp_path / "table.md"
    words = ["--seeds", "2", "--json", str(figures), "--markdown", str(table)]
    assert cli.main([*words, "--histories", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "to replay: --seed 2 lossy_under_two" in said
    assert json.loads((tmp_path / "lossy_under_two-seed-2.json").read_text())["lost"] == 1
    assert [one["lost"] for one in json.loads(figures.read_text())["results"]] == [0, 1]
    assert "| 99 | a fault |" in table.read_text()
    monkeypatch.setattr(cli, "chosen", lambda words: [_fault(lossy_under_two, seeded=True)])
    assert cli.main(["--seed", "1", "--histories", str(tmp_path)]) == 0


def test_a_page_keeps_the_figures_of_what_was_not_run_again(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"Above.\n{page.BEGIN}\n{page.END}\nBelow.\n")
    every = [(1, "a kill", "nothing lost"), (2, "a flood", "closed"), (3, "a new one", "it holds")]
    page.write(path, [{"number": "1", "name": "a kill", "lost": "0", "verdict": "held"}], every)
    page.write(path, [{"number": "2", "name": "a flood", "lost": "7", "verdict": "BROKEN"}], every)
    said = path.read_text()
    lines = [line for line in said.splitlines() if line.startswith("| ")][1:]
    assert [line.split("|")[-2].strip() for line in lines] == ["held", "BROKEN", "not run yet"]
    assert [line.split("|")[6].strip() for line in lines] == ["0", "7", ""]
    assert said.startswith("Above.")
    assert said.endswith("Below.\n")


# --- Against a site elsewhere ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--url", "https://chat.example"], "Say who is to talk"),
        (["--url", "https://chat.example", "--sign-in", "ada"], "Say who is to talk"),
        (["--url", "https://chat.example", "--sign-in", "ada:x"], "say --yes"),
        (["--url", "https://chat.example", "--sign-in", "a:x", "--posts", "999"], "1 to 200"),
        (["--url", "chat.example", "--sign-in", "ada:x"], "is no address"),
    ],
)
def test_nobody_posts_to_a_site_elsewhere_by_mistake(
    words: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert cli.main(words) == 2
    assert sentence in capsys.readouterr().out
