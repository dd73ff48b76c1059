"""Faults of folders, names, proxies, limits and letters: each is made, and told."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatsite import proxies
from chatsite.doctor import backups, django_checks, files, limits, mail, reaching
from tests.doctor.conftest import found, wrong


def test_nothing_is_said_of_a_public_site_that_is_well(public: Any, folder: Path) -> None:
    (folder / "secret_key").touch(mode=0o600)
    for look in (
        *(files.data_folder_is_private, files.secret_key_is_private),
        *(reaching.https_is_known, reaching.names_can_open_sockets, reaching.proxies_are_counted),
        *(reaching.server_is_behind_its_proxy, mail.letters_are_sent, mail.sender_is_somebody),
    ):
        assert found(look) == ""


def test_a_folder_that_others_may_look_into(folder: Path) -> None:
    folder.chmod(0o755)
    assert f"chmod 700 {folder}" in found(files.data_folder_is_private)


def test_a_folder_that_nobody_may_write_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write everywhere, so the answer of the system is made for the test.
    monkeypatch.setattr(files.os, "access", lambda *_: False)
    assert "may not write" in found(files.data_folder_is_private)


def test_a_key_that_others_may_read(folder: Path) -> None:
    (folder / "secret_key").write_text("key")
    (folder / "secret_key").chmod(0o644)
    assert "chmod 600" in found(files.secret_key_is_private)


def test_a_disk_that_is_full_or_filling_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wrong(lambda: files.disk_has_room(least=0)) == []
    assert "nearly full" in found(lambda: files.disk_has_room(least=2**60))
    monkeypatch.setattr(files, "LOW_SHARE", 1.1)
    assert "filling up" in found(lambda: files.disk_has_room(least=0))


def test_a_backup_that_is_old_or_was_never_made(folder: Path) -> None:
    assert "No backup was ever made" in found(backups.one_was_made_lately)
    assert wrong(backups.one_was_made_lately) == []
    mark = folder / "last-backup"
    mark.touch()
    assert found(backups.one_was_made_lately) == ""
    os.utime(mark, (time.time() - 5 * 86_400,) * 2)
    assert "5 days old" in found(backups.one_was_made_lately)
    assert wrong(backups.one_was_made_lately)


def test_static_files_that_nobody_prepared(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    assert "--prepare-only" in found(files.static_files_are_prepared)


def test_https_that_the_site_does_not_know_of(public: Any) -> None:
    public.SESSION_COOKIE_SECURE = False
    assert "Set BEHIND_TLS=1" in found(reaching.https_is_known)
    public.ORIGINS = ["http://127.0.0.1:8000"]
    assert "plain HTTP" in found(reaching.https_is_known)
    assert wrong(reaching.https_is_known) == []


def test_a_name_that_cannot_connect(public: Any) -> None:
    public.ALLOWED_HOSTS = ["chat.example", "www.chat.example", "localhost"]
    said = found(reaching.names_can_open_sockets)
    assert "www.chat.example" in said
    assert "localhost" not in said


def test_a_proxy_behind_https_that_is_not_counted(public: Any) -> None:
    public.TRUSTED_PROXIES = 0
    assert "TRUSTED_PROXIES" in found(reaching.proxies_are_counted)
    assert wrong(reaching.proxies_are_counted)


@pytest.fixture
def unsaid() -> Iterator[None]:
    proxies._say_once.cache_clear()
    yield
    proxies._say_once.cache_clear()


@pytest.mark.usefixtures("unsaid")
def test_a_proxy_is_said_also_where_it_cannot_be_remembered(
    settings: Any, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk, for one: the request that shows it was answered already."""
    settings.TRUSTED_PROXIES, settings.DATA_DIR = 0, folder / "gone"
    forwarded = [(b"x-forwarded-for", b"203.0.113.9")]
    proxies.notice({"client": ("10.0.0.2", 1), "headers": forwarded})
    assert "TRUSTED_PROXIES=1" in caplog.text


@pytest.mark.usefixtures("unsaid")
def test_a_proxy_that_shows_itself_is_said_once_and_remembered(
    settings: Any, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SESSION_COOKIE_SECURE, settings.TRUSTED_PROXIES = False, 0
    forwarded = [(b"x-forwarded-for", b"203.0.113.9")]
    # From anywhere else it is a client's own invention.
    proxies.notice({"client": ("198.41.0.4", 1), "headers": forwarded})
    proxies.notice({"client": ("10.0.0.2", 1), "headers": []})
    assert not proxies.was_seen()
    for _ in range(3):
        proxies.notice({"client": ("10.0.0.2", 1), "headers": forwarded})
    assert caplog.text.count("A request came through a proxy") == 1
    assert "203.0.113.9" not in caplog.text
    assert "TRUSTED_PROXIES=1" in found(reaching.proxies_are_counted)
    settings.TRUSTED_PROXIES = 1
    assert found(reaching.proxies_are_counted) == ""


def test_a_server_that_one_can_reach_around_its_proxy(public: Any) -> None:
    public.HOST = "0.0.0.0"  # noqa: S104
    assert "go around" in found(reaching.server_is_behind_its_proxy)


@pytest.mark.parametrize(("most", "is_wrong"), [(256, True), (4_096, False)])
def test_too_few_open_files(monkeypatch: pytest.MonkeyPatch, most: int, *, is_wrong: bool) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (most, most))
    assert f"{most} files" in found(limits.files_may_be_open)
    assert bool(wrong(limits.files_may_be_open)) is is_wrong


def test_letters_that_go_nowhere(public: Any) -> None:
    public.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "EMAIL_URL" in found(mail.letters_are_sent)
    public.SESSION_COOKIE_SECURE = False
    assert found(mail.letters_are_sent) == ""


def test_letters_from_nobody(public: Any) -> None:
    public.DEFAULT_FROM_EMAIL = "Chat <chat@localhost>"
    assert "EMAIL_FROM" in found(mail.sender_is_somebody)


@pytest.mark.django_db
def test_what_django_finds_is_told_too(public: Any) -> None:
    public.REQUIRE_STAFF_SECOND_FACTOR = False
    assert "chatsite.W006" in found(django_checks.checks_pass)
    public.SECRET_KEY = "x" * 60
    assert any("chatsite.E001" in finding.sentence for finding in wrong(django_checks.checks_pass))
