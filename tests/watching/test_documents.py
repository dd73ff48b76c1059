"""The page of figures, the settings and the alerts name what there is, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from chat.metrics import REGISTRY
from chatsite.watching import gauges
from chatsite.watching.exposition import _gauges
from chatsite.watching.migrations import Migrations
from chatsite.watching.readiness import Report
from tests.watching.conftest import Asker

ROOT = Path(__file__).resolve().parent.parent.parent
FROM_THE_LIBRARY = ("process_", "python_")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def registered(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of all figures, those of PostgreSQL's pool among them."""
    pool = SimpleNamespace(get_stats=dict)
    monkeypatch.setattr(gauges, "connection", SimpleNamespace(pool=pool))
    from chat.hub import get_hub

    readiness: Any = SimpleNamespace(migrations=Migrations())
    _gauges.look(await get_hub(), readiness, Report("ready"))
    names = set()
    for family in REGISTRY.collect():
        suffix = "_total" if family.type == "counter" else ""
        names.add(family.name + suffix)
    return {name for name in names if not name.startswith(FROM_THE_LIBRARY)}


def test_the_page_names_every_figure_and_no_other(registered: set[str]) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert len(registered) > 35
    assert set(re.findall(r"^\| `(chat_\w+)", page, re.MULTILINE)) == registered


def test_every_alert_asks_for_figures_that_there_are(registered: set[str]) -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())
    [group] = rules["groups"]
    assert len(group["rules"]) >= 8
    for rule in group["rules"]:
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys() <= {*rule, "for"}
        asked = set(re.findall(r"chat_\w+", rule["expr"]))
        known = registered | {f"{name}_bucket" for name in registered}
        assert asked <= known, rule["alert"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
    names = [rule["alert"] for rule in group["rules"]]
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [name for name in names if f"`{name}`" not in page] == []
