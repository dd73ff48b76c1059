"""Rows that only an action may write.

``QuerySet.update`` and ``delete`` reach the database without opening a change,
so nobody would be told. On the models of the room log they are refused unless
the caller says that it is an action, which is what ``Model.log`` is for.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models

T = TypeVar("T", bound=models.Model)


class UnguardedWriteError(RuntimeError):
    """A write went around the actions. A programming error, never a client's."""


class ReadOnlyQuerySet(models.QuerySet[T]):
    """What ``Model.objects`` gives: everything but bulk writes."""

    def _refuse(self, verb: str) -> NoReturn:
        raise UnguardedWriteError(
            f"{self.model.__name__}.objects.{verb}() would change the room log in silence; "
            "call an action in chat/actions."
        )

    def update(self, **kwargs: Any) -> int:
        self._refuse("update")

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse("delete")

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[T]:
        self._refuse("bulk_create")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        self._refuse("bulk_update")


class NeverDeleted(models.Model):
    """A row of the room log: redacted or archived by an action, never deleted."""

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UnguardedWriteError(
            f"A {type(self).__name__} is never deleted; see chat/actions for what can be done."
        )
