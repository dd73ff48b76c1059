"""Nobody acts on themselves, on their own rank, or on one above it; and who gives which role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat import errors, ranks
from chat.actions import members, sanctions, site_roles
from chat.models import Membership, Room, User
from tests.conftest import fresh, let_in, make_moderator, make_person, moderates_the_site
from tests.moderation.conftest import entries

ACTS: list[Callable[..., Any]] = [sanctions.mute, sanctions.ban, sanctions.kick]
RANKED = ["grace", "bob", "carol", "ada", "max", "adam", "olga"]


@pytest.fixture
def cast(
    ada: User, bob: User, carol: User, grace: User, max_: User, olga: User, lobby: Room
) -> dict[str, User]:
    """From the guest to the owner of the site, in the order of their ranks."""
    adam = moderates_the_site(make_person("adam"), ranks.ADMINISTRATORS)
    for person in (max_, adam, olga):
        let_in(lobby, person)
    return {
        "grace": grace, "bob": bob, "carol": carol, "ada": ada, "max": max_, "adam": adam,
        "olga": olga,
    }  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize("who", RANKED)
def test_in_a_room_everybody_acts_on_those_below_and_on_nobody_else(
    act: Callable[..., Any], who: str, cast: dict[str, User], lobby: Room
) -> None:
    actor = cast[who]
    leads = RANKED.index(who) >= RANKED.index("carol")
    # The ranks of a guest and of a member are the same, so neither is above the other.
    for target in RANKED:
        may = leads and RANKED.index(target) < RANKED.index(who) and target != who
        if may and target == "ada" and act is sanctions.kick:
            continue  # The last owner cannot be put out; see below.
        if may:
            act(actor=actor, user_id=cast[target].pk, room_id=lobby.pk)
        else:
            with pytest.raises(errors.ForbiddenError):
                act(actor=actor, user_id=cast[target].pk, room_id=lobby.pk)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize("who", RANKED)
def test_on_the_whole_site_the_site_s_ranks_count_alone(
    act: Callable[..., Any], who: str, cast: dict[str, User]
) -> None:
    site = RANKED.index("max")
    for target in RANKED:
        may = RANKED.index(who) >= site and (
            RANKED.index(target) < max(RANKED.index(who), site) and target != who
        )
        if may:
            act(actor=cast[who], user_id=cast[target].pk)
        else:
            with pytest.raises(errors.ForbiddenError):
                act(actor=cast[who], user_id=cast[target].pk)


def test_the_last_owner_is_not_put_out_of_the_room_but_may_be_banned_from_it(
    ada: User, max_: User, lobby: Room
) -> None:
    with pytest.raises(errors.LastOwnerError):
        sanctions.kick(actor=max_, user_id=ada.pk, room_id=lobby.pk)
    sanctions.ban(actor=max_, user_id=ada.pk, room_id=lobby.pk)
    assert Membership.objects.get(room=lobby, user=ada).role == "owner"


def test_an_owner_who_is_banned_is_an_owner_to_those_below_all_the_same(
    ada: User, carol: User, max_: User, lobby: Room
) -> None:
    """Or a moderator of the room could put them out for good, or undo what the site decided."""
    ban = sanctions.ban(actor=max_, user_id=ada.pk, room_id=lobby.pk)
    for act in ACTS:
        with pytest.raises(errors.ForbiddenError):
            act(actor=carol, user_id=ada.pk, room_id=lobby.pk)
    with pytest.raises(errors.ForbiddenError):
        sanctions.lift(actor=carol, sanction_id=ban.pk)


def test_who_is_banned_leads_nothing_meanwhile(
    ada: User, bob: User, carol: User, lobby: Room
) -> None:
    sanctions.ban(actor=ada, user_id=carol.pk, room_id=lobby.pk)
    for act in ACTS:
        with pytest.raises(errors.ForbiddenError):
            act(actor=carol, user_id=bob.pk, room_id=lobby.pk)


def test_a_member_may_neither_set_nor_lift(ada: User, bob: User, eve: User, lobby: Room) -> None:
    members.join_room(actor=eve, room_id=lobby.pk)
    mute = sanctions.mute(actor=ada, user_id=bob.pk, room_id=lobby.pk)
    for person in (eve, bob):
        with pytest.raises(errors.ForbiddenError):
            sanctions.lift(actor=person, sanction_id=mute.pk)


# --- Roles of the site ----------------------------------------------------------------------


def test_administrators_make_moderators_and_owners_make_administrators(
    bob: User, eve: User, olga: User
) -> None:
    adam = moderates_the_site(make_person("adam"), ranks.ADMINISTRATORS)
    site_roles.set_site_role(actor=adam, user_id=bob.pk, site_role="moderator", reason="Kind")
    assert ranks.site_rank(fresh(bob)) == ranks.Rank.MODERATOR
    with pytest.raises(errors.ForbiddenError):
        site_roles.set_site_role(actor=adam, user_id=eve.pk, site_role="administrator")
    site_roles.set_site_role(actor=olga, user_id=bob.pk, site_role="administrator")
    assert ranks.site_rank(fresh(bob)) == ranks.Rank.ADMINISTRATOR
    with pytest.raises(errors.ForbiddenError):
        site_roles.set_site_role(actor=adam, user_id=bob.pk, site_role="")
    site_roles.set_site_role(actor=olga, user_id=bob.pk, site_role="")
    assert (fresh(bob).is_staff, ranks.site_rank(fresh(bob))) == (False, ranks.Rank.PERSON)
    assert [e.details for e in entries(verb="set_site_role")] == [
        "moderator", "administrator", "none",
    ]  # fmt: skip


def test_moderators_give_no_roles_and_nobody_changes_their_own(
    bob: User, max_: User, olga: User
) -> None:
    with pytest.raises(errors.ForbiddenError):
        site_roles.set_site_role(actor=max_, user_id=bob.pk, site_role="moderator")
    for role in ("", "moderator", "administrator"):
        with pytest.raises(errors.ForbiddenError):
            site_roles.set_site_role(actor=olga, user_id=olga.pk, site_role=role)
    with pytest.raises(errors.BadFieldError):
        site_roles.set_site_role(actor=olga, user_id=bob.pk, site_role="king")


def test_an_owner_of_the_site_is_not_made_less_by_another(olga: User) -> None:
    """Their rank is not a group's: taking it away would only lock them out of the admin."""
    other = User.objects.create_superuser("otto")
    with pytest.raises(errors.ForbiddenError):
        site_roles.set_site_role(actor=olga, user_id=other.pk, site_role="")
    assert fresh(other).is_staff


def test_a_role_that_somebody_has_already_is_not_given_twice(max_: User, olga: User) -> None:
    site_roles.set_site_role(actor=olga, user_id=max_.pk, site_role="moderator")
    assert entries(verb="set_site_role") == []


def test_staff_without_a_group_moderates_nothing(bob: User, lobby: Room) -> None:
    """A flag set by hand opens the admin at most."""
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    staff = fresh(bob)
    assert ranks.site_rank(staff) == ranks.Rank.PERSON
    with pytest.raises(errors.ForbiddenError):
        sanctions.mute(actor=staff, user_id=make_moderator("mia").pk, room_id=lobby.pk)
