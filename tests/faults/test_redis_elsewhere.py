"""A Redis behind TLS, and one that Sentinel replaces: bells, cache and counting follow it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from channels.layers import BaseChannelLayer, ChannelLayerManager
from django.core.cache import CacheHandler
from django.test import override_settings
from redis.exceptions import RedisError

from chat.errors import ThrottledError
from chat.redis.counting import counting_at
from chat.throttle import athrottle_post, throttle_post
from chatsite import environment
from chatsite.environment import Environment
from deploy.scale.certificate import make_certificate
from tests.figures import Tell
from tests.own_redis import OwnRedis, free_port

HEALED_WITHIN_S = 20.0
AWAY_AFTER_MS = "500"


def site_at(tmp_path: Path, url: str) -> Environment:
    return environment.read(tmp_path, {"REDIS_URL": url})


def layer_of(site: Environment) -> BaseChannelLayer:
    """A layer as the site makes it. Each call is as good as a process of its own."""
    with override_settings(CHANNEL_LAYERS={"default": site.channel_layer}):
        return ChannelLayerManager()["default"]


async def hears(hearer: BaseChannelLayer, teller: BaseChannelLayer, channel: str) -> bool:
    """Whether what one tells now reaches the other within a second."""
    try:
        await teller.group_send("room.1", {"type": "changes", "at": (now := time.monotonic())})
        async with asyncio.timeout(1):
            while (await hearer.receive(channel))["at"] != now:
                pass
    except (RedisError, OSError, TimeoutError):
        return False
    return True


async def answers(site: Environment) -> None:
    """Return once Redis answers: opening lines may take a busy machine too long at first."""
    shared = counting_at(site.redis[0])
    async with asyncio.timeout(HEALED_WITHIN_S):
        while True:
            try:
                shared.client.ping()
                await shared.async_client.ping()
            except (RedisError, OSError) as error:
                shared.breaker.failed(error)
            else:
                if not shared.breaker.is_resting:
                    return
            await asyncio.sleep(0.1)


async def counts(site: Environment, user_id: int) -> None:
    """Fail unless cache and throttle count in that Redis, for threads and for the loop."""
    await answers(site)
    cache = CacheHandler(site.caches)["default"]
    cache.set("word", "tea")
    client = counting_at(site.redis[0]).client
    assert client.exists(cache.make_key("word"))
    with override_settings(REDIS=site.redis, POSTS_BURST=2, POSTS_PER_MINUTE=100):
        throttle_post(user_id, is_guest=False)
        await athrottle_post(user_id, is_guest=False)
        with pytest.raises(ThrottledError):
            throttle_post(user_id, is_guest=False)
    assert any(str(user_id) in key.decode() for key in client.keys("LIMITS*"))


async def test_bells_cache_and_counting_over_encrypted_lines(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make_certificate(certificate, key)
    port = free_port()
    names = {"ssl_ca_certs": certificate, "ssl_certfile": certificate, "ssl_keyfile": key}
    files = {name: str(path) for name, path in names.items()}
    words = ("--tls-port", str(port), "--tls-ca-cert-file", str(certificate), "--port", "0")
    mine = ("--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    redis = OwnRedis(tmp_path, *words, *mine, port=port, ssl=True, **files)
    redis.start()
    try:
        query = "&".join(f"{name}={path}" for name, path in files.items())
        site = site_at(tmp_path, f"rediss://127.0.0.1:{port}/0?{query}")
        hearer, teller = layer_of(site), layer_of(site)
        channel = await hearer.new_channel()
        await hearer.group_add("room.1", channel)
        assert await hears(hearer, teller, channel)
        await counts(site, 1)
        await hearer.flush()
        await teller.flush()
        # Whoever cannot show a certificate, or does not know the authority, gets nothing.
        stranger = layer_of(site_at(tmp_path, f"rediss://127.0.0.1:{port}/0"))
        with pytest.raises(RedisError):
            await stranger.group_send("room.1", {"type": "changes"})
        await stranger.flush()
    finally:
        redis.end()


async def test_bells_cache_and_counting_over_a_file_with_a_password(tmp_path: Path) -> None:
    file = tmp_path / "redis.sock"
    words = ("--unixsocket", str(file), "--requirepass", "p@ss/word")
    redis = OwnRedis(tmp_path, *words, password="p@ss/word")
    redis.start()
    try:
        site = site_at(tmp_path, f"unix://:p%40ss%2Fword@{file}?db=1")
        hearer, teller = layer_of(site), layer_of(site)
        channel = await hearer.new_channel()
        await hearer.group_add("room.1", channel)
        assert await hears(hearer, teller, channel)
        await counts(site, 1)
        await hearer.flush()
        await teller.flush()
    finally:
        redis.end()


class Watched:
    """A master, its replica, and a Sentinel that watches them."""

    def __init__(self, folder: Path) -> None:
        self.master = OwnRedis(folder)
        self.replica = OwnRedis(folder, "--replicaof", f"127.0.0.1 {self.master.port}")
        port = free_port()
        self.file = folder / "sentinel.conf"
        self.file.write_text(
            f"sentinel monitor main 127.0.0.1 {self.master.port} 1\n"
            f"sentinel down-after-milliseconds main {AWAY_AFTER_MS}\n"
            "sentinel failover-timeout main 5000\n"
        )
        # A configuration file comes first, then the options.
        self.sentinel = OwnRedis(folder, "--sentinel", port=port)
        self.sentinel._command[1:1] = [str(self.file)]
        self.sentinel._command = [w for w in self.sentinel._command if w != "--save" and w]
        self.url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{port}/main/0"
        """The first of the two Sentinels is never there."""

    def start(self) -> None:
        for each in (self.master, self.replica, self.sentinel):
            each.start()
        deadline = time.monotonic() + HEALED_WITHIN_S
        while "slave0" not in str(self.sentinel_says()):
            assert time.monotonic() < deadline, "Sentinel does not know the replica."
            time.sleep(0.1)

    def sentinel_says(self) -> object:
        replicas = self.sentinel.cli("SENTINEL", "REPLICAS", "main")
        return ["slave0" for each in replicas if "s_down" not in str(each)]

    def end(self) -> None:
        for each in (self.sentinel, self.replica, self.master):
            each.end()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    try:
        watched.start()
        yield watched
    finally:
        watched.end()


async def test_when_sentinel_makes_another_master_bells_ring_and_counts_go_on(
    tmp_path: Path, watched: Watched, tell: Tell
) -> None:
    site = site_at(tmp_path, watched.url)
    hearer, teller = layer_of(site), layer_of(site)
    channel = await hearer.new_channel()
    await hearer.group_add("room.1", channel)
    assert await hears(hearer, teller, channel)
    await counts(site, 1)
    watched.master.kill()
    since = time.monotonic()
    while not await hears(hearer, teller, channel):
        assert time.monotonic() - since < HEALED_WITHIN_S, "Nothing is heard of the new master."
        await asyncio.sleep(0.1)
    tell(f"bells ring on the new master {time.monotonic() - since:.1f} s after the old one's end")
    assert watched.replica.cli("ROLE")[0] == "master"
    await counts(site, 2)
    await hearer.flush()
    await teller.flush()
