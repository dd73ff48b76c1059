"""Ban network addresses, lift the bans, and remember for a while where people came from."""

from __future__ import annotations

import ipaddress
import time
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat import errors, policy
from chat.actions import audit
from chat.address import IPV6_NETWORK_BITS
from chat.address_bans import Network
from chat.announce import tell_site
from chat.database import writing
from chat.models import AddressBan, AuditEntry, SeenAddress, Site, User
from chat.models.sanction import ACTIVE
from chat.policy import Actor
from chat.standing import ends_at

AGAIN_AFTER_S = 3600.0
REMEMBERED_HERE = 10_000
_remembered: dict[tuple[int, str], float] = {}
WIDEST = {4: 16, 6: 32}
"""The shortest prefix that can be banned: beyond it whole countries would be out."""


def ban_address(
    *,
    actor: Actor,
    network: str,
    own_address: str = "",
    term: timedelta | None = None,
    until: datetime | None = None,
    reason: str = "",
    note: str = "",
    action_id: uuid.UUID | None = None,
) -> AddressBan:
    """Let nobody in from an address or a network, for a ``term``, ``until`` a time, or for ever.

    ``own_address`` is where the actor sits: it cannot be banned by mistake. Takes the place
    of the ban before, if there is one. Raises ``SignInError, ForbiddenError,
    BadFieldError``, and ``BadAddressError`` for what is no public address or too wide.
    """
    user = policy.check_moderates_site(actor)
    wanted = public_network(network, own_address)
    with writing():
        # One at a time: two who ban the same network leave one ban.
        list(Site.objects.select_for_update().filter(pk=1).values_list("pk"))
        ends = ends_at(term, until)
        before = AddressBan.log.filter(network=str(wanted), lifted_at=None)
        before.filter(expires_at__lte=Now()).update(lifted_at=F("expires_at"))
        before.update(lifted_at=Now(), lifted_by=user)
        ban = AddressBan.log.create(
            network=str(wanted), reason=reason, note=note, actor=user, expires_at=ends
        )
        audit.record(
            actor=user,
            verb=AuditEntry.Verb.BAN_ADDRESS,
            reason=reason,
            action_id=action_id,
            details=str(wanted),
        )
        tell_site()
    return ban


def public_network(text: str, own_address: str = "") -> Network:
    """Return the network of ``203.0.113.7`` or ``203.0.113.0/24``. Raises ``BadAddressError``.

    An IPv6 address stands for the network of one customer.
    """
    try:
        network = _plain(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as error:
        raise errors.BadAddressError from error
    if network.version == 6 and network.prefixlen > IPV6_NETWORK_BITS:
        network = network.supernet(new_prefix=IPV6_NETWORK_BITS)
    if network.prefixlen < WIDEST[network.version]:
        raise errors.BadAddressError(_("This network is too wide: too many people share it."))
    ends = (network.network_address, network.broadcast_address)
    if not all(address.is_global and not address.is_multicast for address in ends):
        raise errors.BadAddressError(
            _("This is a private address, maybe that of a proxy: everybody may come from it.")
        )
    if _is_address(own_address) and ipaddress.ip_address(own_address) in network:
        raise errors.BadAddressError(_("You are using this address yourself."))
    return network


def _plain(network: Network) -> Network:
    """An IPv4 network that is written as one of IPv6 is what its people come from."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < 96:
        return network
    return ipaddress.IPv4Network((mapped, network.prefixlen - 96), strict=False)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def lift_address_ban(
    *, actor: Actor, ban_id: int, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """End a ban before its time. Raises ``SignInError, ForbiddenError, NotFoundError``.

    ``DecidedError`` where it is over already.
    """
    user = policy.check_moderates_site(actor)
    with writing():
        ban = AddressBan.objects.filter(pk=ban_id).first()
        if ban is None:
            raise errors.NotFoundError
        if not AddressBan.log.filter(ACTIVE, pk=ban_id).update(lifted_at=Now(), lifted_by=user):
            raise errors.DecidedError
        audit.record(
            actor=user,
            verb=AuditEntry.Verb.LIFT_ADDRESS,
            reason=reason,
            action_id=action_id,
            details=ban.network,
        )
        tell_site()


def is_remembered(user_id: int, address: str) -> bool:
    """Whether this process has remembered it lately, or is not to; no database is asked."""
    at = _remembered.get((user_id, address))
    return not settings.ADDRESS_DAYS or (at is not None and time.monotonic() - at < AGAIN_AFTER_S)


def remember_address(*, actor: User, address: str) -> None:
    """Remember from where ``actor`` came; forgotten after ``ADDRESS_DAYS``."""
    if len(_remembered) >= REMEMBERED_HERE:
        _remembered.clear()
    _remembered[actor.pk, address] = time.monotonic()
    with writing():
        SeenAddress.objects.update_or_create(
            user=actor, address=address, defaults={"seen_at": timezone.now()}
        )
