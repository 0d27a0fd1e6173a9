"""Days in the words in which letters, pages and messages give them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from rules.periods import CACHE_SIZE

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@lru_cache(maxsize=CACHE_SIZE)
def day_in_words(day: date) -> str:
    """2026年12月2日, as official documents are dated."""
    return f"{day.year}年{day.month}月{day.day}日"


def day_and_weekday(day: date) -> str:
    """2026年12月2日（周三）"""
    return f"{day_in_words(day)}（{WEEKDAYS[day.weekday()]}）"


ENGLISH_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def day_in_english(day: date) -> str:
    """2 December 2026"""
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


def day_and_english_weekday(day: date) -> str:
    """2 December 2026 (Wed)"""
    return f"{day_in_english(day)} ({ENGLISH_WEEKDAYS[day.weekday()]})"
