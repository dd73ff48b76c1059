"""What tests measured on the way, told at the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Tell = Callable[[str], None]
_told = pytest.StashKey[list[str]]()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Tell a figure: it is printed in the summary, with the test's name."""
    told = request.config.stash.setdefault(_told, [])
    return lambda sentence: told.append(f"{request.node.name}: {sentence}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was told."""
    told = terminalreporter.config.stash.get(_told, [])
    if told:
        terminalreporter.section("figures")
        for sentence in told:
            terminalreporter.write_line(sentence)
