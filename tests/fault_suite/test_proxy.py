"""The fault proxy does to a line what it is told to, and nothing else."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.fault_suite.line import CALM, Weather
from tests.fault_suite.proxy import FaultProxy

HOLE = Weather(black_hole=True)
SOON_S = 5.0
"""For what happens at once on an idle machine."""
QUIET_S = 0.3
"""For what must not happen."""


class Echo:
    """A server that says everything back, and remembers how each of its connections ended."""

    def __init__(self) -> None:
        self.heard = 0
        self.ends: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                self.heard += len(data)
                writer.write(data)
                await writer.drain()
        except ConnectionResetError:
            self.ends.append("reset")
        else:
            self.ends.append("end")
        finally:
            writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    echo.port = server.sockets[0].getsockname()[1]
    yield echo
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[FaultProxy]:
    with FaultProxy(("127.0.0.1", echo.port), seed=1) as proxy:
        yield proxy


class Client:
    """One end of a connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, proxy: FaultProxy) -> Client:
        return cls(*await asyncio.open_connection(*proxy.address))

    def say(self, data: bytes) -> None:
        self.writer.write(data)

    async def hear(self, size: int) -> bytes:
        async with asyncio.timeout(SOON_S):
            return await self.reader.readexactly(size)

    async def asks(self, data: bytes) -> float:
        """Say, hear the same again, and return how long that took."""
        began = time.monotonic()
        self.say(data)
        assert await self.hear(len(data)) == data
        return time.monotonic() - began

    async def hears_nothing(self) -> bool:
        try:
            async with asyncio.timeout(QUIET_S):
                return not await self.reader.read(1) and False
        except TimeoutError:
            return True

    async def is_reset(self) -> bool:
        async with asyncio.timeout(SOON_S):
            return (await self.until_reset())[1]

    async def until_reset(self) -> tuple[bytes, bool]:
        """Return what is heard to the end, and whether that is a reset."""
        heard = b""
        try:
            while data := await self.reader.read(65536):
                heard += data
        except ConnectionResetError:
            return heard, True
        return heard, False


async def eventually(proxy: FaultProxy, *, open_: int) -> None:
    deadline = time.monotonic() + SOON_S
    while proxy.open != open_:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def test_a_calm_line_carries_everything_both_ways_and_counts_it(
    proxy: FaultProxy, echo: Echo
) -> None:
    client = await Client.to(proxy)
    said = bytes(range(256)) * 4096
    sending = asyncio.create_task(_send_all(client, said))
    assert await client.hear(len(said)) == said
    await sending
    client.writer.write_eof()
    assert await client.reader.read() == b""
    await eventually(proxy, open_=0)
    counted = proxy.counters
    assert (counted.accepted, counted.cut, counted.unreachable) == (1, 0, 0)
    assert counted.bytes_up == counted.bytes_down == len(said)
    assert echo.ends == ["end"]


async def _send_all(client: Client, said: bytes) -> None:
    client.say(said)
    await client.writer.drain()


async def test_latency_delays_each_way_and_ends_when_it_is_calm(proxy: FaultProxy) -> None:
    client = await Client.to(proxy)
    await client.asks(b"calm")
    proxy.blow(up=Weather(latency_s=0.2))
    assert await client.asks(b"up") >= 0.2
    proxy.blow(Weather(latency_s=0.2))
    assert await client.asks(b"both") >= 0.4
    proxy.blow(Weather(latency_s=3600))
    client.say(b"patience")
    assert await client.hears_nothing()
    proxy.calm()
    assert await client.hear(8) == b"patience"


async def test_jitter_keeps_the_order_of_bytes(proxy: FaultProxy) -> None:
    client = await Client.to(proxy)
    proxy.blow(Weather(jitter_s=0.05))
    said = [f"{number:04d}".encode() for number in range(50)]
    for word in said:
        client.say(word)
        await asyncio.sleep(0.002)
    assert await client.hear(200) == b"".join(said)


async def test_a_narrow_line_carries_so_many_bytes_a_second(proxy: FaultProxy) -> None:
    client = await Client.to(proxy)
    proxy.blow(down=Weather(bytes_per_s=8_000))
    took = await client.asks(b"x" * 4_000)
    assert took > 0.4


async def test_a_black_hole_keeps_what_is_said_until_the_route_is_back(
    proxy: FaultProxy, echo: Echo
) -> None:
    client = await Client.to(proxy)
    await client.asks(b"before")
    proxy.blow(up=HOLE)
    client.say(b"into the hole")
    assert await client.hears_nothing()
    assert echo.heard == len(b"before")
    proxy.blow(up=CALM, down=HOLE)
    assert await client.hears_nothing()
    assert echo.heard == len(b"beforeinto the hole")
    proxy.calm()
    assert await client.hear(13) == b"into the hole"


