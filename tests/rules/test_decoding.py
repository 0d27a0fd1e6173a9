"""Whatever text is handed in as a calendar, as implementing rules or as a policy is read or refused in words."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path

import pytest

from applications.policies.reading import LONGEST_TEXT, read_overlay, read_policy
from rules.decoding import MOST_DOTS, Undecodable, decode_json, decode_toml
from rules.errors import RulesError
from rules.notices import LONGEST_NOTICE, read_notice

ROOT = Path(__file__).resolve().parents[2]
OVERLAY = """
id = "nj-1"
title = "南京市细则"
document = "宁市监规〔2026〕1号"
base = "jiangsu-2020-4"
effective_from = 2027-01-01
domains = ["food_drug"]
[severities.general]
source = { article = "三" }
conditions = ["training_completed"]
[severities.general.minimum]
amount = 6
unit = "months"
source = { article = "三" }
[clocks.decision]
working_days = 5
source = { article = "四" }
"""
# What a place in a file may hold by mistake or by malice.
STRANGE = (
    *(None, True, 0, -1, 10**18, 10**30, 1.5, float("inf"), float("nan"), "", " ", "x", "9" * 5000),
    *("\0", "\ud800", "2026-02-30", "9999-12-31", "0001-01-01", [], {}, [[]], [None], [{}], {"x": 1}),
)


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Every place in nested data."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += places(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value[:2]):
            found += places(each, (*path, index))
    return found


def replaced(value: object, path: tuple, other: object) -> object:
    changed = copy.deepcopy(value)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = other
    return changed


def read_or_refused(read, text: str) -> None:
    try:
        read(text)
    except RulesError as refusal:
        words = str(refusal)
        assert any("\u4e00" <= character <= "\u9fff" for character in words), words
        assert len(words) < 6000


def as_toml(value: object) -> str:
    """Data as TOML, each table inline; what TOML cannot say is left as JSON says it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(each) for each in value) + "]"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, bool | int | str) or value is None:
        return json.dumps(value)
    return str(value)


def document(content: dict) -> str:
    return "\n".join(f"{json.dumps(key)} = {as_toml(each)}" for key, each in content.items())


@pytest.mark.parametrize("other", STRANGE, ids=lambda each: repr(each)[:12])
def test_anything_in_any_place_of_implementing_rules(other):
    content = tomllib.loads(OVERLAY)
    read_overlay(document(content))
    for place in places(content):
        read_or_refused(read_overlay, document(replaced(content, place, other)))


@pytest.mark.parametrize("other", STRANGE, ids=lambda each: repr(each)[:12])
def test_anything_in_any_place_of_a_policy(other):
    content = tomllib.loads(sorted((ROOT / "rules/policies").glob("*.toml"))[0].read_text(encoding="utf-8"))
    read_policy(document(content))
    for place in places(content):
        read_or_refused(read_policy, document(replaced(content, place, other)))


@pytest.mark.parametrize("other", STRANGE, ids=lambda each: repr(each)[:12])
def test_anything_in_any_place_of_a_calendar(other):
    text = (ROOT / "rules/calendars/2026.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    for place in places(content):
        changed = replaced(content, place, other)
        read_or_refused(
            read_notice, f"year = {as_toml(changed.get('year'))}\n" + document(without_year(changed))
        )
    days = read_notice(text).to_json()
    for place in places(days):
        read_or_refused(read_notice, json.dumps(replaced(days, place, other)))


def without_year(content: dict) -> dict:
    return {key: each for key, each in content.items() if key != "year"}


NESTED = {
    "arrays": "year = 2027\na = " + "[" * 9000,
    "closed arrays": "year = 2027\na = " + "[" * 9000 + "]" * 9000,
    "tables": "year = 2027\na = " + "{a = " * 3000,
    "a dotted key": "year = 2027\n" + ".".join("a" * 9000) + " = 1",
    "a dotted header": "year = 2027\n[" + ".".join("a" * 9000) + "]",
    "many dotted keys": "year = 2027\n" + "\n".join(f"a{n}." + "b." * 50 + "c = 1" for n in range(150)),
    "a long number": "year = " + "9" * 15000,
    "a long hexadecimal number": "year = 0x" + "f" * 15000,
    "levels": "year = 2027\na = " + "[" * 20 + "]" * 20,
    "an open string": 'year = 2027\na = """' + "\\\n" * 5000,
    "NUL": 'year = 2027\ntitle = "a\\u0000b"',
    "a time": "year = 2027\na = 12:00:00",
    "commas": "date,working,name\n" + "," * 15000,
    "quotes": "date,working,name\n" + '"' * 15001,
    "days": "1月1日" * 4000,
    "brackets": "（" * 15000,
    "spaces": "国务院办公厅" + " " * 15000,
    "numbers": "9" * 15000 + "年放假调休，共" + "9" * 4000 + "天",
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("read", (read_notice, read_overlay, read_policy))
def test_nested_and_huge_texts_are_refused_in_words(read, text):
    assert len(text) <= min(LONGEST_NOTICE, LONGEST_TEXT)
    with pytest.raises(RulesError, match=r"[\u4e00-\u9fff]"):
        read(text)


@pytest.mark.parametrize(
    "text", ("[" * 100_000, '{"a":' * 100_000, "[" * 5000 + "]" * 5000, "9" * 5000, '"\\ud800"')
)
def test_json_is_bounded_too(text):
    with pytest.raises(Undecodable, match=r"嵌套超过|太长|不能保存"):
        decode_json(text)


def test_what_is_quoted_counts_for_nothing():
    told = decode_json(json.dumps({"a": "[" * 500 + "{" * 500 + '\\"' * 50}))
    assert len(told["a"]) > 1000
    assert decode_toml(f'a = "{"." * MOST_DOTS}"') == {"a": "." * MOST_DOTS}
