"""Whether the clocks agree. No result depends on them, but what people read does."""

from __future__ import annotations

import time
from collections.abc import Iterator

import redis
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from chat.redis.breaker import REDIS_ERRORS
from chatsite.doctor.finding import Finding, wrong

MOST_S = 5.0


def database_agrees() -> Iterator[Finding]:
    """Compare this machine's clock with that of PostgreSQL."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        yield from _compared("PostgreSQL", float(cursor.fetchone()[0]))


def redis_agrees() -> Iterator[Finding]:
    """Compare this machine's clock with that of the Redis that counts."""
    for address in settings.REDIS[:1]:
        client = redis.Redis(connection_pool=address.pool())
        try:
            seconds, micros = client.time()
        except REDIS_ERRORS:
            # Another look says that it cannot be reached.
            return
        finally:
            client.close()
        yield from _compared("Redis", seconds + micros / 1_000_000)


def _compared(whose: str, theirs: float) -> Iterator[Finding]:
    ahead = time.time() - theirs
    if abs(ahead) > MOST_S:
        yield wrong(
            _("The clock of this machine and that of %(whose)s differ by %(seconds)s seconds.")
            % {"whose": whose, "seconds": round(abs(ahead))},
            _("Let both be set by NTP: times that are shown, and terms that end, go by them."),
        )
