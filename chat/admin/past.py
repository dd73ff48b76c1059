"""What is known of somebody: their sanctions, the cases about them, where they came from."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from chat.address_bans import read_address_bans
from chat.models import ReportCase, Sanction, SeenAddress, User

SHOWN = 20
OTHERS_NAMED = 5
OTHERS_READ = 500


@dataclass(frozen=True, slots=True)
class Origin:
    """An address from which somebody came lately."""

    seen: SeenAddress
    is_banned: bool
    can_be_banned: bool
    """Whether it is public: behind private ones there are proxies, and everybody."""
    others: list[User]
    """Who else came from there."""
    more: int


def past_of(person: User) -> dict[str, Any]:
    """The newest of each, for the person's page."""
    sanctions = Sanction.objects.filter(user=person).select_related("room", "actor", "lifted_by")
    cases = ReportCase.objects.filter(message__author=person).select_related("room", "message")
    return {
        "sanctions": list(sanctions.order_by("-pk")[:SHOWN]),
        "cases": list(cases.order_by("-pk")[:SHOWN]),
        "origins": _origins(person),
        "shown": SHOWN,
    }


def _origins(person: User) -> list[Origin]:
    rows = list(person.addresses.order_by("-seen_at")[:SHOWN])
    others = _others(person, [row.address for row in rows])
    bans = read_address_bans() if rows else None
    return [
        Origin(
            seen=row,
            is_banned=bans is not None and bans.has(row.address),
            can_be_banned=ipaddress.ip_address(row.address).is_global,
            others=others[row.address][:OTHERS_NAMED],
            more=max(0, len(others[row.address]) - OTHERS_NAMED),
        )
        for row in rows
    ]


def _others(person: User, addresses: list[str]) -> dict[str, list[User]]:
    found: dict[str, list[User]] = defaultdict(list)
    rows = SeenAddress.objects.filter(address__in=addresses).exclude(user=person)
    for row in rows.select_related("user").order_by("-seen_at")[:OTHERS_READ]:
        found[row.address].append(row.user)
    return found
