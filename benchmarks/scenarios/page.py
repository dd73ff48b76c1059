"""The room's page with 50 messages, asked for by people who are signed in."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.client import Socket
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.ledger import BUCKET_NS, Ledger, percentile_ms, stamped_body
from benchmarks.load import collector_at_rest
from benchmarks.pages import Page
from benchmarks.sides.project import Project
from benchmarks.stage import Stage

CONNECTIONS = 16
MESSAGES = 50
POST_EVERY_S = 0.5
"""Somebody goes on talking, so that no page can be an old one kept."""
NAME = "page"


@dataclass
class Visits:
    """What the visitors of one window saw."""

    newest: str
    """The last message that was acknowledged."""
    right: int = 0
    wrong: int = 0
    bytes_read: int = 0
    times: Counter[int] = field(default_factory=Counter)


async def measure(stage: Stage) -> list[Figure]:
    async with stage.project() as project:
        poster = await project.open(Ledger(project.read_stamps), 0)
        for _ in range(MESSAGES):
            newest = await _say_something(project, poster)
        visitors = await _visitors(project)
        runs = []
        for seconds in (1.0, *[stage.seconds] * stage.repeats):
            runs.append(await _window(project, poster, visitors, newest, seconds))
            newest = runs[-1][0].newest
        for page, _ in visitors:
            page.close()
        poster.close()
    del runs[0]  # The first page of a process pays for what the others find ready.
    rates = tuple(visits.right / seconds for visits, seconds, _ in runs)
    cpu = tuple(1e6 * busy * seconds / max(1, visits.right) for visits, seconds, busy in runs)
    size = runs[-1][0].bytes_read / max(1, runs[-1][0].right)
    return [
        Figure(NAME, "requests a second", "", rates, at_least(1_000), f"{size:,.0f} bytes a page"),
        Figure(NAME, "wrong answers", "", tuple(v.wrong for v, _, _ in runs), at_most(0)),
        Figure(NAME, "p99", "ms", tuple(percentile_ms(v.times, 99) for v, _, _ in runs)),
        Figure(NAME, "server core in use", "", tuple(busy for _, _, busy in runs)),
        Figure(NAME, "server CPU a request", "µs", cpu),
    ]


async def _visitors(project: Project) -> list[tuple[Page, bytes]]:
    """Open a connection for each visitor; with each goes the name that its page must show."""
    visitors = []
    for number in range(1, CONNECTIONS + 1):
        person = project.person(number)
        page = Page(project.server.port, f"/rooms/{project.world.room}/", person["session"])
        await page.open()
        visitors.append((page, person["name"].encode()))
    return visitors


async def _window(
    project: Project,
    poster: Socket,
    visitors: list[tuple[Page, bytes]],
    newest: str,
    seconds: float,
) -> tuple[Visits, float, float]:
    """Return the visits, how long they took in seconds, and the share of the server's core."""
    visits = Visits(newest)
    with collector_at_rest(), project.server.window() as usage:
        until = time.monotonic() + seconds
        await asyncio.gather(
            *(_visit(page, name, visits, until) for page, name in visitors),
            _keep_talking(project, poster, visits, until),
        )
    return visits, usage.seconds, usage.busy


async def _visit(page: Page, name: bytes, visits: Visits, until: float) -> None:
    while (start := time.monotonic_ns()) < until * 1e9:
        newest = visits.newest.encode()
        status, body = await page.get()
        visits.times[(time.monotonic_ns() - start) // BUCKET_NS] += 1
        visits.bytes_read += len(body)
        if status == 200 and newest in body and name in body:
            visits.right += 1
        else:
            visits.wrong += 1


async def _keep_talking(project: Project, poster: Socket, visits: Visits, until: float) -> None:
    while time.monotonic() + POST_EVERY_S < until:
        await asyncio.sleep(POST_EVERY_S)
        visits.newest = await _say_something(project, poster)


async def _say_something(project: Project, poster: Socket) -> str:
    """Post, wait for the acknowledgement, and return the text that says it all."""
    body = stamped_body()[1]
    project.post(poster, body)
    await poster.frame_of("ok")
    return body
