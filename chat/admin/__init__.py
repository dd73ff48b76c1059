"""The admin: the moderator's way in. It translates; every write goes through an action.

Only what is registered here is in it. Django's autodiscovery is off: it would bring in
pages of other applications that save and delete rows by themselves, in silence.
"""

from chat.admin import (
    address_bans,
    audit,
    held_posts,
    invitations,
    memberships,
    messages,
    people,
    reports,
    rooms,
    sanctions,
    word_rules,
)

__all__ = [
    "address_bans",
    "audit",
    "held_posts",
    "invitations",
    "memberships",
    "messages",
    "people",
    "reports",
    "rooms",
    "sanctions",
    "word_rules",
]
