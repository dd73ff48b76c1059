"""Say something, and change it."""

from __future__ import annotations

import asyncio

from django.utils import timezone

from chat import errors, metrics, policy
from chat.changes import open_change
from chat.models import Message, Room, Site, User, WordRule
from chat.policy import Actor
from chat.post_intents import PostIntent
from chat.posting import commit_posts
from chat.protocol import HeldMark, Mark
from chat.reporting import file_report
from chat.text import clean_body
from chat.throttle import athrottle_post, throttle_post
from chat.word_rules import Rule, rules_at
from chat.writer import writer


def post_message(*, actor: Actor, room_id: int, nonce: str, body: str) -> Mark | HeldMark:
    """Post ``body`` to the room and return where it stands, committed and durable.

    A ``HeldMark`` says that it waits for a moderator. The same nonce again returns the
    first message's mark (a tombstone's too). Raises the errors of
    ``chat.text.clean_body`` and ``chat.posting_rules``, ``ThrottledError``,
    ``RefusedWordsError, RejectedError, NonceConflictError`` and ``BusyError``.
    """
    user = policy.check_signed_in(actor)
    intent = PostIntent(user.pk, room_id, nonce, clean_body(body))
    throttle_post(user.pk, is_guest=user.kind == User.Kind.GUEST)
    [outcome] = commit_posts([intent])
    if isinstance(outcome, errors.ChatError):
        raise outcome
    return outcome


async def submit_post(
    *, actor: Actor, room_id: int, nonce: str, body: str
) -> asyncio.Future[Mark | HeldMark]:
    """Give a post to the group-commit writer of this process.

    Raises at once what needs no lock to be refused; the future it returns has the mark,
    or raises the rest of what ``post_message`` raises. Posts submitted one after the
    other keep their order.
    """
    try:
        user = policy.check_signed_in(actor)
        intent = PostIntent(user.pk, room_id, nonce, clean_body(body))
        await athrottle_post(user.pk, is_guest=user.kind == User.Kind.GUEST)
    except errors.ChatError as refusal:
        # What the writer answers is counted there.
        metrics.count_posts([refusal])
        raise
    return writer.post(intent)


def mark_of(message: Message) -> Mark:
    """Return where a message stands."""
    return Mark(id=message.pk, seq=message.seq, revision=message.revision)


def edit_message(
    *, actor: Actor, message_id: int, body: str, if_revision: int | None = None
) -> Mark:
    """Change the text of one's own message.

    With ``if_revision`` the message must still stand there, else ``RevisionConflictError``.
    The same text again changes nothing and burns no revision. Raises also the errors of
    ``clean_body``, ``policy.access_message`` and ``policy.check_can_edit``,
    ``RefusedWordsError``, and ``NeedsApprovalError`` where a word rule would hold it, too.
    """
    user = policy.check_signed_in(actor)
    new_body = clean_body(body)
    room_id = policy.access_message(user, message_id).room_id
    with open_change(room_id) as change:
        message = Message.objects.get(pk=message_id)
        policy.check_can_edit(user, change.room, message)
        if if_revision is not None and message.revision != if_revision:
            raise errors.RevisionConflictError
        if message.body != new_body:
            broken = _broken_rule(user, change.room, new_body)
            change.touch(message, body=new_body, edited_at=timezone.now())
            if broken is not None:
                file_report(
                    message_id=message.pk,
                    room_id=room_id,
                    reporter_id=None,
                    reason=broken.pattern,
                )
    return mark_of(message)


def _broken_rule(author: User, room: Room, body: str) -> Rule | None:
    """Return the word rule that an edit is to be reported for; None for most edits.

    Raises ``RefusedWordsError, NeedsApprovalError``.
    """
    if policy.leads(author, room.pk):
        return None
    rules = rules_at(Site.objects.values_list("rules_revision", flat=True).get())
    rule = rules.judge(room.pk, body)
    if rule is not None and rule.outcome == WordRule.Outcome.REFUSE:
        raise rule.refusal
    if rule is not None and rule.outcome == WordRule.Outcome.HOLD:
        raise errors.NeedsApprovalError
    return rule
