"""The profile: name, colour, language, time zone, theme; in the reader's own words and hours."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from chat import avatars
from chat.actions.profile import update_profile
from chat.errors import BadFieldError, NameTakenError
from chat.models import User

pytestmark = pytest.mark.django_db
PROFILE = "/profile/"
FORM = {"display_name": "bob", "hue": "90", "language": "", "time_zone": "", "theme": ""}


@pytest.fixture
def page(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


def test_bob_changes_what_others_see(page: Client, bob: User) -> None:
    form = {**FORM, "display_name": "  王小明 ", "hue": "345", "time_zone": "Asia/Shanghai"}
    assert page.post(PROFILE, form).status_code == 302
    bob.refresh_from_db()
    assert (bob.display_name, bob.hue, bob.time_zone) == ("王小明", 345, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"display_name": ""}, "display_name"),
        ({"display_name": "x" * 41}, "display_name"),
        ({"display_name": "😀"}, "display_name"),
        ({"display_name": "owner"}, "display_name"),
        ({"hue": "7"}, "hue"),
        ({"hue": "-15"}, "hue"),
        ({"hue": "red"}, "hue"),
        ({"language": "tlh"}, "language"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": "Asia"}, "time_zone"),
        ({"theme": "<b>"}, "theme"),
    ],
)
def test_a_bad_field_says_so_and_changes_nothing(
    page: Client, bob: User, change: dict[str, str], field: str
) -> None:
    answer = page.post(PROFILE, {**FORM, **change})
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    before = bob.hue
    bob.refresh_from_db()
    assert (bob.display_name, bob.hue) == ("bob", before)


def test_bob_cannot_take_adas_name_nor_one_like_it(page: Client, bob: User, ada: User) -> None:
    for name in ("ada", "Аda"):
        answer = page.post(PROFILE, {**FORM, "display_name": name})
        assert answer.context["form"].errors["display_name"] == [str(NameTakenError.sentence)]


def test_bob_may_write_his_own_name_differently(page: Client, bob: User) -> None:
    assert page.post(PROFILE, {**FORM, "display_name": "Bob"}).status_code == 302
    bob.refresh_from_db()
    assert bob.display_name == "Bob"


@pytest.mark.parametrize("hue", [-1, 360])
def test_the_action_itself_minds_the_colour(bob: User, hue: int) -> None:
    with pytest.raises(BadFieldError):
        update_profile(actor=bob, hue=hue)


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get(PROFILE).headers["Location"].startswith("/accounts/login/")
    assert client.post(PROFILE, FORM).status_code == 302


def test_without_csrf_nothing_is_changed(bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post(PROFILE, {**FORM, "display_name": "Robert"}).status_code == 403


def test_the_page_speaks_the_language_of_the_profile(page: Client, bob: User) -> None:
    page.post(PROFILE, {**FORM, "language": "zh-hant"})
    answer = page.get(PROFILE, headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "zh-hant"
    assert b'lang="zh-hant"' in answer.content


def test_strangers_get_the_browsers_language_or_the_one_they_picked(client: Client, ada) -> None:
    sign_in = "/accounts/login/"
    answer = client.get(sign_in, headers={"accept-language": "zh-CN,zh;q=0.9"})
    assert answer.headers["Content-Language"] == "zh-hans"
    client.post("/language/", {"language": "zh-hant", "next": sign_in})
    answer = client.get(sign_in, headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "zh-hant"


def test_the_switch_sends_nobody_to_a_foreign_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("cookie", ["Mars/Olympus", "../../etc/passwd", "Asia", "\x00", "x" * 4000])
def test_a_strange_time_zone_cookie_is_no_fault(client: Client, cookie: str) -> None:
    client.cookies["time_zone"] = cookie
    assert client.get("/accounts/login/").status_code == 200
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_theme_is_kept_in_the_browser(page: Client) -> None:
    page.post(PROFILE, {**FORM, "theme": "dark"})
    assert b'data-theme="dark"' in page.get(PROFILE).content
    page.post(PROFILE, FORM)
    assert b"data-theme" not in page.get(PROFILE).content
    page.cookies["theme"] = '"><script>'
    assert b"data-theme" not in page.get(PROFILE).content


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("王小明", "小明"),
        ("李", "李"),
        ("王小明 🐱", "小明"),
        ("Ada Lovelace", "AL"),
        ("Augusta Ada King", "AK"),
        ("bob", "B"),
        ("élodie", "É"),
        ("3 blind mice", "3M"),
        ("田中 さくら", "くら"),
        ("—", "?"),
    ],
)
def test_initials_are_the_last_of_a_chinese_name_and_the_first_of_others(
    name: str, initials: str
) -> None:
    assert avatars.initials(name) == initials


def test_every_hue_has_one_of_24_colours() -> None:
    assert {avatars.hue_class(hue) for hue in range(360)} == {f"hue-{n}" for n in range(24)}
    assert all(avatars.hue_of(f"name {n}") in range(0, 360, 15) for n in range(500))
