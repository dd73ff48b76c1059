"""Fields that name a person or a room: typed, or chosen among the names that are offered.

Django's own autocomplete widget needs jQuery, whose loading breaks the Trusted Types of
our policy; a ``datalist`` needs a few lines, and nothing at all to be typed into.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.translation import gettext as _

from chat import names, room_names
from chat.models import Room, User

MAX_CHARS = 120
MAX_ID_DIGITS = 18


class NameInput(forms.TextInput):
    """Offers names while one types, from the autocomplete view for a field of sanctions."""

    class Media:
        js = (Script("chat/admin/suggest.js", type="module"),)

    def __init__(self, field: str, **attrs: Any) -> None:
        super().__init__(
            attrs={"class": "vTextField", "dir": "auto", "autocomplete": "off", **attrs}
        )
        self.field = field

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        about = {"app_label": "chat", "model_name": "sanction", "field_name": self.field}
        address = f"{reverse('admin:autocomplete')}?{urlencode(about)}"
        return {**super().build_attrs(*args, **kwargs), "data-suggest": address}


class PersonField(forms.CharField):
    """Becomes a ``User``; names are unique."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_CHARS, widget=NameInput("user"), **kwargs)

    def clean(self, value: Any) -> User | None:
        typed = super().clean(value)
        if not typed:
            return None
        look = names.skeleton(typed)
        person = User.objects.filter(name_skeleton=look).first() if look else None
        if person is None and (number := _number(typed)) is not None:
            person = User.objects.filter(pk=number).first()
        if person is None:
            raise ValidationError(_("There is nobody of this name."), code="unknown")
        return person


class RoomField(forms.CharField):
    """Becomes a ``Room``. Private rooms may share a name: these are told apart by #number."""

    def __init__(self, **kwargs: Any) -> None:
        widget = NameInput("room", **{"data-suggest-numbered": ""})
        super().__init__(max_length=MAX_CHARS, widget=widget, **kwargs)

    def clean(self, value: Any) -> Room | None:
        typed = super().clean(value)
        if not typed:
            return None
        found = list(_rooms_called(typed))
        if len(found) > 1:
            raise ValidationError(_("Several rooms are called so: add the #number."), code="many")
        if not found:
            raise ValidationError(_("There is no room of this name."), code="unknown")
        return found[0]


def _rooms_called(typed: str) -> set[Room]:
    """Rooms called ``The lobby``, or the one of ``The lobby #12`` or ``#12``."""
    found = set(Room.objects.filter(name_key=room_names.name_key(typed))[:2])
    name, _mark, _digits = typed.rpartition("#")
    number = _number(typed[len(name) :])
    room = Room.objects.filter(pk=number).first() if number is not None else None
    if room is not None and room_names.name_key(name.strip()) in ("", room.name_key):
        found.add(room)
    return found


def _number(typed: str) -> int | None:
    digits = typed.strip().removeprefix("#")
    is_one = typed.strip().startswith("#") and digits.isascii() and digits.isdecimal()
    return int(digits) if is_one and len(digits) <= MAX_ID_DIGITS else None
