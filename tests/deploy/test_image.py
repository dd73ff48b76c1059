"""The image: what is in it, who runs in it, and that the linter has nothing to say."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
DOCKERFILE = PROJECT / "deploy" / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    """The instructions of the last stage, a name and its words each."""
    text = re.sub(r"(?m)^#.*\n", "", DOCKERFILE.read_text()).replace("\\\n", " ")
    lines = [line.split(None, 1) for line in text.splitlines() if line.strip()]
    last = max(n for n, (name, _) in enumerate(lines) if name == "FROM")
    return [(name, words) for name, words in lines[last:]]


def test_hadolint_has_nothing_to_say() -> None:
    program = Path(sys.executable).with_name("hadolint")
    judged = subprocess.run([program, DOCKERFILE], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout


def test_it_runs_as_nobody_in_particular() -> None:
    users = [words for name, words in instructions() if name == "USER"]
    assert users == ["10001:10001"]


def test_everything_is_installed_by_hash() -> None:
    installs = re.findall(r"pip install[^&]*", DOCKERFILE.read_text().replace("\\\n", " "))
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "--only-binary :all:" in installs[0]


def test_it_is_asked_whether_it_lives() -> None:
    [check] = [words for name, words in instructions() if name == "HEALTHCHECK"]
    assert "/healthz" in check
    assert '"python"' in check


def test_it_gets_signals_itself() -> None:
    words = dict(instructions())
    # Not through a shell, which would keep SIGTERM to itself.
    assert words["ENTRYPOINT"].startswith("[")
    assert words["CMD"].startswith("[")


def test_static_files_are_prepared_when_it_is_built() -> None:
    run = " ".join(words for name, words in instructions() if name == "RUN")
    assert "manage.py serve --prepare-only" in run
    variables = " ".join(words for name, words in instructions() if name == "ENV")
    assert "STATIC_ROOT=" in variables


def test_nothing_of_a_developers_goes_in() -> None:
    rules = [
        line
        for line in (PROJECT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert rules[0] == "*"
    assert let_in == {"chat", "chatsite", "templates", "manage.py", "deploy/requirements.lock"}
    for name in (".env", ".git", "tests", "data", "deploy/chat.env", ".venv"):
        assert not any(fnmatch.fnmatch(name, rule) for rule in let_in), name
    for name in let_in:
        assert (PROJECT / name).exists(), name
