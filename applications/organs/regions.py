"""Administrative divisions (GB/T 2260): of Jiangsu the province 320000, 13 cities, 95 counties and districts; of the
others the province."""

import csv
from functools import cache
from pathlib import Path

PROVINCE = "320000"
# Provinces other than Jiangsu, by the first two digits of GB/T 2260.
OTHER_PROVINCES = {
    "11": "北京市",
    "12": "天津市",
    "13": "河北省",
    "14": "山西省",
    "15": "内蒙古自治区",
    "21": "辽宁省",
    "22": "吉林省",
    "23": "黑龙江省",
    "31": "上海市",
    "33": "浙江省",
    "34": "安徽省",
    "35": "福建省",
    "36": "江西省",
    "37": "山东省",
    "41": "河南省",
    "42": "湖北省",
    "43": "湖南省",
    "44": "广东省",
    "45": "广西壮族自治区",
    "46": "海南省",
    "50": "重庆市",
    "51": "四川省",
    "52": "贵州省",
    "53": "云南省",
    "54": "西藏自治区",
    "61": "陕西省",
    "62": "甘肃省",
    "63": "青海省",
    "64": "宁夏回族自治区",
    "65": "新疆维吾尔自治区",
}


@cache
def _names() -> dict[str, str]:
    with (Path(__file__).parent / "data" / "regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def exists(code: str) -> bool:
    return code in _names()


def name(code: str) -> str:
    """江苏省, 南京市, 南京市玄武区, 安徽省 for all in it; the code itself where it is unknown."""
    names = _names()
    if code not in names:
        return OTHER_PROVINCES.get(code[:2], code)
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


def choices_in(region: str) -> list[tuple[str, str]]:
    """Code and label of each division that one covers, itself included, in the order of the codes: for a form."""
    return [(code, f"{code} {name(code)}") for code in sorted(codes()) if covers(region, code)]


def cities() -> list[str]:
    return [code for code in _names() if code.endswith("00") and code != PROVINCE]
