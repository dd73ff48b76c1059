"""``make scale``: start the shape of production here, say where it is, stop it on Ctrl-C.

``PROCESSES`` is how many processes serve the site, ``TLS=1`` puts a self-made certificate
before it. SIGHUP starts the processes anew, one after the other.
"""

from __future__ import annotations

import os
import signal
import sys
from queue import SimpleQueue

from deploy.scale.cluster import Cluster
from deploy.scale.program import ScaleError

MOST_PROCESSES = 32


def greeting(cluster: Cluster) -> str:
    """What the terminal says when everything serves."""
    lines = ["", "  The site is ready. Open it in a browser:", f"    {cluster.address}/"]
    if link := cluster.owner_link():
        lines += ["", "  It has no owner yet. This link makes the owner's account; it works once:"]
        lines += [f"    {link}"]
    lines += ["", "  Behind it:"]
    lines += [f"    {app.name}   {app.address}   its log: {app.log_path}" for app in cluster.apps]
    lines += [f"    PostgreSQL  {cluster.postgres.url}", f"    Redis       {cluster.redis.url}"]
    roll = f"kill -HUP {os.getpid()}"
    lines += ["", f"  Start the processes anew, one after the other: {roll}"]
    return "\n".join([*lines, "  Press Ctrl-C to stop, and to remove all of it.", ""])


def attend(cluster: Cluster, asked: SimpleQueue[int]) -> None:
    """Do what signals ask, until one of them asks to stop."""
    while asked.get() == signal.SIGHUP:
        print("Starting the processes anew …", flush=True)
        cluster.roll()
        print("All of them serve again.", flush=True)


def main() -> int:
    """Run until asked to stop; return the exit code."""
    processes = os.environ.get("PROCESSES", "2")
    if processes not in map(str, range(1, MOST_PROCESSES + 1)):
        print(f"PROCESSES must be a number from 1 to {MOST_PROCESSES}.", file=sys.stderr)
        return 2
    # Being asked to stop means the same as Ctrl-C: what was started is stopped on the way out.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        print("Starting PostgreSQL, Redis, the site and nginx …", flush=True)
        with Cluster(processes=int(processes), tls=os.environ.get("TLS") == "1") as cluster:
            print(greeting(cluster), flush=True)
            attend(cluster, signals(signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
            print("Stopping …", flush=True)
    except ScaleError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before it served.")
    return 0


def signals(*numbers: int) -> SimpleQueue[int]:
    """Return a queue of the signals that arrive from now on."""
    asked: SimpleQueue[int] = SimpleQueue()
    for number in numbers:
        signal.signal(number, lambda arrived, frame: asked.put(arrived))
    return asked


if __name__ == "__main__":
    sys.exit(main())
