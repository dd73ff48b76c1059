"""nginx's templates: filled in by us as by its image, and found good by nginx itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from deploy.nginx import render
from deploy.scale.nginx import Nginx
from deploy.scale.ports import free_port
from deploy.scale.program import ScaleError, find

SERVERS = ["127.0.0.1:8001", "127.0.0.1:8002"]


@pytest.fixture(autouse=True)
def _installed() -> None:
    try:
        find("nginx", "nginx")
    except ScaleError as missing:
        pytest.skip(str(missing))


def written(tmp_path: Path, *, tls: bool) -> Nginx:
    """An nginx that was not started."""
    nginx = Nginx(tmp_path / "nginx", free_port(), servers=SERVERS, static=tmp_path, tls=tls)
    nginx.write()
    return nginx


@pytest.mark.parametrize("tls", [False, True], ids=["http", "tls"])
def test_nginx_has_nothing_to_say(tmp_path: Path, tls: bool) -> None:
    said = written(tmp_path, tls=tls).check()
    assert "test is successful" in said
    assert "[warn]" not in said


def test_what_is_wrong_would_be_told(tmp_path: Path) -> None:
    nginx = written(tmp_path, tls=False)
    file = tmp_path / "nginx" / "conf" / "chat" / "proxy.conf"
    file.write_text(file.read_text().replace("proxy_http_version", "proxy_http_verzion"))
    with pytest.raises(ScaleError, match="proxy_http_verzion"):
        nginx.check()


def test_nothing_is_left_to_fill_in(tmp_path: Path) -> None:
    written(tmp_path, tls=True)
    files = list((tmp_path / "nginx" / "conf").rglob("*.conf"))
    assert len(files) == 5
    for file in files:
        assert "${" not in file.read_text(), file


def test_envsubst_of_the_image_makes_the_same(tmp_path: Path) -> None:
    values = {name: f"value-of-{name}" for name in render.names()} | {"CHAT_SITE": "tls"}
    render.render(tmp_path, values)
    for template in render.TEMPLATES.rglob("*.template"):
        made = subprocess.run(
            # The image names the variables that its filter lets through.
            ["envsubst", " ".join(f"${{{name}}}" for name in values)],
            input=template.read_text(),
            env=values,
            capture_output=True,
            text=True,
            check=True,
        )
        ours = tmp_path / template.relative_to(render.TEMPLATES).with_suffix("")
        assert ours.read_text() == made.stdout


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"CHAT_SERVERS": ""}, "CHAT_SERVERS is missing"),
        ({"CHAT_HOSTS": "a; } evil {"}, "CHAT_HOSTS"),
        ({"CHAT_SITE": "ftp"}, "CHAT_SITE must be"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, changes: dict[str, str], words: str) -> None:
    values = dict.fromkeys(render.names(), "value") | {"CHAT_SITE": "tls"}
    with pytest.raises(render.RenderError, match=re.escape(words)):
        render.render(tmp_path, values | changes)


def test_the_command_writes_what_debian_needs(tmp_path: Path) -> None:
    own = ("CHAT_HOSTS=chat.example.org", "CHAT_ORIGIN=https://chat.example.org")
    keys = ("CHAT_CERTIFICATE=/etc/a.pem", "CHAT_CERTIFICATE_KEY=/etc/b.pem")
    assert render.main([str(tmp_path), *own]) == 2
    servers = f"CHAT_SERVERS={render.servers(SERVERS)}"
    assert render.main([str(tmp_path), *own, *keys, servers]) == 0
    assert "server 127.0.0.1:8002 max_fails=1" in (tmp_path / "nginx.conf").read_text()
