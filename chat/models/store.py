"""The identity of this store: one row, with the epoch that every cursor carries."""

from __future__ import annotations

from django.db import models


class Store(models.Model):
    """A restored backup gets a new epoch, and every client starts anew."""

    epoch = models.CharField(max_length=32)
    owner_link_hash = models.CharField(max_length=64, blank=True)
    """SHA-256 of the one-time link that makes the owner's account; empty once used."""

    def __str__(self) -> str:
        return self.epoch
