"""What the operator is told when a backup or a restore cannot be."""

from __future__ import annotations


class KeepingError(Exception):
    """Its text is a sentence for the operator. Nothing was changed."""
