"""The pages, the errors and the letters speak the reader's language, and nothing else."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.password_validation import validate_password
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core import mail
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from chat import errors
from chat.actions import members, messages, redaction, rooms
from chat.actions.owner import offer_owner_link
from chat.models import AuditEntry, Message, Room, User
from chat.templatetags.catalogue import catalogue_json
from tests.conftest import PASSWORD, make_person
from tests.languages.po_files import ROOT
from tests.languages.spoken import WORD, foreign, words

TEMPLATES = ROOT / "templates"

OUTSIDE = [
    "/",
    "/accounts/signup/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-xx/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/used/",
    "/accounts/inactive/",
    "/owner/used/",
    "/nowhere/",
]
INSIDE = [
    "/rooms/",
    "/rooms/?q=%E5%92%96",
    "/rooms/{room}/",
    "/rooms/{room}/settings/",
    "/profile/",
    "/invitations/",
    "/accounts/password/change/",
    "/accounts/logout/",
    "/admin/",
    "/admin/chat/",
    "/admin/chat/user/",
    "/admin/chat/user/add/",
    "/admin/chat/user/{person}/change/",
    "/admin/chat/user/{person}/password/",
    "/admin/chat/room/",
    "/admin/chat/room/add/",
    "/admin/chat/room/{room}/change/",
    "/admin/chat/message/",
    "/admin/chat/message/{message}/change/",
    "/admin/chat/message/redact/?ids={message}",
    "/admin/chat/membership/",
    "/admin/chat/membership/{membership}/change/",
    "/admin/chat/auditentry/",
    "/admin/chat/auditentry/{entry}/change/",
    "/admin/chat/invitation/",
    "/admin/chat/invitation/add/",
]


@pytest.fixture
def places(db: None) -> dict[str, int]:
    """A small world that is Chinese throughout, run by somebody on the staff."""
    owner = make_person("安达", is_staff=True, is_superuser=True)
    bob = make_person("小波")
    room = rooms.create_room(actor=owner, name="大厅", topic="什么都聊")
    membership = members.join_room(actor=bob, room_id=room.pk)
    marks = [
        messages.post_message(actor=author, room_id=room.pk, nonce=f"nonce-{at:08d}", body="你好")
        for at, author in enumerate([owner, bob])
    ]
    redaction.redact_messages(actor=owner, message_ids=[marks[1].id], reason="广告")
    return {
        "room": room.pk,
        "person": bob.pk,
        "message": marks[0].id,
        "membership": membership.pk,
        "entry": AuditEntry.objects.latest("pk").pk,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("path", OUTSIDE)
def test_a_page_for_everybody_has_no_english_left(reader: Client, language: str, path: str) -> None:
    html = reader.get(path).content.decode()
    assert f'<html lang="{language}"' in html
    assert foreign(html) == []


@pytest.mark.parametrize("path", INSIDE)
def test_a_page_inside_has_no_english_left(
    reader: Client, language: str, places: dict[str, int], path: str
) -> None:
    reader.force_login(User.objects.get(display_name="安达"))
    answer = reader.get(path.format(**places))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'lang="{language}"' in html
    assert foreign(html) == []


def test_the_page_that_asks_again_who_one_is_has_no_english_left(
    reader: Client, places: dict[str, int]
) -> None:
    reader.force_login(User.objects.get(display_name="安达"))
    asking = reader.get("/accounts/email/", follow=True)
    address = asking.redirect_chain[-1][0]
    refused = reader.post(address, {"password": "wrong"})
    let_in = reader.post(address, {"password": PASSWORD}, follow=True)
    assert let_in.redirect_chain[-1][0] == "/accounts/email/"
    for answer in (asking, refused, let_in):
        assert foreign(answer.content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("zh-CN", "zh-hans"),
        ("zh", "zh-hans"),
        ("zh-SG", "zh-hans"),
        ("zh-TW", "zh-hant"),
        ("zh-HK", "zh-hant"),
        ("zh-Hant-HK", "zh-hant"),
        ("de", "en"),
    ],
)
def test_a_browser_gets_the_language_nearest_to_what_it_asks_for(wanted: str, given: str) -> None:
    html = Client(headers={"accept-language": wanted}).get("/accounts/login/").content.decode()
    assert f'<html lang="{given}"' in html


@pytest.mark.django_db
def test_mistakes_in_a_form_are_told_in_the_readers_language(reader: Client, ada: User) -> None:
    mistakes = [
        {"username": "", "email": "nowhere", "password1": "abc"},
        {"username": "安达", "email": "", "password1": "password"},
        {"username": "ada", "email": "", "password1": "98765432109"},
        {"username": "x" * 50, "email": "", "password1": ""},
        {"username": "a@b.example", "email": "a" * 300 + "@example.org", "password1": "\0"},
    ]
    for mistake in mistakes:
        html = reader.post("/accounts/signup/", mistake).content.decode()
        assert 'class="errorlist' in html or "aria-invalid" in html
        assert foreign(html) == []


def test_every_error_has_a_sentence_in_each_language(language: str) -> None:
    kinds = [errors.ChatError, *errors.ChatError.__subclasses__()]
    assert len(kinds) > 20
    with translation.override(language):
        told = {kind.code: str(kind.sentence) for kind in kinds}
    assert {code: text for code, text in told.items() if words(text) - {"JSON"}} == {}


@pytest.mark.django_db
def test_what_a_weak_password_is_told_is_translated_where_django_does_not(language: str) -> None:
    for password in ("abc", "password", "98765432109", "displayname"):
        with translation.override(language), pytest.raises(ValidationError) as told:
            validate_password(password, User(display_name="displayname"))
        assert [text for text in told.value.messages if WORD.search(text)] == []


@pytest.mark.parametrize(
    ("ago", "hans", "hant"),
    [
        (timedelta(), "刚刚", "剛剛"),
        (timedelta(seconds=5), "5 秒前", "5 秒前"),
        (timedelta(minutes=3), "3 分钟前", "3 分鐘前"),
        (timedelta(days=2, hours=3), "2 天 3 小时前", "2 天 3 小時前"),
        (timedelta(days=65), "2 个月前", "2 個月前"),
    ],
)
def test_the_time_since_is_said_as_people_say_it(ago: timedelta, hans: str, hant: str) -> None:
    moment = timezone.now() - ago
    for language, said in (("zh-hans", hans), ("zh-hant", hant)):
        with translation.override(language):
            told = naturaltime(moment).replace("\u00a0", " ")
        assert told == said


@pytest.mark.django_db
def test_a_letter_is_written_in_the_readers_language(reader: Client, ada: User) -> None:
    reader.post("/accounts/password/reset/", {"email": ada.email})
    letter = mail.outbox[0]
    names = {"ada", "example", "org", "testserver", "http"}
    for text in (letter.subject, letter.body):
        without_links = re.sub(r"https?://\S+", "", str(text))
        assert words(without_links) - names == set()


RARE = ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]
RARE += ["chat/home.html", "chat/first_run.html", "account/signup_closed.html"]
LETTERS = sorted(
    str(path.relative_to(TEMPLATES))
    for folder in ("account/email", "account/messages")
    for path in (TEMPLATES / folder).glob("*.txt")
)
# What stands in a letter in the place of names, addresses and links.
NAMED = ["site_name", "email", "username", "ip", "user_agent", "from_email", "to_email"]
NAMED += ["deleted_email", "activate_url", "password_reset_url", "error_id"]


@pytest.mark.django_db
def test_the_owner_is_welcomed_in_their_language(reader: Client, language: str) -> None:
    link = offer_owner_link() or ""
    assert foreign(reader.get(link).content.decode()) == []
    reader.post(link, {"display_name": "安达", "email": "", "password": "three blind mice"})
    with translation.override(language):
        lobby = translation.gettext("Lobby")
    room = Room.objects.get()
    assert room.name == lobby
    assert words(Message.objects.get().body) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("template", [*RARE, *LETTERS])
def test_a_page_or_letter_that_few_see_has_no_english_left(
    language: str, template: str, rf: RequestFactory
) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    with translation.override(language):
        text = render_to_string(template, dict.fromkeys(NAMED, "甲"), request)
    assert foreign(re.sub(r"https?://\S+", "", text)) == []


def test_the_pages_scripts_get_their_words_with_one_plural_form(language: str) -> None:
    spoken = json.loads(catalogue_json(language))
    assert spoken["plural"] == "0"
    assert len(spoken["catalog"]) > 50
    assert {len(forms) for forms in spoken["catalog"].values() if isinstance(forms, list)} == {1}


@pytest.mark.django_db
def test_what_scripts_say_is_on_the_page_in_the_readers_language(
    reader: Client, places: dict[str, int], language: str
) -> None:
    reader.force_login(User.objects.get(display_name="小波"))
    html = reader.get(f"/rooms/{places['room']}/").content.decode()
    assert catalogue_json(language) in html


def test_the_admins_scripts_say_our_words_over_djangos(
    reader: Client, places: dict[str, int]
) -> None:
    reader.force_login(User.objects.get(display_name="安达"))
    script = reader.get("/admin/jsi18n/").content.decode()
    assert json.dumps("共 %(cnt)s ").strip('"') in script
    assert '"Today"' in script
