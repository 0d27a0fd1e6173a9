"""Reading a year's holiday schedule: a calendar file (TOML, JSON, CSV) or the notice's own text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import reduce
from typing import Any

from rules.calendar_years import (
    WEEKEND,
    WORKING_DAY,
    CalendarDay,
    YearCalendar,
    from_days,
    notices_of,
    ordinary,
)
from rules.decoding import Undecodable, decode_json, decode_toml
from rules.errors import InputError
from rules.notice_checks import NoticeError, Off, On, assemble
from rules.notice_tables import is_headings
from rules.notice_text import NoticeText

DATE_COLUMNS = ("date", "日期")
WORKING_COLUMNS = ("working", "是否上班", "上班")
NAME_COLUMNS = ("name", "名称", "节日")
YES = frozenset({"true", "1", "yes", "y", "是", "上班", "班"})
# How tables name the days that are only what their weekday says.
EVERY_WEEK = dict.fromkeys(
    [WEEKEND, "周六", "周日", "星期六", "星期日", "星期天", "双休日", "公休日", "休息日"], WEEKEND
) | dict.fromkeys(
    [WORKING_DAY, "平日", "正常上班", *(week + day for week in ("周", "星期") for day in "一二三四五")],
    WORKING_DAY,
)
NO = frozenset({"false", "0", "no", "n", "否", "放假", "休"})
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")

LONGEST_NOTICE = 20_000

__all__ = ["NoticeError", "read_notice"]


def read_notice(text: str, year: int | None = None, *, current: YearCalendar | None = None) -> YearCalendar:
    """The schedule in `text`, checked against itself, the week and the year.

    `text` is a calendar file as shipped (TOML), as printed by `load_calendar` (JSON), a table with the columns
    date, working and name (CSV), or the notice itself. `year` is the year it must be for, needed only where the
    text does not say. `current` is the schedule of that year in force, which an amendment needs: an item of a
    notice's text takes the place of the whole holiday that it names, a table that of the days it lists.

    Raises NoticeError with the place, the day and the reason; nothing of a faulty notice is used.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise NoticeError("通知", "是空的，应为通知正文或日历文件")
    if len(text) > LONGEST_NOTICE:
        raise NoticeError("通知", f"超过{LONGEST_NOTICE}字，不会是一份放假安排，请核对文件")
    head = text.lstrip()
    first_line = head.splitlines()[0].lower()
    if head.startswith("{"):
        return _from_json(text, year, current)
    columns = set(re.split(r"[,\t;]", first_line.replace('"', "").replace(" ", "")))
    # A table of holidays may call its days off 日期 too, but not whether each is worked.
    if columns & set(DATE_COLUMNS) and (columns & set(WORKING_COLUMNS) or not is_headings(first_line)):
        return _from_csv(text.lstrip(), year, current)
    if re.search(r"^\s*year\s*=", text, re.MULTILINE):
        return _from_toml(text, year, current)
    return NoticeText(text, year, current).read()


def _from_toml(text: str, year: int | None, current: YearCalendar | None) -> YearCalendar:
    try:
        table = decode_toml(text)
    except Undecodable as error:
        raise NoticeError("日历文件", str(error)) from None
    try:
        notices = notices_of(table)
    except InputError as error:
        raise NoticeError(error.path, error.expected) from None
    for index, notice in enumerate(notices):
        place = f"notices[{index}]"
        offs = [Off(*holiday, f"{place}.holidays[{i}]") for i, holiday in enumerate(notice.holidays)]
        ons = [On(made.name, made.date, f"{place}.make_up[{i}]") for i, made in enumerate(notice.make_up)]
        before = reduce(YearCalendar.amended_by, notices[:index]) if index else current
        assemble(notice.year, None, None, offs, ons, before, notice.given_back)
    return _expected(reduce(YearCalendar.amended_by, notices), year)


