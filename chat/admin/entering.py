"""Who asks for a page of the admin: whether they may enter, their rank, and their one click."""

from __future__ import annotations

import uuid

from django.http import HttpRequest

from chat import policy, ranks
from chat.accounts import second_factor
from chat.models import User
from chat.ranks import Rank


def may_enter(request: HttpRequest) -> bool:
    """Whether the admin is open to who asks: staff, with a second factor where one is required."""
    return is_staff(request) and second_factor.is_satisfied(request)


def is_staff(request: HttpRequest) -> bool:
    """Whether who asks moderates the site. Django's permissions of models are not asked."""
    user = request.user
    return (
        user.is_authenticated
        and user.is_active
        and user.is_staff
        and rank_of(request) >= Rank.MODERATOR
    )


def actor_of(request: HttpRequest) -> User:
    """Who does what is asked for. Raises ``SignInError``."""
    return policy.check_signed_in(request.user)


def rank_of(request: HttpRequest) -> Rank:
    """The rank on the site that who asks has, looked up once a request."""
    known: Rank | None = getattr(request, "site_rank", None)
    if known is None:
        known = ranks.held_rank(actor_of(request))
        request.site_rank = known  # type: ignore[attr-defined]
    return known


def click_of(request: HttpRequest) -> uuid.UUID:
    """The one id of everything that this request does, for the audit."""
    if not hasattr(request, "click"):
        request.click = uuid.uuid4()  # type: ignore[attr-defined]
    click: uuid.UUID = request.click  # type: ignore[attr-defined]
    return click
