"""The staff's part of the role table: pages of the admin, and what its lists offer.

Words as in ``tests/roles/table.py``. Everybody who is no staff hears "door", "out" or "no"
at every page alike, so only the three of the staff stand here. A page that adds, changes
or asks before it acts is asked for by GET: what it does when it is sent is in tests/admin.
"""

from __future__ import annotations

from tests.roles.table import Row
from tests.roles.world import STAFF


def read_staff_table(text: str) -> dict[str, Row]:
    """Return the rows by page or action."""
    rows: dict[str, Row] = {}
    for line in text.strip().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, *cells = line.split()
        assert len(cells) == len(STAFF), f"{name} has {len(cells)} cells"
        assert name not in rows, f"{name} stands here twice"
        rows[name] = dict(zip(STAFF, cells, strict=True))
    return rows


PAGES = read_staff_table("""
# page                            keep admi olga
# (405: it is only sent, never asked for; what is empty or gone is "none")
  level                           405  405  405
  undo                            none none none
  index                           ok   ok   ok
  autocomplete                    no   no   no
  view_on_site                    none none none
  chat_addressban_lift            ok   ok   ok
  chat_addressban_changelist      ok   ok   ok
  chat_addressban_add             ok   ok   ok
  chat_addressban_history         ok   ok   ok
  chat_addressban_delete          no   no   no
  chat_addressban_change          ok   ok   ok
  chat_auditentry_export          405  405  405
  chat_auditentry_changelist      ok   ok   ok
  chat_auditentry_add             no   no   no
  chat_auditentry_history         ok   ok   ok
  chat_auditentry_delete          no   no   no
  chat_auditentry_change          ok   ok   ok
  chat_reportcase_changelist      ok   ok   ok
  chat_reportcase_add             none none none
  chat_reportcase_history         ok   ok   ok
  chat_reportcase_delete          no   no   no
  chat_reportcase_change          ok   ok   ok
  chat_heldpost_approve           ok   ok   ok
  chat_heldpost_reject            ok   ok   ok
  chat_heldpost_changelist        ok   ok   ok
  chat_heldpost_add               no   no   no
  chat_heldpost_history           ok   ok   ok
  chat_heldpost_delete            no   no   no
  chat_heldpost_change            ok   ok   ok
  chat_invitation_changelist      ok   ok   ok
  chat_invitation_add             ok   ok   ok
  chat_invitation_history         ok   ok   ok
  chat_invitation_delete          no   no   no
  chat_invitation_change          ok   ok   ok
  chat_membership_changelist      ok   ok   ok
  chat_membership_add             no   no   no
  chat_membership_history         ok   ok   ok
  chat_membership_delete          no   no   no
  chat_membership_change          ok   ok   ok
  chat_message_redact             ok   ok   ok
  chat_message_redact_all         none none none
  chat_message_changelist         ok   ok   ok
  chat_message_add                no   no   no
  chat_message_history            ok   ok   ok
  chat_message_delete             no   no   no
  chat_message_change             ok   ok   ok
  chat_user_password              no   no   ok
  chat_user_mute                  ok   ok   ok
  chat_user_ban                   ok   ok   ok
  chat_user_kick                  ok   ok   ok
  chat_user_second_factor         no   ok   ok
  chat_user_changelist            ok   ok   ok
  chat_user_add                   no   no   ok
  chat_user_history               ok   ok   ok
  chat_user_delete                no   no   no
  chat_user_change                ok   ok   ok
  chat_room_changelist            ok   ok   ok
  chat_room_add                   ok   ok   ok
  chat_room_history               ok   ok   ok
  chat_room_delete                no   no   no
  chat_room_change                ok   ok   ok
  chat_room_keep                  ok   ok   ok
  chat_sanction_lift              ok   ok   ok
  chat_sanction_changelist        ok   ok   ok
  chat_sanction_add               ok   ok   ok
  chat_sanction_history           ok   ok   ok
  chat_sanction_delete            no   no   no
  chat_sanction_change            ok   ok   ok
  chat_wordrule_remove            ok   ok   ok
  chat_wordrule_changelist        ok   ok   ok
  chat_wordrule_add               ok   ok   ok
  chat_wordrule_history           ok   ok   ok
  chat_wordrule_delete            no   no   no
  chat_wordrule_change            ok   ok   ok
  app_list                        ok   ok   ok
""")

ACTIONS = read_staff_table("""
# action                          keep admi olga
  addressban.lift                 ok   ok   ok
  heldpost.approve                ok   ok   ok
  heldpost.reject                 ok   ok   ok
  invitation.revoke               ok   ok   ok
  membership.make_moderator       ok   ok   ok
  membership.make_member          ok   ok   ok
  membership.remove               ok   ok   ok
  message.redact                  ok   ok   ok
  message.redact_all              ok   ok   ok
  user.redact                     ok   ok   ok
  user.deactivate                 ok   ok   ok
  user.activate                   ok   ok   ok
  user.sign_out_everywhere        ok   ok   ok
  user.make_moderator             no   ok   ok
  user.make_administrator         no   no   ok
  user.take_role                  no   ok   ok
  user.mute                       ok   ok   ok
  user.ban                        ok   ok   ok
  user.kick                       ok   ok   ok
  user.second_factor              no   ok   ok
  room.archive                    ok   ok   ok
  room.restore                    ok   ok   ok
  room.keep                       ok   ok   ok
  sanction.lift                   ok   ok   ok
  wordrule.switch_on              ok   ok   ok
  wordrule.switch_off             ok   ok   ok
  wordrule.remove                 ok   ok   ok
""")
