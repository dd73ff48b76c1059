"""Fault 17: what the site itself calls hangs. It calls nobody yet."""

from __future__ import annotations

from tests.fault_suite.registry import fault
from tests.fault_suite.result import Result
from tests.fault_suite.worlds import Worlds

NAME = "a link preview, webhook or push target that hangs"


@fault(17, NAME, shape="one", expects="nobody else waits")
async def hanging_target(worlds: Worlds, seed: int) -> Result:
    """There is nothing to hang."""
    why = "the site makes no outgoing connection: there are no previews, webhooks or push yet"
    return Result(17, NAME, "one", seed, not_yet=why)
