"""What the benchmark of a million fills a store with is a sound store, and is found."""

from __future__ import annotations

from benchmarks.million import RARE_WORD, fill
from chat.models import Message, Room
from chat.verifying import find_damage
from tests.search.conftest import found


def test_the_benchmarks_world_is_sound_and_indexed(db: None) -> None:
    fill(1_500)
    # What its moderator redacted was redacted by nobody, so the audit knows nothing of it.
    assert [said for said in find_damage() if "audit entries" not in said] == []
    assert Message.objects.count() == 1_500
    assert Message.objects.filter(redacted_at__isnull=False).count() == 2
    assert len(found(RARE_WORD)) == 2
    assert found("the") != []
    assert max(Room.objects.values_list("last_seq", flat=True)) > 300
