"""The two languages, a browser that asks for each; and a clean count of attempts for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

LANGUAGES = {"zh-hans": "zh-CN,zh;q=0.9,en;q=0.8", "zh-hant": "zh-TW,zh;q=0.9,en;q=0.8"}


@pytest.fixture(autouse=True)
def nobody_has_tried_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader(language: str) -> Client:
    """A browser that asks for the language."""
    return Client(headers={"accept-language": LANGUAGES[language]})
