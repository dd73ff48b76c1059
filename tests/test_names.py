"""Names: kept clean, refused with the right sentence, told apart by how they look."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import names
from chat.errors import BadNameError

GOOD = {
    "Ada": "Ada",
    "  Ada   Lovelace ": "Ada Lovelace",
    "Ada\u00a0L": "Ada L",
    "Ａｄａ": "Ada",
    "王小明": "王小明",
    "王小明 🐱": "王小明 🐱",
    "O’Brien": "O’Brien",
    "Đặng Thị": "Đặng Thị",
    "राम": "राम",
    "عبد الله": "عبد الله",
    "3": "3",
    "x" * 40: "x" * 40,
}

BAD = {
    "": "Please choose",
    "   ": "Please choose",
    "x" * 41: "at most 40",
    "ﷺ" * 3: "at most 40",
    "two\nlines": "control characters",
    "tab\there": "control characters",
    "nul\0": "control characters",
    "line\u2028separator": "control characters",
    "zero\u200bwidth": "invisible",
    "joined\u200d": "invisible",
    "over\u202eride": "invisible",
    "isolate\u2066": "invisible",
    "tag\U000e0041": "invisible",
    "soft\u00adhyphen": "invisible",
    "private\ue000": "no agreed meaning",
    "unassigned\u0378": "no agreed meaning",
    "half\ud800": "broken",
    "tower" + "\u0336" * 3: "marks",
    "\u0301first": "marks",
    "ring\u20dd": "enclose",
    "filler\u3164": "cannot have the character",
    "grapheme\u034fjoiner": "cannot have the character",
    "variation\ufe0f": "cannot have the character",
    "😀": "letter or digit",
    "#$%": "letter or digit",
    "ada@example.org": "e-mail address",
    "admin": "kept for the site",
    "Admin": "kept for the site",
    "аdmin": "kept for the site",
    "A.d-m_i n": "kept for the site",
    "ｓｙｓｔｅｍ": "kept for the site",
    "M0derat0r": "kept for the site",
    "管理员": "kept for the site",
    "系統": "kept for the site",
}

LOOK_THE_SAME = [
    ("Ada", "ada"),
    ("Ada", "Аdа"),
    ("ada", "ａｄａ"),
    ("Bill", "BiIl"),
    ("bill", "BILL"),
    ("Ilya", "ilya"),
    ("paypal", "paypa1"),
    ("modern", "rnodern"),
    ("Nina", "Νina"),
    ("José", "JOSÉ"),
    ("José", "Jose\u0301"),
    ("bob", "b\u200bob"),
    ("Scope", "Ѕсоре"),
    ("力", "カ"),
    ("zero", "zer0"),
]

LOOK_DIFFERENT = [
    ("Ada", "Eda"),
    ("José", "Jose"),
    ("王小明", "王小朋"),
    ("bob", "bobby"),
    ("ada l", "adal"),
    ("team 2", "team 3"),
]


@pytest.mark.parametrize(("raw", "kept"), GOOD.items())
def test_a_good_name_is_kept_clean(raw: str, kept: str) -> None:
    assert names.clean_name(raw) == kept


@pytest.mark.parametrize(("raw", "part"), BAD.items())
def test_a_bad_name_is_refused_with_what_is_wrong(raw: str, part: str) -> None:
    with pytest.raises(BadNameError) as refused:
        names.clean_name(raw)
    assert part in refused.value.text


@pytest.mark.parametrize(("one", "other"), LOOK_THE_SAME)
def test_names_that_look_the_same_have_one_skeleton(one: str, other: str) -> None:
    assert names.skeleton(one) == names.skeleton(other)


@pytest.mark.parametrize(("one", "other"), LOOK_DIFFERENT)
def test_names_that_can_be_told_apart_have_two(one: str, other: str) -> None:
    assert names.skeleton(one) != names.skeleton(other)


def test_no_two_digits_look_the_same() -> None:
    assert len({names.skeleton(digit) for digit in "0123456789"}) == 10


@given(st.text(st.characters(), max_size=60))
def test_any_text_at_all_is_kept_or_refused(raw: str) -> None:
    skeleton = names.skeleton(raw)
    assert names.skeleton(skeleton) == skeleton
    assert len(skeleton) <= names.MAX_SKELETON_CHARS
    try:
        name = names.clean_name(raw)
    except BadNameError:
        return
    assert 1 <= len(name) <= names.MAX_NAME_CHARS
    assert names.clean_name(name) == name
