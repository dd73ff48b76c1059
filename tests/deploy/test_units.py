"""The systemd units: what systemd says of them, and what they promise."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from deploy.ready import PATIENCE_S, own_address
from deploy.scale.ports import free_port

UNITS = Path(__file__).resolve().parent.parent.parent / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
PYTHON = "/opt/chat/.venv/bin/python"


@pytest.fixture
def installed(tmp_path: Path) -> list[Path]:
    """The units as on a machine that has everything they start, one process at 8001."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    made = []
    for unit in sorted(UNITS.iterdir()):
        path = tmp_path / unit.name.replace("@.", "@8001.")
        path.write_text(unit.read_text().replace(PYTHON, "/usr/bin/env"))
        made.append(path)
    return made


def test_systemd_has_nothing_to_say(installed: list[Path]) -> None:
    judged = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *installed],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (judged.returncode, judged.stderr) == (0, "")


def test_a_misspelt_line_would_be_told(installed: list[Path], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.service"
    text = next(path for path in installed if path.suffix == ".service").read_text()
    wrong.write_text(text.replace("NoNewPrivileges", "NoNewPrivilege"))
    judged = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", wrong],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "NoNewPrivilege" in judged.stderr


def test_systemd_finds_them_little_exposed(installed: list[Path]) -> None:
    services = [path for path in installed if path.suffix == ".service"]
    for service in services:
        judged = subprocess.run(
            ["systemd-analyze", "security", "--offline=yes", "--threshold=20", service],
            capture_output=True,
            text=True,
            check=False,
        )
        assert judged.returncode == 0, judged.stdout.splitlines()[-1]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_each_runs_confined_with_the_same_settings(path: Path) -> None:
    unit = _read(path)["Service"]
    assert unit["User"] == "chat"
    assert unit["NoNewPrivileges"] == "yes"
    assert unit["ProtectSystem"] == "strict"
    assert unit["EnvironmentFile"] == "/etc/chat/chat.env"
    assert unit["StateDirectory"] == "chat"


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_each_starts_a_command_that_there_is(path: Path) -> None:
    shell = shlex.split(_read(path)["Service"]["ExecStart"].replace("$$", "$"))
    assert shell[:2] == ["/bin/sh", "-c"]
    [_, python, manage, command, *words] = shlex.split(shell[2])
    assert python == "$(pwd -P)/.venv/bin/python"
    assert manage == "manage.py"
    known = load_command_class(get_commands()[command], command)
    known.create_parser("manage.py", command).parse_args(words)


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"PORT": "8001"}, "http://127.0.0.1:8001"),
        ({"HOST": "10.0.0.5", "PORT": "8001"}, "http://10.0.0.5:8001"),
        ({"HOST": "0.0.0.0", "PORT": "8002"}, "http://127.0.0.1:8002"),  # noqa: S104
        ({"HOST": "::", "PORT": "8002"}, "http://[::1]:8002"),
        ({"HOST": "fd00::5", "PORT": "8002"}, "http://[fd00::5]:8002"),
    ],
)
def test_a_process_is_asked_where_it_listens(environment: dict[str, str], address: str) -> None:
    """On several machines HOST is a private address, and nothing listens on 127.0.0.1."""
    assert own_address(environment) == address
    unit = _read(UNITS / "chat@.service")["Service"]
    # Without an address of its own it goes by the environment of the unit.
    assert unit["ExecStartPost"].endswith("-m deploy.ready")
    assert unit["Environment"] == "PORT=%i"


def test_a_process_is_started_again_for_as_long_as_it_takes() -> None:
    unit = _read(UNITS / "chat@.service")
    assert unit["Service"]["Restart"] == "always"
    # systemd's own is to give up after five times within ten seconds.
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_nobody_waits_for_a_process_that_has_ended() -> None:
    """systemd tries it again only after whoever waits for it has given up."""
    ended = subprocess.Popen(["/bin/true"])
    ended.wait(10)
    began = time.monotonic()
    waiting = subprocess.run(
        [sys.executable, "-m", "deploy.ready"],
        cwd=UNITS.parent.parent,
        env={**os.environ, "PORT": str(free_port()), "MAINPID": str(ended.pid)},
        timeout=60,
        check=False,
    )
    assert waiting.returncode == 1
    assert time.monotonic() - began < PATIENCE_S / 2


def test_a_process_has_time_to_drain() -> None:
    unit = _read(UNITS / "chat@.service")["Service"]
    example = (UNITS.parent / "chat.env.example").read_text()
    drain = int(example.partition("\nDRAIN_SECONDS=")[2].split()[0])
    assert int(unit["TimeoutStopSec"].removesuffix("s")) > drain + 15


def _read(path: Path) -> configparser.ConfigParser:
    # systemd lets a name stand twice; the last one will do here.
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)
    return unit
