"""The catalogues hold every sentence that is marked in the code, and are compiled."""

from __future__ import annotations

import gettext
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.languages.po_files import DOMAINS, LOCALES, ROOT, Entry, entries, po_path

CATALOGUES = [(locale, domain) for locale in LOCALES for domain in DOMAINS]


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the catalogues in a copy of the project, in which all was gathered anew."""
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is missing: whether the catalogues are whole is not tested.")
    copy = tmp_path_factory.mktemp("project")
    for folder in ("chat", "chatsite", "templates"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    subprocess.run([sys.executable, "manage.py", "catalogues"], cwd=copy, check=True)
    return copy / "chat" / "locale"


@pytest.mark.parametrize(("locale", "domain"), CATALOGUES)
def test_every_marked_sentence_is_in_the_catalogue_and_no_other(
    gathered: Path, locale: str, domain: str
) -> None:
    marked = {entry.key for entry in entries(po_path(locale, domain, gathered))}
    committed = {entry.key for entry in entries(po_path(locale, domain))}
    assert len(marked) > 50
    assert marked - committed == set(), "run make messages, and translate what is new"
    assert committed - marked == set(), "run make messages: nothing says this any more"


@pytest.mark.parametrize(("locale", "domain"), CATALOGUES)
def test_the_compiled_catalogue_says_what_its_source_says(locale: str, domain: str) -> None:
    source = entries(po_path(locale, domain))
    compiled = po_path(locale, domain).with_suffix(".mo")
    with compiled.open("rb") as file:
        translation = gettext.GNUTranslations(file)
    stale = [entry.key for entry in source if _told(translation, entry) != entry.translations[0]]
    assert stale == [], "run make messages"
    # The header is one more; format of the file: gettext's manual, "MO Files".
    assert struct.unpack_from("<I", compiled.read_bytes(), 8) == (len(source) + 1,)


def _told(translation: gettext.GNUTranslations, entry: Entry) -> str:
    context, sentence = entry.key
    if entry.plural is None:
        return translation.pgettext(context, sentence) if context else translation.gettext(sentence)
    if context:
        return translation.npgettext(context, sentence, entry.plural, 5)
    return translation.ngettext(sentence, entry.plural, 5)


@pytest.mark.parametrize(("locale", "domain"), CATALOGUES)
def test_nothing_is_untranslated_guessed_or_left_over(locale: str, domain: str) -> None:
    path = po_path(locale, domain)
    assert [entry.key for entry in entries(path) if not all(entry.translations)] == []
    assert [entry.key for entry in entries(path) if "fuzzy" in entry.flags] == []
    assert "\n#~" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("locale", "domain"), CATALOGUES)
def test_chinese_has_one_form_for_all_numbers(locale: str, domain: str) -> None:
    path = po_path(locale, domain)
    assert '"Plural-Forms: nplurals=1; plural=0;\\n"' in path.read_text(encoding="utf-8")
    assert {len(entry.translations) for entry in entries(path)} == {1}
