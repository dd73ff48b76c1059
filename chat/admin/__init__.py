"""The admin: the moderator's way in. It translates; every write goes through an action.

Only what is registered here is in it. Django's autodiscovery is off: it would bring in
pages of other applications that save and delete rows by themselves, in silence.
"""

from chat.admin import audit, invitations, memberships, messages, people, rooms

__all__ = ["audit", "invitations", "memberships", "messages", "people", "rooms"]
