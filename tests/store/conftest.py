"""What the channel layer would have been told."""

from __future__ import annotations

from typing import Any

import pytest

from chat import announce

Rung = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> Rung:
    """Every group and message that the bell was rung with, after commits."""
    told: Rung = []
    monkeypatch.setattr(announce, "_ring", lambda group, message: told.append((group, message)))
    return told
