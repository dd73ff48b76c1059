"""Exact origins: from where a socket may be opened follows from how the site is reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatsite import environment, origins


def read(tmp_path: Path, **values: str) -> environment.Environment:
    return environment.read(tmp_path, values)


def test_alone_on_this_machine(tmp_path: Path) -> None:
    env = read(tmp_path, PORT="8123")
    assert env.origins == ["http://127.0.0.1:8123", "http://localhost:8123", "http://[::1]:8123"]


def test_the_usual_port_is_not_part_of_an_origin(tmp_path: Path) -> None:
    assert "http://localhost" in read(tmp_path, PORT="80").origins


def test_open_to_the_local_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "local_addresses", lambda: ["192.168.7.9"])
    env = read(tmp_path, HOST="0.0.0.0")  # noqa: S104 - what is tested
    assert "192.168.7.9" in env.allowed_hosts
    assert "http://192.168.7.9:8000" in env.origins
    assert "http://127.0.0.1:8000" in env.origins


def test_named_hosts_join_this_machine(tmp_path: Path) -> None:
    env = read(tmp_path, ALLOWED_HOSTS="chat.lan, tea.lan")
    assert {"chat.lan", "tea.lan", "localhost"} <= set(env.allowed_hosts)
    assert {"http://chat.lan:8000", "http://tea.lan:8000"} <= set(env.origins)


def test_behind_tls_only_the_public_names_are_origins(tmp_path: Path) -> None:
    env = read(tmp_path, BEHIND_TLS="1", ALLOWED_HOSTS="chat.example")
    assert env.origins == ["https://chat.example"]
    # A health check of this machine goes past the proxy.
    assert "127.0.0.1" in env.allowed_hosts


def test_named_origins_are_the_only_ones_and_name_their_hosts(tmp_path: Path) -> None:
    env = read(tmp_path, BEHIND_TLS="1", ORIGINS="https://Chat.Example:8443/")
    assert env.origins == ["https://chat.example:8443"]
    assert "chat.example" in env.allowed_hosts


def test_a_wildcard_host_needs_exact_origins(tmp_path: Path) -> None:
    env = read(tmp_path, ALLOWED_HOSTS=".chat.example", ORIGINS="https://a.chat.example")
    assert env.origins == ["https://a.chat.example"]


def test_an_ipv6_address_stands_in_brackets(tmp_path: Path) -> None:
    env = read(tmp_path, HOST="::1")
    assert env.host == "::1"
    assert "http://[::1]:8000" in env.origins


def test_local_addresses_are_addresses_of_others_than_this_machine_alone() -> None:
    for address in origins.local_addresses():
        assert address.count(".") == 3
        assert not address.startswith("127.")
