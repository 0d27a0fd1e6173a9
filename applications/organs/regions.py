"""Administrative divisions of Jiangsu (GB/T 2260): province 320000, 13 cities, 95 counties and districts."""

import csv
from functools import cache
from pathlib import Path

PROVINCE = "320000"


@cache
def _names() -> dict[str, str]:
    with (Path(__file__).parent / "data" / "regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def exists(code: str) -> bool:
    return code in _names()


def name(code: str) -> str:
    """江苏省, 南京市, 南京市玄武区; the code itself where it is unknown."""
    names = _names()
    if code not in names:
        return code
    city = city_of(code)
    return names[code] if code in (city, PROVINCE) else names[city] + names[code]


def city_of(code: str) -> str:
    """The code of the city that a division belongs to; the province's own for the province."""
    return code[:4] + "00"


def prefix(code: str) -> str:
    """The digits that a division shares with everything inside it: 32, 3201 or all six."""
    if code == PROVINCE:
        return code[:2]
    return code[:4] if code == city_of(code) else code


def covers(wide: str, narrow: str) -> bool:
    """Whether one division is the other or contains it."""
    return narrow.startswith(prefix(wide))


def codes() -> list[str]:
    return list(_names())


def cities() -> list[str]:
    return [code for code in _names() if code.endswith("00") and code != PROVINCE]
