"""What the list of messages can be narrowed by, beside its search box."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat import policy
from chat.admin import asking
from chat.admin.searching import as_id
from chat.models import Message, User

ROOMS_OFFERED = 100


class RedactedFilter(admin.SimpleListFilter):
    """Redacted by whom, or not at all."""

    title = _("redacted")
    parameter_name = "redacted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("not redacted")), *Message.RedactedBy.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        if self.value() == "no":
            return queryset.filter(redacted_at__isnull=True)
        if self.value() in Message.RedactedBy.values:
            return queryset.filter(redacted_at__isnull=False, redacted_by=self.value())
        return queryset


class NameFilter(admin.ListFilter):
    """A name is typed, and some are offered; or a link from elsewhere says which it is.

    ``asking`` reads both, for it is who knows how to find quickly what they narrow.
    """

    template = "admin/chat/name_filter.html"
    parameter_name: str
    link_name: str

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.expected_parameters():
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str]:
        return [self.parameter_name, self.link_name]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Everything else that the page was asked for, to be sent with the name."""
        self.offered = self.offer(changelist)
        yield {
            "query_string": changelist.get_query_string(remove=self.expected_parameters()),
            "parameters": [
                pair
                for pair in changelist.params.items()
                if pair[0] not in {*self.expected_parameters(), asking.BEFORE}
            ],
        }

    @property
    def value(self) -> str:
        """What stands in the field."""
        if typed := self._used(self.parameter_name):
            return typed
        linked = as_id(self._used(self.link_name))
        return "" if linked is None else self.name_of(linked)

    def _used(self, name: str) -> str:
        return str(self.used_parameters.get(name, ""))

    @abstractmethod
    def name_of(self, pk: int) -> str:
        """The name of the one that a link leads to."""

    @abstractmethod
    def offer(self, changelist: ChangeList) -> Iterable[str]:
        """Names that may be meant."""


class PersonFilter(NameFilter):
    title = _("author")
    parameter_name, link_name = asking.PERSON, asking.PERSON_LINK

    def name_of(self, pk: int) -> str:
        names = User.objects.filter(pk=pk).values_list("display_name", flat=True)
        return names.first() or ""

    def offer(self, changelist: ChangeList) -> Iterable[str]:
        # Those who are on the page: they are known without another query.
        return sorted({message.author.display_name for message in changelist.result_list})


class RoomFilter(NameFilter):
    title = _("room")
    parameter_name, link_name = asking.ROOM, asking.ROOM_LINK

    def name_of(self, pk: int) -> str:
        rooms = policy.visible_rooms(self.request.user).filter(pk=pk)
        return rooms.values_list("name", flat=True).first() or ""

    def offer(self, changelist: ChangeList) -> Iterable[str]:
        rooms = policy.visible_rooms(self.request.user).order_by("-last_seq")
        return rooms.values_list("name", flat=True)[:ROOMS_OFFERED]
