"""Texts as people type them: English and Chinese, few words often and many seldom, some emoji.

The vocabulary follows Zipf's law, as spoken language does, so that there are words in every
sixth message and words in three of a million. The same seed says the same.
"""

from __future__ import annotations

import random
from itertools import accumulate

_ENGLISH = (
    "the to and a of in is it you that for on was i we be have with this are not but at they can "
    "if so what there all just do like or will one get my me about out up time no when go know "
    "think see how make good new work day after here need tea coffee meeting thanks maybe later"
).split()
_CHINESE = (
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多"
    "然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头"
)
_SYLLABLES = [
    first + vowel
    for first in "b c d f g h k l m n p r s t v w z ch sh th tr".split()
    for vowel in "a e i o u ai ea oo er in".split()
]
_RARE_HAN = range(0x4E00, 0x9F00)
ENGLISH_WORDS, CHINESE_WORDS = 40_000, 12_000


class Chatter:
    """A source of messages."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._english = _Vocabulary(self._chance, [*_ENGLISH, *self._made_up(ENGLISH_WORDS)])
        self._chinese = _Vocabulary(self._chance, self._chinese_words(CHINESE_WORDS))

    def message(self) -> str:
        """Return what somebody says next."""
        kind = self._chance.random()
        if kind < 0.6:
            return self._english_message()
        if kind < 0.97:
            return self._chinese_message()
        return self._chance.choice(("👍", "ok", "😂😂", "+1", "好", "嗯嗯", "lol"))

    def words_by_frequency(self, count: int) -> dict[str, list[str]]:
        """Return ``count`` words of each kind: English and Chinese, frequent and rare."""
        pairs = [word for word in self._chinese.ranked if len(word) == 2]
        english = self._english.ranked
        return {
            "frequent English words": english[:count],
            "rare English words": english[len(english) // 2 :][:count],
            "frequent pairs of Chinese characters": pairs[:count],
            "rare pairs of Chinese characters": pairs[-count:],
        }

    def _english_message(self) -> str:
        text = " ".join(self._english.words(self._length(2.4))).capitalize()
        extra = self._chance.random()
        if extra < 0.03:
            return f"{text} https://example.org/{self._chance.randrange(10**6)}"
        return f"{text} 😀" if extra < 0.08 else f"{text}{'.?!'[int(extra * 30) % 3]}"

    def _chinese_message(self) -> str:
        words = self._chinese.words(self._length(2.0))
        clauses = ["".join(words[at : at + 5]) for at in range(0, len(words), 5)]
        return f"{'，'.join(clauses)}{self._chance.choice('。？！')}"

    def _length(self, mean: float) -> int:
        return max(1, min(80, int(self._chance.lognormvariate(mean, 0.7))))

    def _made_up(self, count: int) -> list[str]:
        words = (
            "".join(self._chance.choices(_SYLLABLES, k=self._chance.choice((2, 2, 2, 3, 3, 4))))
            for _ in range(2 * count)
        )
        return list(dict.fromkeys(words))[:count]

    def _chinese_words(self, count: int) -> list[str]:
        han = [*_CHINESE, *map(chr, self._chance.sample(_RARE_HAN, 2_500))]
        characters = _Vocabulary(self._chance, han)
        lengths = self._chance.choices((1, 2, 2, 2, 2, 3), k=count)
        return ["".join(characters.words(length)) for length in lengths]


class _Vocabulary:
    """Words of which the second comes about half as often as the first, and so on."""

    def __init__(self, chance: random.Random, words: list[str]) -> None:
        self._chance = chance
        self.ranked = words
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))

    def words(self, count: int) -> list[str]:
        return self._chance.choices(self.ranked, cum_weights=self._weights, k=count)
