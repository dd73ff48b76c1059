"""What the operator says is judged: nonsense is refused with a sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatsite import environment
from chatsite.variables import SettingsError, load

STRONG = "correct-horse-battery-staple-0123456789-abcdefghijkl"

REFUSED = [
    ({"PORT": "abc"}, ["PORT", "abc", "from 1 to 65535"]),
    ({"PORT": "0"}, ["PORT", "0", "from 1 to 65535"]),
    ({"PORT": "65536"}, ["PORT", "65536"]),
    ({"PORT": "-1"}, ["PORT", "-1"]),
    ({"PORT": "８０００"}, ["PORT"]),
    ({"PORT": "9" * 5000}, ["PORT"]),
    ({"HOST": "not a host"}, ["HOST", "not a host", "127.0.0.1"]),
    ({"HOST": "*"}, ["HOST"]),
    ({"DATABASE_URL": "mysql://a:b@c/d"}, ["DATABASE_URL", "mysql://", "postgresql://"]),
    ({"DATABASE_URL": "chat.sqlite3"}, ["DATABASE_URL", "sqlite:///"]),
    ({"DATABASE_URL": "sqlite://:memory:"}, ["DATABASE_URL", "sqlite:///"]),
    ({"DATABASE_URL": "sqlite:///"}, ["DATABASE_URL", "a file"]),
    ({"DATABASE_URL": "postgresql://ada:secret@db"}, ["DATABASE_URL", "a name"]),
    ({"DATABASE_URL": "postgresql://ada@db:port/chat"}, ["DATABASE_URL", "wrong port"]),
    ({"DATABASE_URL": "postgresql://db/chat?colour=red"}, ["DATABASE_URL", "colour", "sslmode"]),
    ({"REDIS_URL": "localhost:6379"}, ["REDIS_URL", "redis://"]),
    ({"REDIS_URL": "redis://a,http://b"}, ["REDIS_URL", "http://…"]),
    ({"EMAIL_URL": "imap://host"}, ["EMAIL_URL", "imap", "smtp"]),
    ({"EMAIL_URL": "smtp://"}, ["EMAIL_URL", "name"]),
    ({"EMAIL_FROM": "nobody"}, ["EMAIL_FROM", "nobody", "e-mail address"]),
    ({"REGISTRATION": "maybe"}, ["REGISTRATION", "maybe", "open, invitation, closed"]),
    ({"LOG_LEVEL": "LOUD"}, ["LOG_LEVEL", "LOUD", "WARNING"]),
    ({"DEBUG": "perhaps"}, ["DEBUG", "perhaps", "1 (yes) or 0 (no)"]),
    ({"TRUSTED_PROXIES": "-1"}, ["TRUSTED_PROXIES", "-1", "from 0 to"]),
    ({"TRUSTED_PROXIES": "10.0.0.1"}, ["TRUSTED_PROXIES", "10.0.0.1"]),
    ({"DATABASE_THREADS": "0"}, ["DATABASE_THREADS", "from 1 to"]),
    ({"POSTS_PER_MINUTE": "0"}, ["POSTS_PER_MINUTE"]),
    ({"POSTS_BURST": "-5"}, ["POSTS_BURST", "-5"]),
    ({"COMMANDS_PER_MINUTE": "1.5"}, ["COMMANDS_PER_MINUTE", "1.5"]),
    ({"CONNECTIONS_PER_PERSON": "many"}, ["CONNECTIONS_PER_PERSON", "many"]),
    ({"CONNECTIONS_PER_ADDRESS": "1e3"}, ["CONNECTIONS_PER_ADDRESS", "1e3"]),
    ({"ALLOWED_HOSTS": "https://chat.example"}, ["ALLOWED_HOSTS", "without scheme"]),
    ({"ALLOWED_HOSTS": "*"}, ["ALLOWED_HOSTS", "*", "wildcards", "ORIGINS"]),
    ({"ORIGINS": "chat.example"}, ["ORIGINS", "chat.example", "scheme"]),
    ({"ORIGINS": "https://chat.example/path"}, ["ORIGINS", "exact"]),
    ({"ORIGINS": "https://*.chat.example"}, ["ORIGINS", "exact"]),
    ({"ORIGINS": "https://chat.example:port"}, ["ORIGINS", "exact"]),
    ({"ORIGINS": "null"}, ["ORIGINS", "null"]),
    ({"BEHIND_TLS": "1"}, ["BEHIND_TLS", "ALLOWED_HOSTS"]),
    ({"BEHIND_TLS": "1", "ORIGINS": "http://chat.example"}, ["ORIGINS", "https://", "BEHIND_TLS"]),
    ({"SECRET_KEY": "password"}, ["SECRET_KEY", "8 characters", "at least 50"]),
    ({"SECRET_KEY": "a" * 60}, ["SECRET_KEY", "vary"]),
    ({"SECRET_KEY_FALLBACKS": "short"}, ["SECRET_KEY_FALLBACKS", "weak"]),
]


@pytest.mark.parametrize(("values", "words"), REFUSED, ids=lambda item: str(item)[:50])
def test_nonsense_is_refused_with_a_sentence(
    tmp_path: Path, values: dict[str, str], words: list[str]
) -> None:
    with pytest.raises(SettingsError) as refused:
        environment.read(tmp_path, values)
    assert len(refused.value.refusals) == 1
    (sentence,) = refused.value.refusals
    assert sentence.endswith(".")
    for word in words:
        assert word in sentence


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        environment.read(tmp_path, {"PORT": "abc", "REGISTRATION": "maybe", "DEBUG": "?"})
    assert [sentence.split()[0] for sentence in refused.value.refusals] == [
        "PORT",
        "DEBUG",
        "REGISTRATION",
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"DATABASE_URL": "mysql://ada:hunter2@db/chat"},
        {"DATABASE_URL": "postgresql://ada:hunter2@db/chat?colour=red"},
        {"DATABASE_URL": "postgresql://ada:hunter2@db:port/chat"},
        {"REDIS_URL": "http://:hunter2@cache"},
        {"EMAIL_URL": "imap://ada:hunter2@mail"},
        {"SECRET_KEY": "hunter2"},
        {"SECRET_KEY_FALLBACKS": "hunter2"},
    ],
    ids=str,
)
def test_a_refusal_does_not_show_a_secret(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refused:
        environment.read(tmp_path, values)
    assert "hunter2" not in str(refused.value)


def test_nothing_said_makes_a_site_for_this_machine_alone(tmp_path: Path) -> None:
    env = environment.read(tmp_path, {})
    assert (env.host, env.port, env.debug, env.registration) == ("127.0.0.1", 8000, False, "open")
    assert env.data_dir == tmp_path / "data"
    assert env.allowed_hosts == ["127.0.0.1", "localhost", "[::1]"]
    assert env.in_process
    assert env.trusted_proxies == 0


def test_an_empty_value_counts_as_not_given(tmp_path: Path) -> None:
    env = environment.read(tmp_path, {"PORT": "", "DATABASE_URL": " ", "REDIS_URL": ""})
    assert env.port == 8000
    assert env.in_process


@pytest.mark.parametrize(
    ("text", "meant"), [("1", True), ("Yes", True), ("true", True), ("0", False), ("off", False)]
)
def test_yes_and_no_have_several_words(tmp_path: Path, text: str, *, meant: bool) -> None:
    assert environment.read(tmp_path, {"DEBUG": text}).debug is meant


def test_the_file_speaks_where_the_environment_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("# ours\nPORT=9001\nexport SITE_NAME='Tea room'\n\n")
    monkeypatch.delenv("SITE_NAME", raising=False)
    monkeypatch.setenv("PORT", "9002")
    values = load(tmp_path / ".env")
    assert (values["PORT"], values["SITE_NAME"]) == ("9002", "Tea room")


@pytest.mark.parametrize("line", ["PORT = 9001", "just words", "=1", "9PORT=1"])
def test_a_line_that_says_nothing_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"SITE_NAME=Tea\n{line}\n")
    with pytest.raises(SettingsError, match=r"\.env, line 2"):
        load(tmp_path / ".env")


def test_a_name_misspelt_in_the_file_is_refused_and_a_foreign_one_is_not(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PROT=9001\nPOSTGRES_PASSWORD=x\nALOWED_HOSTS=a\n")
    with pytest.raises(SettingsError) as refused:
        environment.read(tmp_path)
    assert refused.value.refusals == (
        "PROT in .env is no setting of ours. Is PORT meant?",
        "ALOWED_HOSTS in .env is no setting of ours. Is ALLOWED_HOSTS meant?",
    )


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        load(tmp_path / ".env")


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="DATA_DIR"):
        environment.read(tmp_path, {"DATA_DIR": str(tmp_path / "file" / "data")})


def test_mail_goes_to_the_terminal_until_told_where(tmp_path: Path) -> None:
    silent = environment.read(tmp_path, {}).email
    assert silent["EMAIL_BACKEND"].endswith("console.EmailBackend")
    told = environment.read(tmp_path, {"EMAIL_URL": "smtp+tls://ada:p%40ss@mail:587"}).email
    assert told["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (told["EMAIL_HOST"], told["EMAIL_PORT"]) == ("mail", 587)
    assert told["EMAIL_HOST_PASSWORD"] == "p@ss"
    assert told["EMAIL_USE_TLS"] is True
