"""Lists that cost the same at a thousand rows and at a million.

Counting all that match means reading all that match. So only the first pages are counted
and numbered; what lies beyond is reached by key, from the last row that was shown.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.utils.text import capfirst

COUNTED_ROWS = 5_000


class BoundedPaginator(Paginator):
    """Counts to ``COUNTED_ROWS`` and no further."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: COUNTED_ROWS + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED_ROWS)

    @property
    def is_bounded(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._counted > COUNTED_ROWS


class FoundPaginator(BoundedPaginator):
    """Pages of what was looked up already: it is counted, and one more tells of others."""

    def __init__(self, rows: Any, per_page: int, *, found: int, most: int) -> None:
        super().__init__(rows, per_page)
        self._found, self._most = found, most

    @cached_property
    def count(self) -> int:
        return min(self._found, self._most)

    @property
    def is_bounded(self) -> bool:
        return self._found > self._most


class BoundedList(ChangeList):
    """A list, newest first, whose last numbered page leads on to older rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = capfirst(self.opts.verbose_name_plural)

    @property
    def older_url(self) -> str:
        """Where the rows before the last one shown are; empty while pages have numbers."""
        if not self.paginator.is_bounded or self.page_num < self.paginator.num_pages:
            return ""
        oldest = list(self.result_list)[-1]
        return self.get_query_string({"id__lt": oldest.pk}, [PAGE_VAR])
