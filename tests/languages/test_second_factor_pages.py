"""The pages and letters about second factors speak the reader's language, and nothing else."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from chat.models import User
from tests.accounts.second_factors import CODES, SET_UP, SHOW, Clock, with_app
from tests.accounts.soft_key import ORIGIN, Key, add
from tests.conftest import PASSWORD, make_person
from tests.languages.po_files import ROOT
from tests.languages.spoken import foreign, words

pytestmark = pytest.mark.django_db

TEMPLATES = ROOT / "templates"
LETTERS = sorted(
    str(path.relative_to(TEMPLATES))
    for folder in ("mfa/email", "mfa/messages")
    for path in (TEMPLATES / folder).glob("*.txt")
)
NAMED = ["site_name", "username", "ip", "user_agent", "reason"]


@pytest.fixture
def an(db: None) -> User:
    return make_person("安达", email="")


@pytest.fixture(autouse=True)
def our_origin(settings: Any) -> None:
    settings.ORIGINS = [ORIGIN]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of the server and of everybody's apps."""
    clock = Clock()
    monkeypatch.setattr(time, "time", lambda: clock.now)
    return clock


@pytest.fixture
def inside(reader: Client, an: User, clock: Clock) -> Client:
    """The reader's browser, in which the password was typed a moment ago."""
    reader.force_login(an)
    reader.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return reader


@pytest.mark.parametrize(
    "path", ["/accounts/2fa/", SET_UP, "/accounts/2fa/webauthn/add/", "/profile/"]
)
def test_setting_one_up_has_no_english_left(inside: Client, language: str, path: str) -> None:
    html = inside.get(path).content.decode()
    assert f'<html lang="{language}"' in html
    secret = re.compile(r'<code class="secret">.*?</code>')
    assert foreign(secret.sub("", html)) == []


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/",
        "/accounts/2fa/totp/deactivate/",
        CODES,
        f"{CODES}generate/",
        "/accounts/2fa/webauthn/keys/{passkey}/edit/",
        "/accounts/2fa/webauthn/keys/{passkey}/remove/",
        "/profile/",
    ],
)
def test_looking_after_what_is_set_up_has_no_english_left(
    inside: Client, an: User, clock: Clock, path: str
) -> None:
    with_app(inside, clock)
    assert add(inside, Key(), name="手机").status_code == 302
    passkey = an.authenticator_set.get(type="webauthn").pk
    answer = inside.get(path.format(passkey=passkey))
    assert answer.status_code == 200
    assert foreign(answer.content.decode()) == []


def test_mistakes_with_codes_are_told_in_the_readers_language(
    inside: Client, an: User, clock: Clock
) -> None:
    answer = inside.post(SET_UP, {"code": "000000"})
    assert foreign(re.sub(r"<code.*?</code>", "", answer.content.decode())) == []
    with_app(inside, clock)
    inside.logout()
    inside.post("/accounts/login/", {"login": an.display_name, "password": PASSWORD})
    asking, refused = inside.get(SHOW), inside.post(SHOW, {"code": "000000"})
    assert "errorlist" in refused.content.decode() or "aria-invalid" in refused.content.decode()
    for answer in (asking, refused):
        assert foreign(answer.content.decode()) == []


def test_the_codes_come_as_a_file_in_the_readers_language(inside: Client, clock: Clock) -> None:
    with_app(inside, clock)
    assert words(inside.get(f"{CODES}download/").content.decode()) == set()


@pytest.mark.django_db(transaction=True)
def test_whoever_sets_one_up_is_written_to_in_their_language(
    inside: Client, an: User, clock: Clock
) -> None:
    EmailAddress.objects.create(user=an, email="an@site.invalid", verified=True, primary=True)
    inside.defaults["HTTP_USER_AGENT"] = "甲"
    with_app(inside, clock)
    letter = mail.outbox[-1]
    assert words(f"{letter.subject} {letter.body}") - {"testserver"} == set()


@pytest.mark.parametrize("template", LETTERS)
def test_a_letter_about_second_factors_has_no_english_left(language: str, template: str) -> None:
    with translation.override(language):
        text = render_to_string(template, dict.fromkeys(NAMED, "甲"))
    assert words(text) == set()
