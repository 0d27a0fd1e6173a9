"""From a text that somebody handed in to plain data, with bounds: what is too deep or cannot be kept is refused.

The parsers alone would work for minutes on one long dotted key, or give up with an error of the machine.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

# Deeper than any instrument by far.
MOST_LEVELS = 12
# A dotted key is a level a dot, and the parser's work grows with the square of them. No line of a file has ten.
MOST_DOTS = 60
# Brackets still open at one place of the text: far from what any Python gives up at.
MOST_OPEN = 100
QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
TOO_DEEP = f"嵌套超过{MOST_LEVELS}层，请按示例的格式填写"


class Undecodable(ValueError):
    """A text that cannot be used. The message is a Chinese clause without a full stop: where, what, and the remedy."""


def decode_toml(text: str) -> dict[str, Any]:
    """The content of a TOML text. Undecodable names the line of a syntax error."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > MOST_DOTS:
            raise Undecodable(f"第{number}行的“.”超过{MOST_DOTS}个，请核对是否贴错")
    _check_brackets(text)
    content: dict[str, Any] = _decoded(lambda: tomllib.loads(text.replace("\r\n", "\n")), "TOML")
    return content


def decode_json(text: str) -> Any:
    """The content of a JSON text. Undecodable names the line of a syntax error."""
    _check_brackets(text)
    return _decoded(lambda: json.loads(text), "JSON")


def _check_brackets(text: str) -> None:
    depth = 0
    for character in QUOTED.sub("", text):
        if character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        if depth > MOST_OPEN:
            raise Undecodable(TOO_DEEP)


def _decoded(parse: Callable[[], Any], form: str) -> Any:
    try:
        content = parse()
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise Undecodable(f"不是有效的 {form}{_where(error)}") from None
    except ValueError:
        # Python's own bound on the digits of a number.
        raise Undecodable(f"不是有效的 {form}：有一个数字太长") from None
    _check(content, MOST_LEVELS)
    return content


def _where(error: ValueError) -> str:
    """The place of a syntax error. The parsers' own words are English and not the same in every Python."""
    line = re.search(r"\bline (\d+)", str(error))
    return f"，请核对第{line[1]}行" if line else "，请核对文件末尾是否完整"


def _check(value: Any, levels: int) -> None:
    if levels == 0:
        raise Undecodable(TOO_DEEP)
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise Undecodable("文字中有不能保存的字符（NUL 或者不成对的代理字符），请删除")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            _check(key, levels)
            _check(each, levels - 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, levels - 1)
    elif isinstance(value, int) and abs(value) >= 2**63:
        raise Undecodable("有一个数字太长，请核对")
    elif not isinstance(value, int | float | date | None):
        # A time of day, which no file has.
        raise Undecodable(f"“{value}”不是文字、数字或日期，请核对")
