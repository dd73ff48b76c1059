"""Make, change and remove word rules: for every room, or by its leaders for one."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import F

from chat import errors, policy
from chat.actions import audit
from chat.announce import tell_site
from chat.database import writing
from chat.models import AuditEntry, Room, Site, User, WordRule
from chat.models.word_rule import MAX_PATTERN_CHARS
from chat.policy import Actor
from chat.protocol import MAX_REASON_CHARS
from chat.word_rules import compile_pattern

_CHANGEABLE = frozenset({"kind", "pattern", "outcome", "sentence", "is_active"})


def add_rule(
    *,
    actor: Actor,
    pattern: str,
    kind: str = WordRule.Kind.LITERAL,
    outcome: str = WordRule.Outcome.HOLD,
    sentence: str = "",
    room_id: int | None = None,
    reason: str = "",
    action_id: uuid.UUID | None = None,
) -> WordRule:
    """Make a rule for a room, or for all of them. It holds from the commit on.

    Raises ``SignInError, NotFoundError, ForbiddenError, BadPatternError, BadFieldError``.
    """
    user = _check_may(actor, room_id)
    rule = WordRule(
        kind=kind,
        pattern=pattern.strip(),
        outcome=outcome,
        sentence=sentence.strip(),
        room_id=room_id,
        made_by=user,
    )
    _check(rule)
    with writing():
        rule.save(force_insert=True)
        _changed(user, AuditEntry.Verb.ADD_RULE, rule, reason, action_id)
    return rule


def change_rule(
    *,
    actor: Actor,
    rule_id: int,
    reason: str = "",
    action_id: uuid.UUID | None = None,
    **fields: Any,
) -> None:
    """Change ``kind, pattern, outcome, sentence, is_active`` of a rule. Raises as ``add_rule``."""
    if fields.keys() - _CHANGEABLE:
        raise errors.BadFieldError
    with writing():
        rule = _rule(rule_id)
        user = _check_may(actor, rule.room_id)
        for name in fields.keys() & {"pattern", "sentence"}:
            fields[name] = fields[name].strip()
        before = {name: getattr(rule, name) for name in fields}
        if before == fields:
            return
        for name, value in fields.items():
            setattr(rule, name, value)
        _check(rule)
        rule.save(update_fields=list(fields))
        _changed(user, AuditEntry.Verb.CHANGE_RULE, rule, reason, action_id)


def remove_rule(
    *, actor: Actor, rule_id: int, reason: str = "", action_id: uuid.UUID | None = None
) -> None:
    """Remove a rule; the audit keeps its pattern. Raises as ``add_rule``."""
    with writing():
        rule = _rule(rule_id)
        user = _check_may(actor, rule.room_id)
        _changed(user, AuditEntry.Verb.REMOVE_RULE, rule, reason, action_id)
        rule.delete()


def _check_may(actor: Actor, room_id: int | None) -> User:
    if room_id is None:
        return policy.check_moderates_site(actor)
    user = policy.check_signed_in(actor)
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise errors.NotFoundError
    policy.check_leads(user, room)
    return user


def _rule(rule_id: int) -> WordRule:
    rule = WordRule.objects.filter(pk=rule_id).first()
    if rule is None:
        raise errors.NotFoundError
    return rule


def _check(rule: WordRule) -> None:
    if rule.kind not in WordRule.Kind.values or rule.outcome not in WordRule.Outcome.values:
        raise errors.BadFieldError
    if len(rule.pattern) > MAX_PATTERN_CHARS:
        raise errors.BadPatternError
    if len(rule.sentence) > MAX_REASON_CHARS:
        raise errors.BadFieldError
    compile_pattern(rule.kind, rule.pattern)


def _changed(
    user: User, verb: AuditEntry.Verb, rule: WordRule, reason: str, action_id: uuid.UUID | None
) -> None:
    Site.objects.filter(pk=1).update(rules_revision=F("rules_revision") + 1)
    details = f"{rule.outcome} {rule.kind}: {rule.pattern}"
    audit.record(
        actor=user, verb=verb, reason=reason, room=rule.room, action_id=action_id, details=details
    )
    tell_site()
