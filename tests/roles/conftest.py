"""Hubs that end with their test."""

from __future__ import annotations

from tests.faults.conftest import hub_ends, layer_back, no_hub_before

__all__ = ["hub_ends", "layer_back", "no_hub_before"]
