"""The nouns. One file each; what may happen to them is in ``chat/actions``."""

from chat.models.audit import AuditEntry
from chat.models.invitation import Invitation
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.room import Room
from chat.models.store import Store
from chat.models.user import User

__all__ = ["AuditEntry", "Invitation", "Membership", "Message", "Room", "Store", "User"]
