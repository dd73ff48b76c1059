"""REDIS_URL: shards, encrypted lines, Sentinels; what makes no sense is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat.redis.address import RedisAddress
from chatsite.redis_url import redis_addresses
from chatsite.variables import Variables


def read(text: str) -> tuple[tuple[RedisAddress, ...], list[str]]:
    variables = Variables({"REDIS_URL": text})
    return redis_addresses(variables), variables.refusals


def the_one(text: str) -> RedisAddress:
    [address], refusals = read(text)
    assert not refusals
    return address


def test_nothing_is_no_redis() -> None:
    assert read("") == ((), [])


def test_several_addresses_are_shards_in_their_order() -> None:
    addresses, refusals = read("redis://one:1/0, rediss://two/3,unix:///run/redis.sock?db=2")
    assert not refusals
    assert [dict(each.options)["db"] for each in addresses] == [0, 3, 2]
    assert [each.is_encrypted for each in addresses] == [False, True, False]
    assert dict(addresses[1].options)["port"] == 6379
    assert dict(addresses[2].options)["path"] == "/run/redis.sock"


def test_a_name_and_a_password_are_unquoted_and_never_shown() -> None:
    address = the_one("redis://chat:p%40ss%2Fword@cache:6380/1")
    options = dict(address.options)
    assert (options["username"], options["password"]) == ("chat", "p@ss/word")
    assert "p@ss" not in repr(address)
    assert "p%40ss" not in repr(address)


def test_sentinels_are_hosts_with_a_service_and_perhaps_a_database() -> None:
    address = the_one(
        "redis+sentinel://chat:secret@one:1,two,[::1]:3/main/2?sentinel_password=other"
    )
    assert address.sentinels == (("one", 1), ("two", 26379), ("::1", 3))
    assert (address.service, dict(address.options)["db"]) == ("main", 2)
    assert dict(address.sentinel_options) == {"password": "other"}


def test_sentinels_may_be_a_shard_among_others() -> None:
    addresses, refusals = read("redis+sentinel://a,b/one,rediss+sentinel://c:1,d/two/0,redis://e")
    assert not refusals
    assert [each.service for each in addresses] == ["one", "two", ""]
    assert [each.is_encrypted for each in addresses] == [False, True, False]


def test_an_encrypted_line_takes_an_authority_and_a_certificate(tmp_path: Path) -> None:
    file = tmp_path / "some.pem"
    file.touch()
    words = f"ssl_ca_certs={file}&ssl_certfile={file}&ssl_keyfile={file}&ssl_check_hostname=0"
    options = dict(the_one(f"rediss://cache?{words}").options)
    assert options["ssl_ca_certs"] == options["ssl_certfile"] == str(file)
    assert options["ssl_check_hostname"] is False
    unchecked = dict(the_one("rediss://cache?ssl_cert_reqs=none").options)
    assert unchecked["ssl_check_hostname"] is False


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cache:6379", "starts with redis://"),
        ("http://cache", "starts with redis://"),
        ("redis://", "a host and a port"),
        ("redis://cache:port/0", "a host and a port"),
        ("redis://cache:99999/0", "a host and a port"),
        ("redis://cache/first", "the number of a database"),
        ("redis://cache/0/1", "an address like"),
        ("redis://one,two:6379/0", "several whole addresses"),
        ("redis://cache?ssl_ca_certs=/x", "without “ssl_ca_certs”"),
        ("rediss://cache?timeout=1", "without “timeout”"),
        ("rediss://cache?ssl_ca_certs=/not/there", "a file that is there as ssl_ca_certs"),
        ("rediss://cache?ssl_check_hostname=maybe", "1 (yes) or 0 (no)"),
        ("rediss://cache?ssl_cert_reqs=perhaps", "required or none"),
        ("redis+sentinel://one,two", "the name of a service"),
        ("redis+sentinel://one:0/main", "a host and a port"),
        ("unix://host/", "a path"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(text: str, says: str) -> None:
    _addresses, [refusal] = read(text)
    assert refusal.startswith("REDIS_URL is “")
    assert says in refusal


@pytest.mark.parametrize(
    "text",
    [
        "redis://:secret@cache/first",
        "redis://:sec?ret@cache",
        "redis+sentinel://:secret@one,two",
        "rediss://:x@cache?secret=1&sentinel_password=secret@x",
        "redis+sentinel://a?sentinel_password=secret",
        "http://:secret@cache",
    ],
)
def test_no_refusal_shows_a_password(text: str) -> None:
    _addresses, refusals = read(text)
    assert refusals
    assert not any("secret" in each.replace("without “secret”", "") for each in refusals)
    assert not any("sec?" in each or "“ret" in each for each in refusals)
