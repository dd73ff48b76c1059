"""Letters say the same as text and as a page; error pages have a way out and tell no secret."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from chat.accounts import letters
from chat.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_letter_has_a_text_and_a_page_that_say_the_same(client: Client, ada: User) -> None:
    client.post("/accounts/password/reset/", {"email": ada.email})
    (letter,) = mail.outbox
    ((html, kind),) = [(part.content, part.mimetype) for part in letter.alternatives]
    assert kind == "text/html"
    (link,) = re.findall(r"https?://\S+", letter.body)
    assert f'<a class="button" href="{link}">' in html
    for paragraph in letter.body.strip().split("\n\n"):
        assert paragraph.split(":")[0][:30] in html
    assert "\n\n\n" not in letter.body
    assert letter.subject.endswith("· Chat")


def test_a_name_cannot_write_html_into_a_letter() -> None:
    html = letters.as_html("Hello <b>you</b> & all\n\nhttps://x.example/?a=1&b=2", "s", "en")
    assert "<b>" not in html
    assert 'href="https://x.example/?a=1&amp;b=2"' in html


def test_a_new_password_is_told_by_letter(client: Client, ada: User) -> None:
    client.force_login(ada)
    new = "a new and longer one"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/accounts/password/change/", form)
    assert "password of your account" in mail.outbox[-1].body


def test_ada_changes_her_address_after_saying_her_password(client: Client, ada: User) -> None:
    client.force_login(ada)
    asked = client.get("/accounts/email/").headers["Location"]
    assert client.post(asked, {"password": PASSWORD}).headers["Location"] == "/accounts/email/"
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    link = next(word for word in mail.outbox[-1].body.split() if "/confirm-email/" in word)
    assert b"new@example.org" in client.get(link).content
    client.post(link)
    ada.refresh_from_db()
    assert ada.email == "new@example.org"


def test_a_session_says_the_password_again_before_the_address(client: Client, ada) -> None:
    client.force_login(ada)
    answer = client.get("/accounts/email/")
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert b"Is it still you" in client.get(answer.headers["Location"]).content


def test_a_closed_post_office_stops_nobody(
    client: Client, settings, caplog: pytest.LogCaptureFixture
) -> None:
    # Nobody listens on the discard port: the connection is refused at once.
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    form = {"username": "Grace", "email": "grace@example.org", "password1": "nanoseconds of wire"}
    assert client.post("/accounts/signup/", form).status_code == 302
    assert "was not sent" in caplog.text
    assert "grace" not in caplog.text


@pytest.mark.parametrize("path", ["/nothing", "/accounts/nothing/", "/rooms/x/", "/owner/"])
def test_a_missing_page_has_a_way_out(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert b'href="/"' in answer.content


def test_a_broken_page_names_a_number_and_no_trace(
    ada: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def burst(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the canary in the code")

    monkeypatch.setattr("chat.views.rooms._browse", burst)
    client = Client(raise_request_exception=False)
    client.force_login(ada)
    answer = client.get(reverse("chat:rooms"))
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "canary" not in page
    assert "Traceback" not in page
    (number,) = re.findall(r"name this number: ([0-9a-f]{8})", page)
    assert number in caplog.text


def test_a_store_that_does_not_answer_is_503_with_a_hint(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def locked(*args: object, **kwargs: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("chat.views.rooms._browse", locked)
    client = Client()
    client.force_login(ada)
    answer = client.get(reverse("chat:rooms"))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_foreign_host_is_refused(client: Client) -> None:
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


PAGES = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nothing"]
INSIDE = ["/rooms/", "/profile/", "/accounts/password/change/", "/accounts/logout/"]


@pytest.mark.parametrize("path", PAGES + INSIDE)
def test_no_page_has_an_inline_style_or_script(client: Client, ada: User, path: str) -> None:
    if path in INSIDE:
        client.force_login(ada)
    page = client.get(path).content.decode()
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", page)
    assert all(
        'type="application/json"' in tag or "src=" in tag for tag in re.findall("<script.*?>", page)
    )
    assert re.search(r'<html lang="en" dir="ltr"', page)
    assert "<title>" in page


@pytest.mark.parametrize("path", PAGES)
def test_too_many_bytes_in_a_form_are_no_fault(client: Client, path: str) -> None:
    answer = client.post(path, {"login": "x" * 3_000_000, "password": "x"})
    assert answer.status_code in {400, 404, 405, 413}
