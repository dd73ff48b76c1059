"""Snapshots as ready text, shared by everybody who asks while the room stands still."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

from chat import resume
from chat.models import Room
from chat.resume import Snapshot

ROOMS_KEPT = 256
# A changed name or picture of an author ticks no room; so long it may be shown as it was.
FRESH_FOR_S = 5.0

_lock = Lock()
_kept: OrderedDict[int, tuple[float, str, Snapshot]] = OrderedDict()


def snapshot_of(room: Room) -> Snapshot:
    """Return a snapshot at least as new as ``room``, which was read just now."""
    now, epoch = time.monotonic(), resume.store_epoch()
    with _lock:
        kept = _kept.get(room.pk)
    if kept is not None:
        made_at, made_in, snapshot = kept
        if made_in == epoch and snapshot.revision == room.revision and now - made_at < FRESH_FOR_S:
            return snapshot
    snapshot = resume.read_snapshot(room.pk)
    with _lock:
        _kept[room.pk] = (now, epoch, snapshot)
        _kept.move_to_end(room.pk)
        while len(_kept) > ROOMS_KEPT:
            _kept.popitem(last=False)
    return snapshot
