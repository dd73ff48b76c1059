"""The faults in short: one seed each, few seconds; ``make faults`` is the whole of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fault_suite.registry import Fault, all_faults
from tests.fault_suite.runner import run_fault
from tests.fault_suite.worlds import Worlds
from tests.figures import Tell

SHORT = [fault for fault in all_faults() if fault.short]


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    """Sites that the faults share, one after the other."""
    made = Worlds(is_short=True)
    yield made
    made.end()


@pytest.mark.parametrize("fault", SHORT, ids=[fault.key for fault in SHORT])
async def test_nothing_is_lost_by_this_fault(fault: Fault, worlds: Worlds, tell: Tell) -> None:
    result = await run_fault(fault, worlds, seed=1)
    if result.left_out:
        pytest.skip(result.left_out)
    tell(
        f"{result.acknowledged} acknowledged, {result.lost} lost, {result.doubled} doubled, "
        f"{result.reordered} reordered, converged in {result.converged_s:.2f} s "
        f"({result.seconds:.1f} s in all)"
    )
    assert result.broken == [], "\n".join((*result.broken, *result.notes))
    assert (result.lost, result.doubled, result.reordered) == (0, 0, 0)
