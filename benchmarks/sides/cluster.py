"""The project as several processes on PostgreSQL and Redis, each driven by itself."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.server import CORES, PROJECT, Server
from benchmarks.sides.project import UNHURRIED, Project, World
from deploy.scale.cluster import Cluster


@asynccontextmanager
async def running_cluster(processes: int, people: int) -> AsyncIterator[list[Project]]:
    """Serve a new world from so many processes; yields one side for each of them."""
    cluster = Cluster(processes=processes, settings=UNHURRIED, nginx=False)
    # The load has a core of its own by now, and what it starts would inherit that one alone.
    own_core = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES)
    try:
        await asyncio.to_thread(cluster.start)
        populate = [sys.executable, "-m", "benchmarks.populate", str(people)]
        made = await asyncio.to_thread(
            subprocess.run,
            populate,
            cwd=PROJECT,
            env={**cluster.environment, "DJANGO_SETTINGS_MODULE": "chatsite.settings"},
            check=True,
            stdout=subprocess.PIPE,
        )
        world = World(folder=cluster.folder, **json.loads(made.stdout))
        yield [
            Project(Server(app.pid, app.port, app.log_path), world, origin=cluster.address)
            for app in cluster.apps
        ]
    finally:
        await asyncio.to_thread(cluster.stop)
        os.sched_setaffinity(0, own_core)
