"""What tests measured on the way, told at the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Tell = Callable[[str], None]
FIGURE = "figure"


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Tell a figure: it is printed in the summary, with the test's name."""
    # Properties of a test reach the summary also from another process.
    told = request.node.user_properties
    return lambda sentence: told.append((FIGURE, f"{request.node.name}: {sentence}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was told."""
    reports = [
        report
        for kind in ("passed", "failed")
        for report in terminalreporter.stats.get(kind, ())
        if report.when == "call"
    ]
    told = [text for each in reports for name, text in each.user_properties if name == FIGURE]
    if told:
        terminalreporter.section("figures")
        for sentence in told:
            terminalreporter.write_line(sentence)
