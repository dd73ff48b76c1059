"""What an audit entry keeps in the words of the code, said in the reader's."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from chat.admin.site_roles import LABELS
from chat.models import AuditEntry, Membership, Room, Sanction, Site, WordRule

Verb = AuditEntry.Verb
CHOICES = {
    Verb.SET_ROLE: Membership.Role,
    Verb.LIFT: Sanction.Kind,
    Verb.SET_POSTING: Room.Posting,
    Verb.SET_APPROVE_FIRST: Room.ApproveFirst,
    Verb.SET_LEVEL: Site.Level,
}
RULE = re.compile(r"(?P<outcome>\w+) (?P<kind>\w+): (?P<pattern>.*)", re.DOTALL)


def details_of(entry: AuditEntry) -> str:
    """Say them; what is not known here stands as it was kept."""
    kept = entry.details
    match entry.verb:
        case Verb.SET_ROLE | Verb.LIFT | Verb.SET_POSTING | Verb.SET_APPROVE_FIRST | Verb.SET_LEVEL:
            return _label(CHOICES[Verb(entry.verb)].choices, kept)
        case Verb.SET_SITE_ROLE:
            return _label(LABELS.items(), kept.removeprefix("none"))
        case Verb.SET_SLOW_MODE if kept.isdecimal():
            return _("slow mode: %d s") % int(kept)
        case Verb.MUTE | Verb.BAN if kept == "for ever":
            return _("for ever")
        case Verb.ADD_RULE | Verb.CHANGE_RULE | Verb.REMOVE_RULE if found := RULE.fullmatch(kept):
            outcome = _label(WordRule.Outcome.choices, found["outcome"])
            kind = _label(WordRule.Kind.choices, found["kind"])
            return f"{found['pattern']} · {outcome} · {kind}"
    return kept


def _label(choices: object, value: str) -> str:
    return str(dict(choices).get(value, value))  # type: ignore[call-overload]
