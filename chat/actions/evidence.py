"""Keep what a redaction took away, for as long as the operator says, and then forget it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from chat.database import writing
from chat.models import Evidence, HeldPost, Message, SeenAddress, User
from chat.standing import store_now


def keep_evidence(actor: User, messages: Sequence[Message], action_id: uuid.UUID) -> None:
    """Keep the texts of messages that are about to be redacted, in the open transaction."""
    if not settings.EVIDENCE_DAYS or not messages:
        return
    expires_at = store_now() + timedelta(days=settings.EVIDENCE_DAYS)
    Evidence.objects.bulk_create(
        [
            Evidence(
                message=message,
                body=message.body,
                actor=actor,
                action_id=action_id,
                expires_at=expires_at,
            )
            for message in messages
        ],
        update_conflicts=True,
        unique_fields=["message"],
        update_fields=["body", "actor", "action_id", "expires_at"],
    )


def evidence_of(
    *, message_ids: Collection[int] = (), click: uuid.UUID | None = None
) -> list[Evidence]:
    """Return what is kept of these messages, of all that one click redacted, or of both."""
    kept = Evidence.objects.filter(expires_at__gt=Now()).select_related("message")
    if click is not None:
        kept = kept.filter(action_id=click)
    if message_ids or click is None:
        kept = kept.filter(message_id__in=message_ids)
    return list(kept.order_by("message_id"))


def forget_expired(*, actor: None = None) -> int:
    """Remove what is kept no longer: evidence, rejected posts' texts, addresses; return how much.

    ``actor`` is nobody: the site does it by itself.
    """
    now = store_now()
    rejected = HeldPost.log.filter(
        status=HeldPost.Status.REJECTED,
        decided_at__lt=now - timedelta(days=settings.EVIDENCE_DAYS),
    ).exclude(body="")
    seen = SeenAddress.objects.filter(seen_at__lt=now - timedelta(days=settings.ADDRESS_DAYS))
    with writing():
        forgotten, _ = Evidence.objects.filter(expires_at__lte=now).delete()
        return forgotten + rejected.update(body="") + seen.delete()[0]
