"""The nouns. One file each; what may happen to them is in ``chat/actions``."""

from chat.models.address_ban import AddressBan
from chat.models.audit import AuditEntry
from chat.models.evidence import Evidence
from chat.models.held_post import HeldPost
from chat.models.invitation import Invitation
from chat.models.membership import Membership
from chat.models.message import Message
from chat.models.report import Report, ReportCase
from chat.models.room import Room
from chat.models.sanction import Sanction
from chat.models.seen_address import SeenAddress
from chat.models.site import Site
from chat.models.store import Store
from chat.models.user import User
from chat.models.word_rule import WordRule

__all__ = [
    "AddressBan",
    "AuditEntry",
    "Evidence",
    "HeldPost",
    "Invitation",
    "Membership",
    "Message",
    "Report",
    "ReportCase",
    "Room",
    "Sanction",
    "SeenAddress",
    "Site",
    "Store",
    "User",
    "WordRule",
]
