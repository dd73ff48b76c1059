"""Which network addresses are banned, as this process knows them.

Every request asks, so the answer is kept: what rings the site's bell renews it at once,
and without a bell it is a few seconds old at most.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass, field

from chat.errors import AddressBannedError
from chat.models import AddressBan
from chat.models.sanction import ACTIVE

FRESH_FOR_S = 5.0
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class AddressBans:
    """All that bite now, by the length of their prefix, so that many cost no more than few."""

    by_prefix: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    """The numbers of networks, by version and prefix length."""

    def has(self, address: str) -> bool:
        """Whether ``address`` is banned. What is no address is not."""
        if not self.by_prefix:
            return False
        try:
            asked = ipaddress.ip_address(address)
        except ValueError:
            return False
        number, bits = int(asked), asked.max_prefixlen
        return any(
            (number >> (bits - prefix)) in networks
            for (version, prefix), networks in self.by_prefix.items()
            if version == asked.version
        )


_kept: tuple[float, AddressBans] = (float("-inf"), AddressBans())


def read_address_bans() -> AddressBans:
    """Read the bans that bite now, and keep them for this process."""
    global _kept  # noqa: PLW0603 - one answer a process, swapped whole
    by_prefix: dict[tuple[int, int], set[int]] = {}
    for text in AddressBan.objects.filter(ACTIVE).values_list("network", flat=True):
        network = ipaddress.ip_network(text)
        key = (network.version, network.prefixlen)
        shift = network.max_prefixlen - network.prefixlen
        by_prefix.setdefault(key, set()).add(int(network.network_address) >> shift)
    bans = AddressBans(by_prefix)
    _kept = (time.monotonic(), bans)
    return bans


def check_address(address: str) -> None:
    """Refuse who comes from a banned address. Raises ``AddressBannedError``."""
    read_at, bans = _kept
    if time.monotonic() - read_at > FRESH_FOR_S:
        bans = read_address_bans()
    if bans.has(address):
        raise AddressBannedError
