"""Reading a holiday notice as it was written in each of 23 years, and as a file or a table."""

import contextlib
import json
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar_years import CALENDARS, Holiday, MakeUp, shipped_notices, years_known_on
from rules.notices import NoticeError, read_notice
from rules.workdays import WorkdayCalendar
from tests.rules.notice_texts import NOTICES, notice

YEARS = range(2004, 2027)
# In 2006's notice 2005-12-31 is worked; chinesecalendar has it as a day off.
KNOWN_FAULT = date(2005, 12, 31)


# Notices as they were written


@pytest.mark.parametrize("year", YEARS)
def test_the_wording_of_each_year(year):
    """The days that the text names agree with an independent table of that year."""
    schedule = read_notice(notice(str(year)))
    assert schedule.year == year and not schedule.amends
    for day in schedule.days:
        # The commemoration of 2015 came with a notice of its own; 2019 and 2020 were changed later.
        if day.date.year >= 2004 and day.date != KNOWN_FAULT and year not in (2019, 2020):
            assert chinese_calendar.is_workday(day.date) == day.working, day


@pytest.mark.parametrize("year", set(YEARS) - {2015, 2019, 2020})
def test_a_calendar_of_the_text_alone_is_the_calendar(year):
    """Nothing is missing either: every day of the year comes out as the library has it."""
    later = [read_notice(notice(str(year + 1)))] if year + 1 in YEARS else []
    calendar = WorkdayCalendar([read_notice(notice(str(year))), *later])
    day = date(year, 1, 1)
    while day.year == year:
        if day != KNOWN_FAULT:
            assert calendar.is_working(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_the_notice_for_2026_in_full():
    schedule = read_notice(notice("2026"))
    assert schedule.document_number == "国办发明电〔2025〕7号"
    assert schedule.announced_on == date(2025, 11, 4)
    assert schedule.holidays == (
        Holiday("元旦", date(2026, 1, 1), date(2026, 1, 3)),
        Holiday("春节", date(2026, 2, 15), date(2026, 2, 23)),
        Holiday("清明节", date(2026, 4, 4), date(2026, 4, 6)),
        Holiday("劳动节", date(2026, 5, 1), date(2026, 5, 5)),
        Holiday("端午节", date(2026, 6, 19), date(2026, 6, 21)),
        Holiday("中秋节", date(2026, 9, 25), date(2026, 9, 27)),
        Holiday("国庆节", date(2026, 10, 1), date(2026, 10, 7)),
    )
    assert schedule.make_up == (
        MakeUp(date(2026, 1, 4), "元旦"),
        MakeUp(date(2026, 2, 14), "春节"),
        MakeUp(date(2026, 2, 28), "春节"),
        MakeUp(date(2026, 5, 9), "劳动节"),
        MakeUp(date(2026, 9, 20), "国庆节"),
        MakeUp(date(2026, 10, 10), "国庆节"),
    )


def test_the_json_has_the_settled_shape():
    printed = read_notice(notice("2026")).to_json()
    assert list(printed) == ["year", "days"] and printed["year"] == 2026
    assert printed["days"][:4] == [
        {"date": "2026-01-01", "working": False, "name": "元旦"},
        {"date": "2026-01-02", "working": False, "name": "元旦"},
        {"date": "2026-01-03", "working": False, "name": "元旦"},
        {"date": "2026-01-04", "working": True, "name": "元旦"},
    ]
    assert len(printed["days"]) == 33 + 6


def test_the_earlier_notices_are_dated_in_chinese_numerals():
    assert read_notice(notice("2007")).announced_on == date(2006, 12, 14)
    assert read_notice(notice("2010")).announced_on == date(2009, 12, 7)
    assert read_notice(notice("2010")).document_number == "国办发明电〔2009〕27号"


def test_a_notice_may_reach_into_the_december_before():
    schedule = read_notice(notice("2019"))
    assert schedule.holidays[0] == Holiday("元旦", date(2018, 12, 30), date(2019, 1, 1))
    assert schedule.make_up[0] == MakeUp(date(2018, 12, 29), "元旦")


def test_a_rest_day_moved_away_is_worked_even_if_the_text_does_not_repeat_it():
    """2008: "9月27日（星期六）、9月28日（星期日）两个公休日调至…" says nothing of 上班."""
    make_up = [day for day, _ in read_notice(notice("2008")).make_up]
    assert date(2008, 9, 27) in make_up and date(2008, 9, 28) in make_up
    # A rest day within the holiday that is moved is no working day.
    assert date(2008, 6, 8) not in make_up


def test_advice_to_rest_is_no_day_off():
    """2024: 鼓励各单位…安排职工在除夕（2月9日）休息."""
    assert date(2024, 2, 9) not in [day.date for day in read_notice(notice("2024")).days]


# Files


def test_every_year_file_can_be_loaded_as_a_file():
    for path in CALENDARS.glob("[0-9]*.toml"):
        schedule = read_notice(path.read_text(encoding="utf-8"))
        assert schedule.days == years_known_on()[int(path.stem)].days
    assert len({notice.year for notice in shipped_notices()}) == len(YEARS)


@pytest.mark.parametrize("year", [2008, 2019, 2020, 2026])
def test_what_is_printed_can_be_read_again(year):
    schedule = years_known_on()[year]
    printed = json.dumps(schedule.to_json(), ensure_ascii=False)
    assert read_notice(printed, current=schedule).days == schedule.days


def test_days_off_may_also_be_marked_as_such():
    schedule = read_notice(notice("2026"))
    days = [
        {"name": day.name, "date": day.date.isoformat(), "isOffDay": not day.working} for day in schedule.days
    ]
    assert read_notice(json.dumps({"year": 2026, "days": days}), 2026).days == schedule.days


@pytest.mark.parametrize(("header", "on", "off"), [("date,working,name", "true", "false"),
                                                   ("日期\t上班\t节日", "班", "休"),
                                                   ("日期，是否上班，名称".replace("，", ","), "是", "否")])  # fmt: skip
def test_a_table(header, on, off):
    schedule = read_notice(notice("2019"))
    delimiter = "\t" if "\t" in header else ","
    rows = [
        delimiter.join((day.date.strftime("%Y/%m/%d"), on if day.working else off, day.name))
        for day in schedule.days
    ]
    assert read_notice("\n".join([header, *rows, ""])).days == schedule.days


TABLE = "date,working,name\n2027-01-01,false,元旦\n"


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        (TABLE + "2027-02-30,false,春节\n", "第3行", "应为日期，如 2026-01-04，不能是“2027-02-30”"),
        (TABLE + "2027-02-05,或许,春节\n", "第3行", "应为“上班”或“放假”"),
        (TABLE + "2027-02-05,false,\n", "第3行", "应为节日的名称"),
        (TABLE + "2027-01-01,true,元旦\n", "第3行", "又在元旦放假之内"),
        (TABLE + "2027-01-06,true,元旦\n", "第3行", "不是周末"),
        ("date,name\n2027-01-01,元旦\n", "第1行", "表头缺少“是否上班”"),
        ("date,working,name\n", "日历文件", "没有任何日期"),
        ('{"year": 2027, "days": [}', "日历文件", "不是有效的 JSON，请核对第1行"),
        ('{"days": []}', "year", "应写明年份"),
        ('{"year": 2027}', "days", "应为日期的列表"),
        ('{"year": 2027, "days": []}', "放假安排", "没有找到任何放假日期"),
        ('{"year": 2027, "days": [7]}', "days[0]", "应含 date、working 和 name"),
        ('{"year": 2027, "days": [{"date": "2027-01-01", "working": 0, "name": "元旦"}]}',
         "days[0].working", "应为 true（上班）或 false（放假）"),
        ('{"year": 2027, "days": [{"date": "1月1日", "working": false, "name": "元旦"}]}',
         "days[0].date", "应为日期"),
        ('{"year": 2027, "days": [{"date": "2025-01-01", "working": false, "name": "元旦"}]}',
         "days[0]", "不属于2027年的安排"),
        ('{"days": ' + "[" * 5000, "日历文件", "嵌套超过"),
        ('{"year": ' + "9" * 5000 + "}", "日历文件", "数字太长"),
        ("year = 2027\nnotices = [", "日历文件", "不是有效的 TOML"),
        ("year = 2027\nnotices = 元旦\n", "日历文件", "不是有效的 TOML，请核对第2行"),
        ("year = 2027\n", "notices", "应至少有一份放假安排通知"),
        ("year = 2027\n[[notices]]\nholidays = [{ name = '元旦', start = 2027-01-01 }]\n",
         "notices[0].holidays[0].end", "应为日期"),
        ("year = 2027\n[[notices]]\nholidays = [{ name = '元旦', start = 2027-01-02, end = 2027-01-01 }]\n",
         "notices[0].holidays[0]", "早于起日"),
    ],
)  # fmt: skip
def test_a_faulty_file(text, path, reason):
    with pytest.raises(NoticeError) as refusal:
        read_notice(text)
    assert refusal.value.path == path
    assert reason in str(refusal.value)


def test_a_file_for_another_year():
    text = (CALENDARS / "2026.toml").read_text(encoding="utf-8")
    with pytest.raises(NoticeError, match="年份：文件是2026年的安排，要载入的是2027年"):
        read_notice(text, 2027)


# Whatever is pasted, the answer is a schedule or a refusal


@given(
    stem=st.sampled_from(sorted(path.stem for path in NOTICES.glob("*.txt"))),
    cut=st.integers(0, 600),
    length=st.integers(0, 12),
    put=st.text(alphabet="0123456789月日至、，。：（）星期六上班放假共天\n二〇", max_size=6),
)
@settings(max_examples=400)
def test_a_damaged_notice_is_read_or_refused_but_never_fails(stem, cut, length, put):
    text = notice(stem)
    try:
        schedule = read_notice(text[:cut] + put + text[cut + length :])
    except NoticeError:
        return
    days = [day.date for day in schedule.days]
    assert len(days) == len(set(days))
    assert all(day.weekday() >= 5 for day, _ in schedule.make_up)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(NoticeError):
        read_notice(text)
