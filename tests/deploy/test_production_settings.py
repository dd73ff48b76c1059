"""``chat.env.example``: filled in, it leaves ``check --deploy`` nothing to say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = (PROJECT / "deploy" / "chat.env.example").read_text()
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "CHAT_HOSTS", "CHAT_CERTIFICATES"}


def values() -> dict[str, str]:
    """The example as systemd and compose read it."""
    return dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", EXAMPLE))


def check(folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run ``check --deploy`` under the example with what an operator fills in."""
    filled = {
        **values(),
        "SECRET_KEY": "a5JqOa3hUuW_0mWm1rX0pG9vT3bYz7KcQd2LfNs8VtEh4RxZ",
        "DATA_DIR": str(folder / "data"),
        "STATIC_ROOT": str(folder / "static"),
        **changes,
    }
    filled["SECRET_KEY"] += "-and-some-more"
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **filled},
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_deploy_is_clean(tmp_path: Path) -> None:
    checked = check(tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "no issues" in checked.stdout


def test_a_line_less_would_be_told(tmp_path: Path) -> None:
    checked = check(tmp_path, BEHIND_TLS="0")
    assert checked.returncode != 0


def test_each_variable_has_its_sentence_and_is_one_of_ours() -> None:
    known = (PROJECT / "docs" / "settings.md").read_text()
    for block in EXAMPLE.strip().split("\n\n")[1:]:
        lines = block.splitlines()
        assert lines[0].startswith("# "), block
        for line in lines:
            name = line.partition("=")[0]
            if not line.startswith("#") and name not in COMPOSE_ONLY:
                assert f"`{name}`" in known, name


def test_it_holds_no_secret() -> None:
    assert values()["SECRET_KEY"] == ""
    assert values()["POSTGRES_PASSWORD"] == ""