def _from_json(text: str, year: int | None, current: YearCalendar | None) -> YearCalendar:
    try:
        table = decode_json(text)
    except Undecodable as error:
        raise NoticeError("日历文件", str(error)) from None
    stated = table.get("year")
    entries = table.get("days")
    if type(stated) is not int:
        raise NoticeError("year", "应写明年份，如 2026")
    if not isinstance(entries, list):
        raise NoticeError("days", "应为日期的列表")
    days = []
    for index, entry in enumerate(entries):
        place = f"days[{index}]"
        if not isinstance(entry, dict):
            raise NoticeError(place, "应含 date、working 和 name")
        working = entry["working"] if "working" in entry else _negated(entry.get("isOffDay"))
        if not isinstance(working, bool):
            raise NoticeError(f"{place}.working", "应为 true（上班）或 false（放假）")
        days.append(
            (CalendarDay(_date(entry.get("date"), f"{place}.date"), working, _name(entry, place)), place)
        )
    number = table.get("document_number")
    return _expected(_from_days(stated, days, number if isinstance(number, str) else None, current), year)


def _negated(off: Any) -> Any:
    return not off if isinstance(off, bool) else off


def _name(entry: dict[str, Any], place: str) -> str:
    name = entry.get("name")
    if not isinstance(name, str) or not name.strip():
        raise NoticeError(f"{place}.name", "应为节日的名称")
    return name.strip()


def _from_csv(text: str, year: int | None, current: YearCalendar | None) -> YearCalendar:
    delimiter = max(",\t;", key=text.splitlines()[0].count)
    rows = csv.DictReader(text.splitlines(), delimiter=delimiter, skipinitialspace=True)
    columns = {name.strip().lower(): name for name in rows.fieldnames or ()}
    date_column, working_column, name_column = (
        _column(columns, wanted) for wanted in (DATE_COLUMNS, WORKING_COLUMNS, NAME_COLUMNS)
    )
    days = []
    for row in rows:
        place = f"第{rows.line_num}行"
        if not any((value or "").strip() for value in row.values() if not isinstance(value, list)):
            continue
        said = (row[working_column] or "").strip().lower()
        if said not in YES | NO:
            raise NoticeError(place, f"{working_column}一栏应为“上班”或“放假”，不能是“{said}”")
        name = (row[name_column] or "").strip()
        if not name:
            raise NoticeError(place, f"{name_column}一栏应为节日的名称")
        days.append((CalendarDay(_date(row[date_column], place), said in YES, name), place))
    if not days:
        raise NoticeError("日历文件", "没有任何日期")
    # A table has no heading that names its year; the January days do, and every schedule has some.
    years = sorted({day.date.year for day, _ in days})
    if year is None and len(years) > 1:
        years = sorted({day.date.year for day, _ in days if day.date.month < 12})
    stated = years[-1] if year is None and years else year
    if stated is None:
        raise NoticeError("年份", "表中没有写明是哪一年的安排，请另行指定年份")
    return _from_days(stated, days, None, current)


def _column(columns: dict[str, str], wanted: tuple[str, ...]) -> str:
    for name in wanted:
        if name in columns:
            return columns[name]
    raise NoticeError("第1行", f"表头缺少“{wanted[1]}”（{wanted[0]}）一栏")


def _date(value: Any, place: str) -> date:
    parts = DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        if parts:
            return date(*(int(part) for part in parts.groups()))
    except ValueError:
        pass
    raise NoticeError(place, f"应为日期，如 2026-01-04，不能是“{value}”")


def _from_days(
    year: int,
    days: Iterable[tuple[CalendarDay, str]],
    document_number: str | None,
    current: YearCalendar | None,
) -> YearCalendar:
    """Check each day where it stands, then join the days off into holidays.

    A table may also list days that are what their weekday says; where `current` has them so too, nothing is said.
    """
    told = [(day._replace(name=EVERY_WEEK.get(day.name, day.name)), place) for day, place in days]
    departing = {day.date for day in (current.days if current else ())}
    departing |= {day.date for day, _ in told if day != ordinary(day.date)}
    placed = [(day, place) for day, place in told if day.date in departing]
    if current is not None and not placed:
        return YearCalendar(year, document_number, (), ())
    offs = [Off(day.name, day.date, day.date, place) for day, place in placed if not day.working]
    ons = [On(day.name, day.date, place) for day, place in placed if day.working]
    checked = assemble(year, document_number, None, offs, ons, current)
    joined = from_days(year, checked.days)
    return replace(joined, document_number=document_number)


def _expected(schedule: YearCalendar, year: int | None) -> YearCalendar:
    if year is not None and schedule.year != year:
        raise NoticeError("年份", f"文件是{schedule.year}年的安排，要载入的是{year}年")
    return schedule
