"""The client suite against a real site: as an operator runs it, through the form and bad lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault_suite import __main__ as cli
from tests.fault_suite import from_outside
from tests.live.backstage import PASSWORD
from tests.live.stage import Someone, Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site with its default limits."""
    made = Stage(tmp_path_factory.mktemp("staging"))
    try:
        made.start()
        yield made
    finally:
        made.end()
    assert "Traceback" not in made.said


@pytest.fixture
def people(stage: Stage) -> list[Someone]:
    """Two who can sign in by the form."""
    return [stage.person(name, password=True) for name in ("ada", "bob")]


def _words(stage: Stage, people: list[Someone], *words: str) -> list[str]:
    signing_in = [word for one in people for word in ("--sign-in", f"{one.name}:{PASSWORD}")]
    return ["--url", stage.address, *signing_in, *words]


def test_two_people_talk_over_bad_lines_and_nothing_is_lost(
    stage: Stage,
    people: list[Someone],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(from_outside, "BAD_S", 0.6)
    monkeypatch.setattr(from_outside, "CALM_S", 0.6)
    figures = tmp_path / "figures.json"
    words = _words(stage, people, "--posts", "5", "--room", "Staging", "--json", str(figures))
    code = cli.main([*words, "--histories", str(tmp_path)])
    assert code == 0, capsys.readouterr().out
    [result] = json.loads(figures.read_text())["results"]
    assert (result["acknowledged"], result["lost"], result["doubled"]) == (10, 0, 0)
    # It was as bad as it says: every line was cut, and each of them came again.
    lines = int(result["notes"][0].split()[0])
    assert lines > 2 * len(people)


def test_a_room_that_has_a_past_and_other_people_is_judged_too(
    stage: Stage,
    people: list[Someone],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(from_outside, "SPELLS", from_outside.SPELLS[:1])
    monkeypatch.setattr(from_outside, "BAD_S", 0.3)
    monkeypatch.setattr(from_outside, "CALM_S", 0.3)
    eve = stage.person("eve")
    room = stage.room(eve)
    stage.posts(room, eve, *(f"Said before, {n}." for n in range(70)))
    words = _words(stage, people, "--posts", "2", "--room", str(room))
    code = cli.main([*words, "--histories", str(tmp_path)])
    assert code == 0, capsys.readouterr().out
    assert len(stage.backstage("stored", room=room)) == 74


def test_who_cannot_sign_in_is_told(
    stage: Stage, people: list[Someone], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--url", stage.address, "--sign-in", f"{people[0].name}:wrong"]
    assert cli.main(words) == 2
    assert f"{people[0].name} cannot sign in" in capsys.readouterr().out
