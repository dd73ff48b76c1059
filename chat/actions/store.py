"""The identity of the store: a new one, when it went back in time."""

from __future__ import annotations

import logging
import secrets

from chat.database import writing
from chat.models import Store

logger = logging.getLogger(__name__)

EPOCH_BYTES = 8


def renew_epoch(*, actor: None = None, epoch: str) -> str:
    """Give the store another epoch if it still has ``epoch``; return the one that it has then.

    ``actor`` is nobody: the site does it by itself, when a copy that was behind has taken
    the place of the database. Of several processes that find it out one renews.
    """
    fresh = secrets.token_hex(EPOCH_BYTES)
    with writing():
        if Store.objects.filter(epoch=epoch).update(epoch=fresh):
            logger.error("the store went back in time: what was said last is lost; new epoch")
        return Store.objects.values_list("epoch", flat=True).get()
