"""What the benchmarks count with: frames, the book of deliveries, targets, the table."""

import json
import os
from collections import Counter

import pytest

from benchmarks import framing, meter, table
from benchmarks.figures import Figure, at_least, at_most, under
from benchmarks.ledger import Ledger, each_delivery, percentile_ms, stamped_body, to_last_reader

MILLISECOND = 1_000_000


def server_frame(payload: bytes) -> bytearray:
    """A frame as a server sends it: what the client sends, without mask and key."""
    frame = bytearray(framing.encode(payload))
    frame[1] &= 0x7F
    key_at = {126: 4, 127: 10}.get(frame[1], 2)
    del frame[key_at : key_at + 4]
    return frame


def stamps_of(frame: bytes) -> tuple[int, ...] | None:
    stamps = json.loads(frame).get("stamps")
    return tuple(stamps) if stamps else None


def live(*stamps: int) -> bytearray:
    first = f"^{stamps[0]:019d}"
    return bytearray(json.dumps({"first": first, "stamps": stamps}).encode())


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_of_any_size_is_read_where_it_lies(size: int) -> None:
    data = bytearray(b"before") + server_frame(b"x" * size) + b"after"
    head = framing.read_head(data, 6, len(data))
    assert head is not None
    assert (head.opcode, head.end - head.start) == (framing.TEXT, size)
    assert data[head.end :] == b"after"


@pytest.mark.parametrize("size", [0, 126, 65_536])
def test_a_frame_that_is_not_whole_yet_is_waited_for(size: int) -> None:
    data = server_frame(b"x" * size)
    assert all(framing.read_head(data, 0, end) is None for end in range(min(20, len(data))))
    assert framing.read_head(data, 0, len(data) - 1) is None


def test_a_masked_frame_or_a_fragment_is_no_frame_of_a_server() -> None:
    with pytest.raises(ValueError, match="fragment or a masked"):
        framing.read_head(bytearray(framing.encode(b"x")), 0, 7)


def test_a_stamped_body_says_when_it_was_written_and_is_as_long_as_asked() -> None:
    stamp, body = stamped_body(chars=120)
    assert len(body) == 120
    assert body.startswith(f"^{stamp:019d} ")


def test_each_message_of_a_frame_counts_at_each_socket() -> None:
    ledger = Ledger(stamps_of)
    frame = live(1 * MILLISECOND, 2 * MILLISECOND)
    counts = [ledger.note(frame, 0, len(frame), ms * MILLISECOND) for ms in (3, 11)]
    assert counts == [2, 2]
    assert ledger.deliveries == 4
    # Two sockets, two messages: 2, 1, 10 and 9 ms.
    assert each_delivery(ledger) == Counter({200: 1, 100: 1, 1_000: 1, 900: 1})
    assert to_last_reader(ledger) == Counter({1_000: 1, 900: 1})


def test_a_frame_that_is_not_live_is_left_to_its_reader() -> None:
    ledger = Ledger(stamps_of)
    for answer in (b'{"type": "ok"}', b'{"old": "^0000000000000000001"}'):
        assert ledger.note(bytearray(answer), 0, len(answer), 5) == 0
    assert ledger.deliveries == 0


def test_a_percentile_is_the_upper_edge_of_its_bucket() -> None:
    buckets = Counter({10: 98, 500: 2})
    assert percentile_ms(buckets, 50) == pytest.approx(0.11)
    assert percentile_ms(buckets, 98) == pytest.approx(0.11)
    assert percentile_ms(buckets, 99) == pytest.approx(5.01)


@pytest.mark.parametrize(
    ("target", "met", "missed"),
    [(at_most(10), 10, 10.1), (under(15), 14.9, 15), (at_least(9_000), 9_000, 8_999)],
)
def test_a_target_is_met_at_its_bound_and_missed_beyond(
    target: object, met: float, missed: float
) -> None:
    assert Figure("s", "w", "ms", (met,), target).met is True  # type: ignore[arg-type]
    assert Figure("s", "w", "ms", (missed,), target).met is False  # type: ignore[arg-type]


def test_the_median_of_the_repeats_is_what_is_judged() -> None:
    assert Figure("s", "w", "ms", (9, 30, 11), under(15)).met is True


def test_the_table_says_no_where_a_target_is_missed() -> None:
    rows = table.lines([Figure("small", "p99", "ms", (12.0, 14.0), under(10), note="busy")])
    assert rows[2].split() == ["small", "p99", "<", "10", "ms", "13", "ms", "12–14", "NO"]
    assert rows[-1] == "  small, p99: busy"


def test_processor_time_and_memory_are_those_of_the_process() -> None:
    before = meter.cpu_seconds(os.getpid())
    while meter.cpu_seconds(os.getpid()) < before + 0.02:
        sum(range(10_000))
    assert meter.memory_kb(os.getpid()) > 5_000
    assert os.getpid() in meter.family(os.getpid())
