"""What the room page's JavaScript relies on: the map of its modules, its icons, its words."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.utils import translation

from chat.templatetags import catalogue, icon_stock, import_map

STATIC = import_map.MODULES.parent.parent
MODULES = sorted(import_map.MODULES.rglob("*.js"))
IMPORT = re.compile(r'^(?:import|export)\b[^"]*?from "([^"]+)"', re.MULTILINE)
# What would bring text to life as markup or code: Trusted Types refuse it in the browser.
SINKS = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
BROWSER = re.compile(r"(?<![.\w])(?:document|window|localStorage|location)\.\w")
ICON = re.compile(r'(?:\bicon|iconButton|\bitem|roleMark)\(\s*"([a-z0-9-]+)"')
WORDS = re.compile(r"\bn?gettext\(\s*([^\s\"])")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_import_leads_to_a_module_that_the_map_knows(path: Path) -> None:
    known = {f"/static/{name}" for name in import_map.module_names()}
    for specifier in IMPORT.findall(read(path)):
        target = (path.parent / specifier).resolve()
        assert f"/static/{target.relative_to(STATIC).as_posix()}" in known


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_turns_text_into_markup_or_code(path: Path) -> None:
    assert SINKS.findall(read(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_sentence_is_a_literal_that_makemessages_can_find(path: Path) -> None:
    if path.stem != "i18n":
        assert WORDS.findall(read(path)) == []


def test_models_know_no_document() -> None:
    for path in (import_map.MODULES / "models").glob("*.js"):
        assert BROWSER.findall(read(path)) == [], path.name


def test_the_page_has_every_icon_that_its_modules_draw() -> None:
    drawn = {name for path in MODULES for name in ICON.findall(read(path))}
    assert drawn <= set(icon_stock.NAMES)
    assert len(drawn) > 10


def test_the_map_is_one_json_object_under_the_nonce() -> None:
    text = import_map.import_map("abc")
    found = re.fullmatch(r'<script type="importmap" nonce="abc">(.*)</script>', text)
    assert found is not None
    imports = json.loads(found[1])["imports"]
    assert set(imports) == {f"/static/{name}" for name in import_map.module_names()}


def test_a_hostile_nonce_cannot_leave_its_attribute() -> None:
    assert '"><b>' not in import_map.import_map('"><b>')


def test_every_module_is_found_by_the_static_files_finders() -> None:
    assert all(finders.find(name) for name in import_map.module_names())


class _Scripts(HTMLParser):
    """The text of the first script element."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_catalogue_is_json_that_stays_in_its_element(language: str) -> None:
    with translation.override(language):
        text = catalogue.catalogue()
    parser = _Scripts()
    parser.feed(text)
    words = json.loads("".join(parser.texts))
    assert set(words) == {"catalog", "plural"}


def test_a_translated_sentence_cannot_close_the_element(monkeypatch: pytest.MonkeyPatch) -> None:
    def hostile(self: Any) -> dict[str, str]:
        return {"Live": "</script><script>alert(1)</script><!--\u2028"}

    monkeypatch.setattr(catalogue.JSONCatalog, "get_catalog", hostile)
    text = catalogue.catalogue_json.__wrapped__("en")
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text)["catalog"]["Live"].startswith("</script>")
