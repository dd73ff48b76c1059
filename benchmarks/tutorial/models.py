"""A message, for the variant that keeps what is said."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Message(models.Model):
    room = models.CharField(max_length=100, db_index=True)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Message]] = models.Manager()

    def __str__(self) -> str:
        return self.body
