"""Reading a TOML table strictly: every key is asked for once, and what was not asked for is an error."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rules.decoding import Undecodable, decode_toml
from rules.errors import PolicyFileError

# Longer than any period or clock of the law; a slip of the keyboard is caught here.
LARGEST_NUMBER = 1200


class Table:
    """One table of a policy or overlay file. `where` names the file, `key` the path of the table in it."""

    def __init__(self, content: object, where: str, key: str = "") -> None:
        if not isinstance(content, Mapping):
            raise PolicyFileError(where, key, "应为表（键值对）")
        self._content = content
        self._asked: set[str] = set()
        self.where = where
        self.key = key

    def path(self, name: str) -> str:
        """The full key of an entry, as errors name it."""
        return f"{self.key}.{name}" if self.key else name

    def fail(self, name: str, broken_rule: str) -> PolicyFileError:
        """The error of one entry."""
        return PolicyFileError(self.where, self.path(name), broken_rule)

    def has(self, name: str) -> bool:
        """Whether the entry is there; null counts as absent, because TOML has no null."""
        self._asked.add(name)
        return self._content.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A non-empty text."""
        if not self.has(name):
            if default is None:
                raise self.fail(name, "缺少这一项，应为文字")
            return default
        value = self._content[name]
        if not isinstance(value, str) or not (value.strip() or default == ""):
            raise self.fail(name, "应为非空的文字")
        return value

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """One of the allowed codes."""
        value = self.text(name)
        if value not in allowed:
            raise self.fail(name, f"应为 {'、'.join(allowed)} 之一，而不是“{value}”")
        return value

    def choices(self, name: str, allowed: Collection[str]) -> tuple[str, ...]:
        """A list of different allowed codes; absent is empty."""
        if not self.has(name):
            return ()
        value = self._content[name]
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self.fail(name, "应为文字的数组")
        for item in value:
            if item not in allowed:
                raise self.fail(name, f"应为 {'、'.join(allowed)} 之一，而不是“{item}”")
        if len(set(value)) != len(value):
            raise self.fail(name, "有重复的项")
        return tuple(value)

    def flag(self, name: str, default: bool | None = None) -> bool:
        """true or false."""
        value = self._content[name] if self.has(name) else default
        if type(value) is not bool:
            raise self.fail(name, "应为 true 或 false")
        return value

    def number(self, name: str) -> int | None:
        """A whole number of at least 1, or None where it is absent."""
        if not self.has(name):
            return None
        value = self._content[name]
        if type(value) is not int or not 1 <= value <= LARGEST_NUMBER:
            raise self.fail(name, f"应为 1 至 {LARGEST_NUMBER} 的整数")
        return value

    def day(self, name: str) -> date | None:
        """A date, as TOML has it or written YYYY-MM-DD; None where it is absent."""
        if not self.has(name):
            return None
        value = self._content[name]
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise self.fail(name, "应为实际存在的日期（YYYY-MM-DD）")

    def required_day(self, name: str) -> date:
        """A date that must be there."""
        value = self.day(name)
        if value is None:
            raise self.fail(name, "缺少这一项，应为日期（YYYY-MM-DD）")
        return value

    def table(self, name: str) -> Table:
        """A table that must be there."""
        if not self.has(name):
            raise self.fail(name, "缺少这一项，应为表（键值对）")
        return Table(self._content[name], self.where, self.path(name))

    def tables(self, name: str) -> list[Table]:
        """A list of tables; absent is empty."""
        if not self.has(name):
            return []
        value = self._content[name]
        if not isinstance(value, list | tuple):
            raise self.fail(name, "应为表的数组")
        return [Table(item, self.where, f"{self.path(name)}[{index}]") for index, item in enumerate(value)]

    def named_tables(self, allowed: Collection[str]) -> dict[str, Table]:
        """All entries of this table, each a table under one of the allowed names."""
        for name in self._content:
            if name not in allowed:
                raise self.fail(str(name), f"没有这一项，可用的有 {'、'.join(allowed)}")
        return {name: self.table(name) for name in allowed if self.has(name)}

    def finish(self) -> None:
        """Raise PolicyFileError for the first key that nobody asked for."""
        for name in self._content:
            if name not in self._asked:
                raise self.fail(str(name), "没有这一项，请核对拼写")


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file. Raises PolicyFileError with the line of a syntax error."""
    try:
        return decode_toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyFileError(path.name, "", f"无法读取文件（{error.strerror}）") from None
    except UnicodeDecodeError:
        raise PolicyFileError(path.name, "", "应为 UTF-8 编码的文件") from None
    except Undecodable as error:
        raise PolicyFileError(path.name, "", str(error)) from None


def plain(value: Any) -> Any:
    """The same content with dates as text, fit for JSON."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
