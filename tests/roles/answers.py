"""Every door's own way to answer, said in the words of the table."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse

CODES = {
    "not_found": "none",
    "forbidden": "no",
    "banned": "ban",
    "sign_in": "door",
    "not_a_member": "join",
    "muted": "mute",
    "last_owner": "last",
}
STATUSES = {404: "none", 409: "last"}
CLOSED = {4001: "door", 4003: "out"}
_BANS = {
    "out": re.compile(r"You are banned from this site.*Reason: Spam everywhere\."),
    "ban": re.compile(r"You are banned from this room.*Reason: Spam\."),
}
_OF_THE_REQUEST = re.compile(
    r'nonce="[^"]*"|nonce-[^\s;\']*|name="csrfmiddlewaretoken" value="[^"]*"|"csrf":"[^"]*"'
)

_NUMBER = re.compile(r"(?<=[/F])\d+(?=[/%])")


def word_for(response: Any, client: Client) -> str:
    """What a page or the API answered, once the admin's own turn to the sign-in is taken."""
    location = response.headers.get("Location", "")
    if urlsplit(location).path == reverse("admin:login"):
        return word_for(client.get(location), client)
    if urlsplit(location).path == reverse("account_login") or response.status_code == 401:
        return "door"
    if response.status_code < 400:
        return "ok"
    if response.status_code in STATUSES:
        return STATUSES[response.status_code]
    text = html.unescape(response.content.decode())
    if response.status_code == 403:
        return next((word for word, ban in _BANS.items() if ban.search(text)), "no")
    return str(response.status_code)


def comparable(response: Any) -> tuple[int, str, str]:
    """An answer without what differs between any two requests, and without numbers of rows."""
    text = _OF_THE_REQUEST.sub("", response.content.decode())
    location = response.headers.get("Location", "")
    return response.status_code, _NUMBER.sub("N", text), _NUMBER.sub("N", location)
