"""The shape of production, started once for the tests of this folder that need it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.scale.cluster import Cluster
from deploy.scale.program import ScaleError
from tests.live.house import House

SOCKETS_OF_AN_ADDRESS = 4


class Site(House):
    """A cluster, with its cast."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster.environment)
        self.cluster = cluster
        self.address = cluster.address


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Two processes behind nginx, with PostgreSQL and Redis; without a fault in their logs."""
    settings = {
        # One more than the 2 s for which nginx keeps an idle connection.
        "DRAIN_SECONDS": "3",
        "MIGRATE_AT_START": "0",
        "CONNECTIONS_PER_ADDRESS": str(SOCKETS_OF_AN_ADDRESS),
    }
    cluster = Cluster(settings=settings)
    try:
        cluster.start()
    except ScaleError as error:
        cluster.stop()
        if "apt-get install" in str(error):
            pytest.skip(str(error))
        raise
    site = Site(cluster)
    try:
        yield site
        assert "Traceback" not in cluster.traces, cluster.traces[-3000:]
    finally:
        site.close_backstage()
        cluster.stop()
    assert not cluster.folder.exists()
