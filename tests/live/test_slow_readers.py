"""Somebody who never reads, or reads slowly: nobody else waits, and memory is bounded.

On uvicorn only: daphne holds no one back, in either direction, and keeps in memory whatever
a reader does not take (``docs/settings.md``); it is for development.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
from collections.abc import Iterator

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from chat.protocol import SNAPSHOT_MESSAGES
from tests.figures import Tell
from tests.live.stage import Someone, Stage
from tests.mirror import Mirror

BODY = "x" * 3_900
MORE_THAN_BUFFERS = 14 * 1024 * 1024
"""What the kernel will not keep for a reader."""
GROWTH_MIB = 40
"""What the server may hold more afterwards than before, for buffers and the tail."""


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A site where people may talk as fast as they can."""
    stage = Stage(
        tmp_path_factory.mktemp("roomy"),
        POSTS_BURST="1000000",
        POSTS_PER_MINUTE="1000000",
        CONNECTIONS_PER_ADDRESS="1000",
    )
    try:
        stage.start()
        yield stage
    finally:
        stage.end()
    assert "Traceback" not in stage.said


async def test_one_reader_who_never_reads_holds_up_nobody(roomy: Stage, tell: Tell) -> None:
    ada, bob, eve = roomy.people("ada", "bob", "eve")
    room = roomy.room(ada, bob)
    stalled = await _stalled_reader(roomy, eve, room)
    async with roomy.window(ada) as hers, roomy.window(bob) as his:
        await hers.follow(room)
        before = roomy.memory_mib
        waits = []
        started = time.monotonic()
        number = 0
        # Until well after the send timeout: by then the stalled one has been given up.
        while time.monotonic() - started < 8 or number * len(BODY) < MORE_THAN_BUFFERS:
            since = time.monotonic()
            await his.say(room, f"{number} {BODY}", f"nonce-{number:06d}")
            await hers.hear_message(room, f"{number} {BODY}")
            waits.append(time.monotonic() - since)
            number += 1
        grown = roomy.memory_mib - before
        hers.heard.clear()
        slowest = sorted(waits)[int(len(waits) * 0.99)]
        tell(
            f"{number} posts of {len(BODY)} beside a stalled reader: median "
            f"{statistics.median(waits) * 1000:.1f} ms, p99 {slowest * 1000:.1f} ms, "
            f"{grown:+.1f} MiB"
        )
        assert slowest < 1.0
        assert grown < GROWTH_MIB
    # Whoever comes back to reading finds the end of the line, and not megabytes.
    held = await _drain(stalled)
    tell(f"the stalled reader still had {held / 1024:.0f} KiB to read, and was cut then")
    assert held < number * len(BODY)


async def test_a_slow_reader_gets_the_newest_not_every_step(roomy: Stage) -> None:
    """Paused for a while, and then back: it converges, by changes or by a reset."""
    ada, bob, eve = roomy.people("ada", "bob", "eve")
    room = roomy.room(ada, bob)
    connection = await roomy.connect(eve, max_queue=1)
    await connection.recv()
    await connection.send(f'{{"type":"subscribe","id":1,"room":{room}}}')
    async with roomy.window(bob) as his:
        for number in range(300):
            await his.say(room, f"{number} {BODY}", f"nonce-{number:06d}")
    mirror = Mirror(room)
    async with asyncio.timeout(20):
        while not (mirror.messages and mirror.in_order()[-1]["body"].startswith("299 ")):
            # What reaches a slow reader still fits together: no hole is ever shown.
            assert not mirror.apply(orjson.loads(await connection.recv()))
    await connection.close()
    newest = [body.split()[0] for body in mirror.bodies()[-SNAPSHOT_MESSAGES:]]
    assert newest == [str(number) for number in range(250, 300)]


async def test_a_socket_cut_in_the_middle_leaves_nothing_behind(roomy: Stage) -> None:
    """RST, many times over: the person may come back, so their places were given back."""
    ada = roomy.person("ada")
    room = roomy.room(ada)
    for _ in range(30):
        connection = await roomy.connect(ada)
        await connection.send(f'{{"type":"subscribe","id":1,"room":{room}}}')
        await connection.recv()
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        raw = connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.transport.abort()
        # Ten at once are allowed; if the places of the cut were not given back, the
        # eleventh would be turned away.
    async with roomy.window(ada) as window:
        await window.follow(room)


async def test_a_flood_of_large_frames_ends_with_a_close_and_bounded_memory(roomy: Stage) -> None:
    mallory, bob = roomy.people("mallory", "bob")
    before = roomy.memory_mib
    async with roomy.window(mallory) as flooding, roomy.window(bob) as other:
        await flooding.welcome()
        frame = "[" * 60_000
        for _ in range(300):
            try:
                await flooding.connection.send(frame)
            except ConnectionClosed:
                break
        assert await flooding.closed() == 4029
        since = time.monotonic()
        assert await other.is_alive()
        assert time.monotonic() - since < 1.0
    assert roomy.memory_mib - before < GROWTH_MIB


async def _stalled_reader(stage: Stage, person: Someone, room: int) -> socket.socket:
    """Open a socket, follow the room, and read no more."""
    connection = await stage.connect(person)
    await connection.recv()
    await connection.send(f'{{"type":"subscribe","id":1,"room":{room}}}')
    await connection.recv()
    connection.transport.pause_reading()
    raw: socket.socket = connection.transport.get_extra_info("socket")
    # Kept open behind the library's back, which would read on.
    return raw.dup()


async def _drain(raw: socket.socket) -> int:
    """Read what the server still had for a reader, to the end of the line."""
    loop = asyncio.get_running_loop()
    raw.setblocking(False)
    total = 0
    async with asyncio.timeout(20):
        while True:
            try:
                data = await loop.sock_recv(raw, 65536)
            except ConnectionResetError:
                data = b""
            if not data:
                raw.close()
                return total
            total += len(data)