async def test_new_connections_alone_or_old_ones_alone_can_have_bad_weather(
    proxy: FaultProxy,
) -> None:
    old = await Client.to(proxy)
    await old.asks(b"calm")
    proxy.blow(HOLE, existing=False)
    new = await Client.to(proxy)
    new.say(b"hello?")
    assert await new.hears_nothing()
    await old.asks(b"calm")
    proxy.blow(CALM, existing=False)
    proxy.blow(HOLE, new=False)
    newest = await Client.to(proxy)
    await newest.asks(b"calm")
    old.say(b"hello?")
    assert await old.hears_nothing()


async def test_a_reset_reaches_both_ends(proxy: FaultProxy, echo: Echo) -> None:
    client = await Client.to(proxy)
    await client.asks(b"before")
    proxy.reset()
    assert await client.is_reset()
    await eventually(proxy, open_=0)
    await (await Client.to(proxy)).asks(b"a new one")
    assert echo.ends == ["reset"]
    assert proxy.counters.cut == 1


async def test_a_line_is_cut_after_exactly_so_many_bytes(proxy: FaultProxy, echo: Echo) -> None:
    client = await Client.to(proxy)
    await client.asks(b"before")
    proxy.blow(up=Weather(cut_after=10))
    client.say(b"twenty bytes in all.")
    assert await client.is_reset()
    assert echo.heard == len(b"before") + 10


@pytest.mark.parametrize("size", [0, 1, 5])
async def test_a_line_can_be_cut_on_the_way_back(proxy: FaultProxy, echo: Echo, size: int) -> None:
    client = await Client.to(proxy)
    proxy.blow(down=Weather(cut_after=size))
    client.say(b"a frame")
    assert await client.until_reset() == (b"a frame"[:size], True)
    # The server took it in whole; nobody here can know.
    assert echo.heard == 7


async def test_of_a_half_open_line_the_one_end_is_told_nothing(
    proxy: FaultProxy, echo: Echo
) -> None:
    client = await Client.to(proxy)
    await client.asks(b"before")
    proxy.half_open("client")
    assert await client.is_reset()
    await asyncio.sleep(QUIET_S)
    assert echo.ends == []
    assert (proxy.open, proxy.held) == (1, 1)
    other = await Client.to(proxy)
    await other.asks(b"before")
    proxy.half_open("server")
    other.say(b"is anybody there?")
    assert await other.hears_nothing()
    assert echo.ends == ["reset"]
    assert proxy.held == 2
    other.writer.close()
    await asyncio.sleep(QUIET_S)
    # Whoever was told nothing has given it up by itself.
    assert (proxy.open, proxy.held) == (2, 1)
    proxy.reset()
    await eventually(proxy, open_=0)


async def test_refused_is_refused_and_who_is_connected_stays(proxy: FaultProxy) -> None:
    client = await Client.to(proxy)
    await client.asks(b"before")
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await Client.to(proxy)
    await client.asks(b"still here")
    proxy.accept()
    await (await Client.to(proxy)).asks(b"after")


async def test_a_target_that_is_not_there_resets_the_client(proxy: FaultProxy) -> None:
    proxy.target = None
    try:
        client = await Client.to(proxy)
    except ConnectionResetError:
        pass  # It can come before the handshake is looked at.
    else:
        assert await client.is_reset()
    assert proxy.counters.unreachable == 1


async def test_the_end_can_come_late(proxy: FaultProxy, echo: Echo) -> None:
    client = await Client.to(proxy)
    await client.asks(b"before")
    proxy.blow(Weather(close_delay_s=QUIET_S))
    began = time.monotonic()
    client.writer.write_eof()
    assert await client.reader.read() == b""
    assert time.monotonic() - began >= 2 * QUIET_S
    assert echo.ends == ["end"]


async def test_a_sender_has_to_wait_where_the_line_is_narrow(echo: Echo) -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        while True:
            writer.write(b"x" * 4096)
            await asyncio.wait_for(writer.drain(), math.inf)
            sent += 4096

    sent = 0
    server = await asyncio.start_server(flood, "127.0.0.1", 0)
    target = server.sockets[0].getsockname()
    with FaultProxy(target, buffer=8_192) as proxy:
        proxy.blow(down=Weather(bytes_per_s=8_000))
        client = await Client.to(proxy)
        client.say(b"go")
        await asyncio.sleep(1)
        after_a_second = sent
        await asyncio.sleep(QUIET_S)
        # What the kernels of both ends buffer, and no more.
        assert sent - after_a_second < 64 * 1024
    server.close()
