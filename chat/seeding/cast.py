"""The people of the small world, and the rooms they meet in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Character:
    """Somebody of the small world. ``hue`` in degrees, ``language`` that of their pages."""

    name: str
    hue: int
    language: str
    others: tuple[str, ...] = ()

    @property
    def speaks(self) -> set[str]:
        """The languages in which they talk; here everybody has some English."""
        return {"en", self.language[:2], *self.others}


@dataclass(frozen=True)
class Place:
    """A room: whose it is, who is in it, and which file says what is talked about.

    ``people`` are places in ``CAST``; the first owns the room, the second moderates it.
    """

    name: str
    topic: str
    talk: str
    messages: int
    people: tuple[int, ...]
    ended_days_ago: int = 0
    """When it was over and was archived; 0 for a room where people still talk."""

    @property
    def is_over(self) -> bool:
        return self.ended_days_ago > 0


CAST = (
    Character("Mara Lindqvist", 165, "en", ("zh",)),
    Character("Tom Okafor", 30, "en"),
    Character("Priya Raman", 285, "en"),
    Character("Jonas Weber", 210, "en", ("zh",)),
    Character("Elif Demir", 345, "en"),
    Character("Sam Whitfield", 60, "en", ("he",)),
    Character("Noor Haddad", 120, "en", ("ar",)),
    Character("Yael Mor", 255, "en", ("he", "ar")),
    Character("林晓雨", 330, "zh-hans"),
    Character("陈立", 195, "zh-hans"),
    Character("周子涵", 90, "zh-hans"),
    Character("張雅婷", 15, "zh-hant"),
    Character("李家豪", 225, "zh-hant"),
    Character("王思穎", 300, "zh-hant"),
)
OWNER = 0
"""Whose account owns the site, where it had no owner yet."""
STAFF = 2
"""Who moderates the whole site."""

ROOMS = (
    Place(
        "Kitchen table",
        "Whatever is on your mind. Coffee is on the left.",
        "kitchen",
        498,
        (0, 4, 1, 2, 3, 5, 6, 7, 8, 9, 11, 12),
    ),
    Place(
        "Engineering",
        "What we build, what broke, and what we learned. Incidents: say so in the first line.",
        "engineering",
        500,
        (1, 2, 0, 3, 5, 7, 9, 10, 12),
    ),
    Place(
        "Book club",
        "This month: The Left Hand of Darkness. No spoilers past chapter ten!",
        "books",
        240,
        (4, 0, 2, 6, 7, 8, 13),
    ),
    Place(
        "周末徒步",
        "路线、天气、装备，谁开车。出发前一天晚上八点定下来。",
        "hiking",
        270,
        (8, 9, 10, 3, 12, 0),
    ),
    Place(
        "前端与设计",
        "页面、字体、间距，还有永远调不好的那一个像素",
        "frontend",
        250,
        (10, 8, 9, 12, 7, 0),
    ),
    Place(
        "咖啡與麵包",
        "好喝的、好吃的、剛出爐的。歡迎帶照片和食譜。",
        "coffee",
        210,
        (11, 12, 13, 8, 6, 0),
    ),
    Place(
        "搬新辦公室",
        "三月搬家的清單和分工。搬完了，留著當紀錄。",
        "moving",
        32,
        (12, 11, 13, 0),
        ended_days_ago=9,
    ),
)
