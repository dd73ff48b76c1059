"""The role table: who gets what answer at which door, in an open room and in a private one.

Read a line as "to this door, this person hears ...":

==========  ====================================================================
``ok``      it was done, or shown
``door``    sign in first: 401, the sign-in page, a socket closed with 4001
``none``    there is nothing here: 404, the very answer for what never was
``no``      you may not: 403, ``forbidden``
``ban``     you are banned here, with the reason: 403, ``banned``
``out``     you are banned from the whole site, with the reason: 403, closed with 4003
==========  ====================================================================

Any other word is the code of the refusal. ``open`` and ``private`` are the two kinds of
room; ``-`` stands for doors that lead to no room.
"""

from __future__ import annotations

from tests.roles.world import PEOPLE

Row = dict[str, str]


def read_table(text: str) -> dict[tuple[str, str], Row]:
    """Return the rows of a table by door and kind of room."""
    rows: dict[tuple[str, str], Row] = {}
    for line in text.strip().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        door, kind, *cells = line.split()
        assert len(cells) == len(PEOPLE), f"{door} {kind} has {len(cells)} cells"
        assert (door, kind) not in rows, f"{door} {kind} stands here twice"
        rows[door, kind] = dict(zip(PEOPLE, cells, strict=True))
    return rows


def differences(answers: Row, expected: Row) -> dict[str, str]:
    """Return whose answer is another than the table's, and how."""
    return {
        who: f"{answers[who]}, not {expected[who]}"
        for who in expected
        if answers[who] != expected[who]
    }


COMMANDS = read_table("""
# command     kind     anon guest outs memb muted bann barr form else mod  own  keep admi olga
  ping        -        door ok   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
  welcome     open     door ok   none ok   ok   none out  none none ok   ok   none none none
  welcome     private  door ok   none ok   ok   none out  none none ok   ok   none none none
  subscribe   open     door ok   ok   ok   ok   ban  out  ok   ok   ok   ok   ok   ok   ok
  subscribe   private  door ok   none ok   ok   ban  out  none none ok   ok   none none none
  unsubscribe open     door ok   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
  unsubscribe private  door ok   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
  post        open     door ok   join ok   mute ban  out  join join ok   ok   join join join
  post        private  door ok   none ok   mute ban  out  none none ok   ok   none none none
  edit        open     door ok   join ok   mute none out  join join ok   ok   join join join
  edit        private  door ok   none ok   mute none out  none none ok   ok   none none none
  redact-own  open     door ok   ok   ok   ok   none out  ok   ok   ok   ok   ok   ok   ok
  redact-own  private  door ok   none ok   ok   none out  none none ok   ok   none none none
  redact      open     door no   no   no   no   none out  no   no   ok   ok   ok   ok   ok
  redact      private  door no   none no   no   none out  none none ok   ok   none none none
  read        open     door ok   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
  read        private  door ok   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
  report      open     door ok   ok   ok   ok   none out  ok   ok   ok   ok   ok   ok   ok
  report      private  door ok   none ok   ok   none out  none none ok   ok   none none none
  heard       open     door none none none none none out  none none none none none none none
  heard       private  door none none none none none out  none none none none none none none
  mute        open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  mute        private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  ban         open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  ban         private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  kick        open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  kick        private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  lift        open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  lift        private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  restore     open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  restore     private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  pin         open     door no   no   no   no   none out  no   no   ok   ok   ok   ok   ok
  pin         private  door no   none no   no   none out  none none ok   ok   none none none
  unpin       open     door no   no   no   no   none out  no   no   ok   ok   ok   ok   ok
  unpin       private  door no   none no   no   none out  none none ok   ok   none none none
  approve     open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  approve     private  door no   none no   no   none out  none none ok   ok   none none none
  reject      open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  reject      private  door no   none no   no   none out  none none ok   ok   none none none
  set_room    open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  set_room    private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
""")

PAGES = read_table("""
# door            kind     anon guest outs memb muted bann barr form else mod  own  keep admi olga
  room            open     door ok   ok   ok   ok   ban  out  ok   ok   ok   ok   ok   ok   ok
  room            private  door ok   none ok   ok   ban  out  none none ok   ok   none none none
  history         open     door ok   ok   ok   ok   ban  out  ok   ok   ok   ok   ok   ok   ok
  history         private  door ok   none ok   ok   ban  out  none none ok   ok   none none none
  people          open     door ok   ok   ok   ok   ban  out  ok   ok   ok   ok   ok   ok   ok
  people          private  door ok   none ok   ok   ban  out  none none ok   ok   none none none
  pins            open     door ok   ok   ok   ok   ban  out  ok   ok   ok   ok   ok   ok   ok
  pins            private  door ok   none ok   ok   ban  out  none none ok   ok   none none none
  sanctions       open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  sanctions       private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  room_settings   open     door ok   no   ok   ok   ban  out  no   no   ok   ok   ok   ok   ok
  room_settings   private  door ok   none ok   ok   ban  out  none none ok   ok   none none none
  rename          open     door no   no   no   no   ban  out  no   no   ok   ok   ok   ok   ok
  rename          private  door no   none no   no   ban  out  none none ok   ok   none none none
  archive_room    open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  archive_room    private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  restore_room    open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  restore_room    private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  set_switches    open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  set_switches    private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  keep_days       open     door no   no   no   no   no   out  no   no   no   ok   ok   ok   ok
  keep_days       private  door no   none no   no   none out  none none no   ok   ok   ok   ok
  add_rule        open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  add_rule        private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  remove_rule     open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  remove_rule     private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  lift            open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  lift            private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  set_role        open     door no   no   no   no   no   out  no   no   no   ok   ok   ok   ok
  set_role        private  door no   none no   no   none out  none none no   ok   ok   ok   ok
  remove_member   open     door no   no   no   no   no   out  no   no   ok   ok   ok   ok   ok
  remove_member   private  door no   none no   no   none out  none none ok   ok   ok   ok   ok
  join_room       open     door ok   ok   ok   ok   ban  out  ok   ok   ok   ok   ok   ok   ok
  join_room       private  door ok   none ok   ok   ban  out  none none ok   ok   none none none
  leave_room      open     door ok   none ok   ok   ok   out  none none ok   last none none none
  leave_room      private  door ok   none ok   ok   ok   out  none none ok   last none none none
# which rooms the lists name: the page of open rooms, and the list beside every room
  rooms           open     door ok   ok   ok   ok   none out  ok   ok   ok   ok   ok   ok   ok
  rooms           private  door none none none none none out  none none none none none none none
  my_rooms        open     door ok   none ok   ok   none out  none none ok   ok   none none none
  my_rooms        private  door ok   none ok   ok   none out  none none ok   ok   none none none
# doors that lead to no room
  make_room       -        door no   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
  home            -        ok   ok   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
  owner           -        none none none none none none out  none none none none none none none
  profile         -        door ok   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
# whoever signs out everywhere is led to the way in
  sign_out_everywhere -    door door door door door door out  door door door door door door door
  picture         -        none ok   ok   ok   ok   ok   out  ok   ok   ok   ok   ok   ok   ok
  invitations     -        door no   no   no   no   no   out  no   no   no   no   ok   ok   ok
  invite          -        door no   no   no   no   no   out  no   no   no   no   ok   ok   ok
  revoke_invitation -      door no   no   no   no   no   out  no   no   no   no   ok   ok   ok
  set_language    -        ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
""")
