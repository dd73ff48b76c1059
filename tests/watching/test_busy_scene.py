"""A busy scene leaves its figures and its lines in the log, and nothing of anybody in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.live.stage import Stage

TOKEN = "token-canary-41c7e9"
NAME = "NameCanary"
BODY = "body-canary-9f31"
EDITED = "edited-canary-77aa"
NONCE = "nonce-canary-1d2e"
ROOM = "RoomCanary"
QUERY = "query-canary-50b1"
PASSWORD = "password-canary-8c1f"
MAIL = "mail-canary-3e3e@example.org"
ADDRESS = "203.0.113.77"
CANARIES = (TOKEN, NAME, BODY, EDITED, NONCE, ROOM, QUERY, PASSWORD, MAIL, ADDRESS)
POSTS = 5


@dataclass
class Scene:
    """What is left of it."""

    metrics: str
    log: str
    sessions: list[str]

    def value(self, name: str, **labels: str) -> float:
        """Return one sample; 0 where there is none."""
        for family in text_string_to_metric_families(self.metrics):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return float(sample.value)
        return 0.0


@pytest.fixture(scope="module", params=["json", "text"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """The scene, played once for each form of the log, at its loudest."""
    stage = Stage(
        tmp_path_factory.mktemp("scene"),
        LOG_FORMAT=request.param,
        LOG_LEVEL="DEBUG",
        LOG_REQUESTS="1",
        METRICS_TOKEN=TOKEN,
        TRUSTED_PROXIES="1",
        EMAIL_URL="dummymail://",
    )
    try:
        stage.start()
        metrics, sessions = asyncio.run(play(stage))
        yield Scene(metrics, stage.said, sessions)
    finally:
        stage.end()


async def play(stage: Stage) -> tuple[str, list[str]]:
    """People talk, fail, come back and look around; return the figures after it."""
    ada, bob = stage.person(NAME), stage.person(f"{NAME} bob")
    room = stage.room(ada, bob)
    stage.backstage("act", action="rooms.rename_room", person=ada.id, room_id=room, name=ROOM)
    from_afar = {"X-Forwarded-For": ADDRESS}
    async with stage.window(ada) as here, stage.window(bob) as there:
        await here.follow(room)
        subscribed = await there.follow(room)
        for n in range(POSTS):
            mark = await here.say(room, f"{BODY} {n}", f"{NONCE}-{n}")
            await there.hear_message(room, f"{BODY} {n}")
        await here.ask("edit", message=mark["id"], body=EDITED)
        refused = await here.ask("post", room=room, body=" ", nonce=f"{NONCE}-x")
        assert refused["type"] == "error"
        conflict = await here.ask("post", room=room, body=BODY, nonce=f"{NONCE}-0")
        assert conflict["code"] == "nonce_conflict"
        cursor = f"{(await there.welcome())['epoch']}:{subscribed['snapshot']['revision']}"
        await there.ask("unsubscribe", room=room)
        await there.follow(room, cursor)
    async with httpx.AsyncClient(base_url=stage.address, timeout=60, trust_env=False) as client:
        client.headers.update(from_afar)
        await client.get(f"/rooms/?q={QUERY}")
        await client.get(f"/nowhere/?q={QUERY}")
        await client.get("/accounts/login/")
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        login = {"login": NAME, "password": PASSWORD}
        assert (await client.post("/accounts/login/", data=login)).status_code == 200
        form = {"username": f"{NAME} carol", "email": MAIL, "password1": f"{PASSWORD} three"}
        assert (await client.post("/accounts/signup/", data=form)).status_code == 302
        await client.post("/accounts/password/reset/", data={"email": MAIL})
        mine = await client.get("/", headers={"X-Request-ID": "proxy-said-0815"})
        assert mine.headers["X-Request-ID"] == "proxy-said-0815"
        session = client.cookies.get("sessionid") or ""
        shown = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert (await client.get("/metrics")).status_code == 404
    return shown.text, [key for key in (ada.session, bob.session, session) if key]


def test_the_figures_are_those_of_the_scene(scene: Scene) -> None:
    assert scene.value("chat_posts_total", outcome="accepted") == POSTS
    assert scene.value("chat_posts_total", outcome="empty") == 1
    assert scene.value("chat_posts_total", outcome="nonce_conflict") == 1
    assert scene.value("chat_commands_refused_total", code="empty") == 1
    assert scene.value("chat_sockets_opened_total") == 2
    assert scene.value("chat_sign_in_failures_total") == 1
    assert scene.value("chat_batch_size_count", kind="posts") >= 2
    assert scene.value("chat_batch_seconds_sum", kind="posts") > 0
    assert scene.value("chat_http_requests_total", view="chat:rooms", status="302") == 1
    assert scene.value("chat_http_requests_total", view="none", status="404") >= 1
    assert scene.value("chat_http_seconds_count", view="account_login") >= 2
    assert scene.value("chat_state", state="ready") == 1
    assert scene.value("process_open_fds") > 0
    # Each of the two was told each of the posts and the edit, but for what shared a frame.
    told = scene.value("chat_frames_told_total")
    assert 1 <= told <= POSTS + 1
    assert scene.value("chat_deliveries_total") == 2 * told
    assert scene.value("chat_delivered_bytes_total") > 2 * told * 100
    assert scene.value("chat_resumes_total", source="tail") == 1


def test_nothing_of_anybody_is_in_the_figures(scene: Scene) -> None:
    assert len(scene.metrics) > 5_000
    assert found_in(scene.metrics, scene) == []


def test_nothing_of_anybody_is_in_the_log_even_at_its_loudest(scene: Scene) -> None:
    # It was loud, and it was about this scene.
    assert "GET /rooms/ 302" in scene.log
    assert "/nowhere/" in scene.log
    assert found_in(scene.log, scene) == []


def found_in(text: str, scene: Scene) -> list[str]:
    return [canary for canary in (*CANARIES, *scene.sessions) if canary.lower() in text.lower()]


def test_a_line_says_when_how_grave_who_and_in_which_work(scene: Scene) -> None:
    lines = [line for line in scene.log.splitlines() if "GET /nowhere/" in line]
    [line] = lines
    if not line.startswith("{"):
        assert " INFO chatsite.visits [" in line
        return
    said = json.loads(line)
    assert said["level"] == "INFO"
    assert said["logger"] == "chatsite.visits"
    assert said["process"] > 1
    assert len(said["work"]) == 12
    assert (said["method"], said["status"], said["view"]) == ("GET", 404, "none")
    assert said["time"].endswith("+00:00")
    [same] = [line for line in scene.log.splitlines() if "Not Found: /nowhere/" in line]
    assert json.loads(same)["work"] == said["work"]


def test_a_number_that_a_proxy_of_ours_gave_is_kept(scene: Scene) -> None:
    assert any("proxy-said-0815" in line for line in scene.log.splitlines())
