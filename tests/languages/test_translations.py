"""Each translation keeps the parts of its sentence, and to the script and marks of its language."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.languages.po_files import LOCALES, Entry, all_entries

PART = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+>")
HAN = "[\u3400-\u9fff]"
# A character set that knows the one script and not the other.
SCRIPTS = {"zh_Hans": "gb2312", "zh_Hant": "big5"}
# What the one says and the other does not, and what neither says here (docs/translating.md).
STRANGERS = {
    "zh_Hans": "房间 频道 讯息 登陆 帐号 两步验证 版主 游客 您 「 」",
    "zh_Hant": "房間 頻道 消息 信息 用戶 賬號 登錄 設置 鏈接 保存 搜索 服務器 網絡 默認 您 “ ”"
    " 臺 箇 稽核 只讀 詞語 後臺 兩步驟驗證 版主 遊客",
}


def _each() -> list[tuple[str, str, Entry]]:
    return [(locale, text, entry) for locale, entry in all_entries() for text in entry.translations]


def test_every_part_of_a_sentence_is_in_its_translation() -> None:
    differing = [
        (entry.key, text)
        for _, text, entry in _each()
        if Counter(PART.findall(text)) != Counter(PART.findall(entry.plural or entry.key[1]))
    ]
    assert differing == []


@pytest.mark.parametrize("locale", LOCALES)
def test_each_language_keeps_to_its_own_script(locale: str) -> None:
    foreign = {
        character
        for its_locale, text, _ in _each()
        for character in re.findall(HAN, text)
        if its_locale == locale and not _knows(SCRIPTS[locale], character)
    }
    assert foreign == set()


def _knows(charset: str, character: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("locale", LOCALES)
def test_each_language_keeps_to_its_own_words(locale: str) -> None:
    strangers = STRANGERS[locale].split()
    said = [
        (stranger, text)
        for its_locale, text, _ in _each()
        for stranger in strangers
        if its_locale == locale and stranger in text
    ]
    assert said == []


def test_punctuation_beside_han_is_full_width() -> None:
    narrow = re.compile(rf'{HAN}[,.:;?!()"]|[,;?!()"]{HAN}')
    assert [text for _, text, _ in _each() if narrow.search(PART.sub("", text))] == []


def test_latin_and_han_have_a_space_between_them() -> None:
    tight = re.compile(
        rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}|[，。：？！、（）“”「」] | [，。：？！、）”」]"
    )
    assert [text for _, text, _ in _each() if tight.search(PART.sub("¤", text))] == []


def test_a_sentence_ends_in_chinese_where_it_ends_in_english() -> None:
    ends = {".": "。", "?": "？", ":": "：", "…": "…"}
    unlike = [
        (entry.key[1], text)
        for _, text, entry in _each()
        for mark, full in ends.items()
        if entry.key[1].endswith(mark) and not text.endswith(("。", "？", full))
    ]
    assert unlike == []
