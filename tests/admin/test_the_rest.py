"""Memberships, invitations and the audit; and that nothing at all can be deleted."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory

from chat.actions.members import join_room
from chat.admin.guarded import GuardedAdmin
from chat.models import AuditEntry, Invitation, Membership, Message, Room, User
from chat.models.guarded import UnguardedWriteError
from tests.admin.conftest import audited, said, tick
from tests.conftest import Post, fresh

MEMBERSHIPS = "/admin/chat/membership/"
INVITATIONS = "/admin/chat/invitation/"


# --- Memberships ----------------------------------------------------------------------------------


def membership(room: Room, user: User) -> Membership:
    return Membership.objects.get(room=room, user=user)


def test_a_role_is_set_on_a_memberships_page(as_max: Client, bob: User, lobby: Room) -> None:
    row = membership(lobby, bob)
    as_max.post(f"{MEMBERSHIPS}{row.pk}/change/", {"role": "moderator", "reason": "trusted"})
    assert fresh(row).role == "moderator"
    assert audited() == [("max", "set_role", "trusted")]


def test_ticked_memberships_change_roles_and_end(
    as_max: Client, ada: User, bob: User, lobby: Room
) -> None:
    row = membership(lobby, bob)
    as_max.post(MEMBERSHIPS, tick("make_moderator", row))
    assert fresh(row).role == "moderator"
    as_max.post(MEMBERSHIPS, tick("make_member", row))
    assert fresh(row).role == "member"
    as_max.post(MEMBERSHIPS, tick("remove", row, reason="left the club"))
    assert not Membership.objects.filter(pk=row.pk).exists()
    assert fresh(lobby).member_count == 1


def test_of_several_the_one_that_is_refused_is_named(
    as_max: Client, ada: User, bob: User, eve: User, lobby: Room
) -> None:
    """The last owner cannot go; the member beside them can."""
    join_room(actor=eve, room_id=lobby.pk)
    rows = membership(lobby, ada), membership(lobby, bob)
    answer = said(as_max.post(MEMBERSHIPS, tick("remove", *rows), follow=True))
    assert "A room needs an owner" in answer
    assert "1 member is removed." in answer
    assert fresh(lobby).member_count == 2


@pytest.mark.parametrize("role", ["king", "", "owner;"])
def test_a_role_that_is_none_is_refused(as_max: Client, bob: User, lobby: Room, role: str) -> None:
    row = membership(lobby, bob)
    answer = as_max.post(f"{MEMBERSHIPS}{row.pk}/change/", {"role": role, "reason": ""})
    assert "errornote" in said(answer)
    assert fresh(row).role == "member"


# --- Invitations ----------------------------------------------------------------------------------


def test_an_invitations_link_is_shown_once_and_kept_nowhere(as_max: Client, max_: User) -> None:
    form = {"note": "Chess club", "uses": 3, "days": 5}
    answer = as_max.post(f"{INVITATIONS}add/", form)
    [link] = re.findall(
        r'value="(http://testserver/accounts/signup/\?invitation=[^"]+)"', said(answer)
    )
    token = unescape(link).split("=")[1]
    invitation = Invitation.objects.get()
    assert (invitation.note, invitation.uses_left, invitation.created_by) == ("Chess club", 3, max_)
    assert "no-store" in answer["Cache-Control"]
    for page in (INVITATIONS, f"{INVITATIONS}{invitation.pk}/change/"):
        assert token not in said(as_max.get(page))
        assert invitation.token_hash not in said(as_max.get(page))
    assert token not in str(as_max.cookies)
    assert token not in str(dict(as_max.session))


def test_the_link_lets_somebody_in_until_it_is_revoked(
    as_max: Client, client: Client, settings: object
) -> None:
    settings.REGISTRATION = "invitation"  # type: ignore[attr-defined]
    answer = as_max.post(f"{INVITATIONS}add/", {"note": "", "uses": 2, "days": 1})
    [path] = re.findall(r"http://testserver(/accounts/signup/\?invitation=[^\"]+)", said(answer))
    assert client.get(path).status_code == 200
    as_max.post(INVITATIONS, tick("revoke", Invitation.objects.get()))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize(("uses", "days"), [(0, 1), (1001, 1), (1, 0), (1, 91), ("x", 1), ("", "")])
def test_an_invitation_out_of_bounds_is_refused(as_max: Client, uses: object, days: object) -> None:
    answer = as_max.post(f"{INVITATIONS}add/", {"note": "", "uses": uses, "days": days})
    assert "errornote" in said(answer)
    assert not Invitation.objects.exists()


def test_an_invitation_cannot_be_changed(as_olga: Client, as_max: Client) -> None:
    as_max.post(f"{INVITATIONS}add/", {"note": "", "uses": 1, "days": 1})
    path = f"{INVITATIONS}{Invitation.objects.get().pk}/change/"
    assert as_olga.post(path, {"uses_left": 999}).status_code == 403
    assert Invitation.objects.get().uses_left == 1


# --- The audit ------------------------------------------------------------------------------------


def test_the_audit_is_read_and_never_written(as_olga: Client, bob: User) -> None:
    as_olga.post("/admin/chat/user/", tick("deactivate", bob, reason="=SUM(A1)"))
    entry = AuditEntry.objects.get()
    path = f"/admin/chat/auditentry/{entry.pk}/change/"
    for page in ("/admin/chat/auditentry/", path, "/admin/"):
        assert "=SUM(A1)" in said(as_olga.get(page))
    assert as_olga.post(path, {"reason": "none"}).status_code == 403
    assert as_olga.post("/admin/chat/auditentry/add/", {"verb": "redact"}).status_code == 403
    assert fresh(entry).reason == "=SUM(A1)"


# --- Nothing is deleted ---------------------------------------------------------------------------


@pytest.fixture
def one_of_each(as_olga: Client, bob: User, lobby: Room, post: Post) -> dict[str, object]:
    message = post(bob, lobby)
    as_olga.post(f"{INVITATIONS}add/", {"note": "", "uses": 1, "days": 1})
    as_olga.post("/admin/chat/user/", tick("deactivate", bob))
    return {
        "user": bob,
        "room": lobby,
        "membership": membership(lobby, bob),
        "message": message,
        "invitation": Invitation.objects.get(),
        "auditentry": AuditEntry.objects.get(),
    }


MODELS = ["user", "room", "membership", "message", "invitation", "auditentry"]


@pytest.mark.parametrize("model", MODELS)
def test_not_even_an_owner_deletes(
    as_olga: Client, one_of_each: dict[str, User], model: str
) -> None:
    row = one_of_each[model]
    path = f"/admin/chat/{model}/"
    assert as_olga.get(f"{path}{row.pk}/delete/").status_code == 403
    assert as_olga.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    form = {**tick("delete_selected", row), "post": "yes"}
    as_olga.post(path, form)
    as_olga.post(path, {**form, "select_across": "1", "index": "0"})
    assert "delete" not in said(as_olga.get(path)).lower().replace("deleted", "")
    assert fresh(row) == row


@pytest.mark.parametrize("model", ["room", "membership", "message", "auditentry"])
def test_a_bulk_write_around_the_actions_is_an_error(
    one_of_each: dict[str, User], model: str
) -> None:
    rows = type(one_of_each[model]).objects
    with pytest.raises(UnguardedWriteError):
        rows.all().delete()
    with pytest.raises(UnguardedWriteError):
        rows.all().update(pk=0)


@pytest.mark.parametrize("model", [User, Room, Membership, Message, Invitation, AuditEntry])
def test_what_django_would_write_by_itself_is_refused(model: type, olga: User) -> None:
    """Were a check to fail, or a page forget its action, nothing would be written still."""
    page = admin.site._registry[model]
    request = RequestFactory().post("/")
    request.user = olga
    assert isinstance(page, GuardedAdmin)
    for write in (
        lambda: page.delete_model(request, object()),
        lambda: page.delete_queryset(request, model.objects.none()),
        lambda: GuardedAdmin.save_model(page, request, object(), None, True),
        lambda: GuardedAdmin.save_formset(page, request, None, None, True),
    ):
        with pytest.raises(UnguardedWriteError):
            write()


def test_the_admins_own_log_is_not_written(as_max: Client, lobby: Room) -> None:
    from django.contrib.admin.models import LogEntry

    as_max.post("/admin/chat/room/add/", {"name": "New", "topic": ""})
    as_max.post("/admin/chat/room/", tick("archive", lobby))
    assert not LogEntry.objects.exists()
