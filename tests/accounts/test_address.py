"""The client's address: what a proxy of ours saw is believed, nothing else."""

from __future__ import annotations

import pytest

from chat.address import UNKNOWN, client_address, scope_address, throttle_address

PEER = "203.0.113.9"

CASES = [
    # forwarded, peer, trusted proxies, address
    ("", PEER, 0, PEER),
    ("1.2.3.4", PEER, 0, PEER),
    ("1.2.3.4", PEER, 1, "1.2.3.4"),
    ("6.6.6.6, 1.2.3.4", PEER, 1, "1.2.3.4"),
    ("6.6.6.6, 1.2.3.4, 10.0.0.2", PEER, 2, "1.2.3.4"),
    ("1.2.3.4", PEER, 2, "1.2.3.4"),
    ("", PEER, 1, PEER),
    (" , ,", PEER, 1, PEER),
    ("not an address", PEER, 1, PEER),
    ("1.2.3.4:5555", PEER, 1, "1.2.3.4"),
    ("[2001:db8::1]:443", PEER, 1, "2001:db8::1"),
    ("2001:DB8:0:0::1", PEER, 1, "2001:db8::1"),
    ("::ffff:1.2.3.4", PEER, 1, "1.2.3.4"),
    ("fe80::1%eth0", PEER, 1, "fe80::1"),
    ("<script>", "", 1, UNKNOWN),
    ("", "", 0, UNKNOWN),
]


@pytest.mark.parametrize(("forwarded", "peer", "trusted", "address"), CASES)
def test_only_the_last_entries_are_believed(
    forwarded: str, peer: str, trusted: int, address: str
) -> None:
    assert client_address(forwarded, peer, trusted) == address


def test_a_socket_joins_repeated_headers(settings) -> None:
    settings.TRUSTED_PROXIES = 1
    headers = [(b"x-forwarded-for", b"6.6.6.6"), (b"X-Forwarded-For", b"1.2.3.4")]
    assert scope_address({"headers": headers, "client": (PEER, 1)}) == "1.2.3.4"


def test_a_socket_without_a_peer_has_an_address_still(settings) -> None:
    settings.TRUSTED_PROXIES = 0
    assert scope_address({"headers": [], "client": None}) == UNKNOWN


def test_one_customer_of_ipv6_counts_as_one() -> None:
    assert throttle_address("2001:db8:1:2:3::4") == throttle_address("2001:db8:1:2:ffff::1")
    assert throttle_address("2001:db8:1:2::1") != throttle_address("2001:db8:1:3::1")
    assert throttle_address("1.2.3.4") == "1.2.3.4"
