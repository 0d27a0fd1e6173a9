"""Reading a holiday notice: the wording of 23 years, tables, and everything that must be refused."""

import contextlib
import json
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar_years import CALENDARS, Holiday, MakeUp, shipped_notices, years_known_on
from rules.errors import InputError
from rules.notices import NoticeError, read_notice
from rules.workdays import WorkdayCalendar, calendar_known_on, shipped_calendar

NOTICES = Path(__file__).parent / "notices"
YEARS = range(2004, 2027)
# In 2006's notice 2005-12-31 is worked; chinesecalendar has it as a day off.
KNOWN_FAULT = date(2005, 12, 31)


def notice(stem: str) -> str:
    return (NOTICES / f"{stem}.txt").read_text(encoding="utf-8")


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


@pytest.mark.parametrize(
    ("year", "line", "off", "make_up"),
    [
        (2027, "1月1日放假1天，共3天。", ["01-01"], []),
        (2027, "1月1日（周五）至3日（周日）放假，共3天。", ["01-01", "01-02", "01-03"], []),
        (2027, "1月1日至1月3日放假，共三天。", ["01-01", "01-02", "01-03"], []),
        (2027, "１月１日～３日放假调休，共３天．".replace("．", "。"), ["01-01", "01-02", "01-03"], []),
        (2027, "2027年1月1日(星期五)放假,与周末连休。", ["01-01"], []),
        (2027, "1月1日放假，不调休。", ["01-01"], []),
        (2027, "1 月 1 日放假，共 1 天。", ["01-01"], []),
        (2027, "1月1日放假，1月4日（星期一）补休。", ["01-01", "01-04"], []),
        (2027, "1月1日至4日放假调休，共4天。1月9日（星期六）、\n10日（星期日）上班。",
         ["01-01", "01-02", "01-03", "01-04"], ["01-09", "01-10"]),
        (2027, "1月1日至4日放假调休，共4天。1月9日（星期六）和1月10日（星期天）照常上班。",
         ["01-01", "01-02", "01-03", "01-04"], ["01-09", "01-10"]),
    ],
)  # fmt: skip
def test_variants_of_the_wording(year, line, off, make_up):
    schedule = read_notice(f"关于{year}年部分节假日安排的通知\n一、元旦：{line}\n")
    assert [day.date.strftime("%m-%d") for day in schedule.days if not day.working] == off
    assert [day.strftime("%m-%d") for day, _ in schedule.make_up] == make_up


def test_the_wording_of_the_contract():
    """ "…放假调休，共7天。1月22日（星期日）上班" (2017)."""
    schedule = read_notice(
        "2017年部分节假日安排\n二、春节：1月27日至2月2日放假调休，共7天。1月22日（星期日）上班", 2017
    )
    assert schedule.make_up == (MakeUp(date(2017, 1, 22), "春节"),)


def test_windows_line_ends_and_a_byte_order_mark():
    text = "\ufeff" + notice("2026").replace("\n", "\r\n")
    assert read_notice(text) == read_notice(notice("2026"))


def test_the_preamble_of_2025_that_explains_the_rules_is_no_schedule():
    text = notice("2025").replace(
        "2025年放假调休日期安排如下。",
        "自2025年1月1日起，全体公民放假的假日增加2天。国庆节自10月1日起放假调休7天，"
        "元旦、清明节放假调休或连休3天（如逢周三则只在当日放假）。",
    )
    assert read_notice(text) == read_notice(notice("2025"))


# Notices that change a schedule


def test_the_change_of_labour_day_2019():
    change = read_notice(notice("2019-05"))
    assert change.amends and change.document_number == "国办发明电〔2019〕3号"
    assert change.holidays == (Holiday("劳动节", date(2019, 5, 1), date(2019, 5, 4)),)
    known = calendar_known_on(date(2019, 3, 21)).with_year(change)
    assert known.differs(calendar_known_on(date(2019, 3, 22))) == []


def test_the_extension_of_the_spring_festival_2020_builds_on_the_schedule_in_force():
    before = calendar_known_on(date(2020, 1, 25))
    change = read_notice(notice("2020-02"), current=before.year(2020))
    assert change.holidays == (Holiday("春节", date(2020, 1, 31), date(2020, 2, 2)),)
    assert before.with_year(change).differs(calendar_known_on(date(2020, 1, 26))) == []
    with pytest.raises(NoticeError, match="没有可延长的2020年春节安排") as refusal:
        read_notice(notice("2020-02"))
    assert refusal.value.day == date(2020, 2, 2) and refusal.value.path == "第4行"


def test_the_commemoration_of_2015_is_named_in_the_title():
    change = read_notice(notice("2015-09"))
    name = "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"
    assert change.holidays == (Holiday(name, date(2015, 9, 3), date(2015, 9, 5)),)
    assert change.make_up == (MakeUp(date(2015, 9, 6), name),)


def test_a_notice_cut_short_cannot_stand_for_a_year():
    text = notice("2026").replace("2026年", "2027年")
    first_item = text[: text.index("二、")].replace("（周四）", "").replace("（周六）", "")
    first_item = first_item.replace("1月4日（周日）上班。", "")
    with pytest.raises(InputError, match="2027年的放假安排尚未载入"):
        shipped_calendar().with_year(read_notice(first_item))


# What must be refused, with the place, the day and the reason

HEADING = "关于2027年部分节假日安排的通知\n"
# Every holiday of a whole year in a form that can stand (2027 has no notice yet, so the dates are only lawful).
LAWFUL_2027 = {
    "元旦": "1月1日至3日放假，共3天。",
    "春节": "2月5日至11日放假调休，共7天。2月14日（星期日）上班。",
    "清明节": "4月3日至5日放假，共3天。",
    "劳动节": "5月1日至5日放假调休，共5天。4月25日（星期日）上班。",
    "端午节": "6月9日放假，共1天。",
    "中秋节": "9月15日放假，共1天。",
    "国庆节": "10月1日至7日放假调休，共7天。9月26日（星期日）、10月9日（星期六）上班。",
}


def lawful(**changed: str) -> str:
    items = LAWFUL_2027 | changed
    numerals = "一二三四五六七八九"
    return HEADING + "\n".join(
        f"{numerals[index]}、{name}：{line}" for index, (name, line) in enumerate(items.items()) if line
    )


def test_the_lawful_notice_is_read():
    schedule = read_notice(lawful())
    assert not schedule.amends and len(schedule.holidays) == 7 and len(schedule.make_up) == 4
    published = shipped_calendar().with_year(schedule)
    assert not published.due(date(2026, 12, 31), 7).provisional


@pytest.mark.parametrize(
    ("changed", "line", "day", "reason"),
    [
        ({"元旦": "1月1日至3日放假，共4天。"}, 2, "2027-01-01", "写明共4天"),
        ({"端午节": "6月9日放假2天。"}, 6, "2027-06-09", "写明2天，日期却是1天"),
        ({"元旦": "1月1日（星期四）放假。"}, 2, "2027-01-01", "2027-01-01（星期五）被写成星期四"),
        ({"春节": "2月5日至11日放假。2月14日（星期六）上班。"}, 3, "2027-02-14", "被写成星期六"),
        ({"春节": "2月5日至11日放假。2月7日（星期日）上班。"}, 3, "2027-02-07", "既安排上班，又在春节放假之内"),
        ({"国庆节": "10月1日至7日放假。10月8日上班。"}, 8, "2027-10-08", "不是周末，本来就上班"),
        ({"中秋节": "9月15日放假。10月3日放假。"}, 8, "2027-10-03", "又在中秋节放假之内（第7行）"),
        ({"国庆节": "9月15日至10月7日放假。"}, 8, "2027-09-15", "又在中秋节放假之内（第7行）"),
        ({"清明节": "4月3日至5日放假。4月25日（星期日）上班。"}, 5, "2027-04-25", "两次安排上班，另见第4行"),
        ({"端午节": "2026年6月9日放假。"}, 6, "2026-06-09", "不属于2027年的安排"),
        ({"端午节": "9999年12月31日放假。"}, 6, "9999-12-31", "不属于2027年的安排"),
        ({"端午节": "6月9日放假，6月31日补休。"}, 6, None, "没有2027年6月31日这一天"),
        ({"元旦": "1月3日至1日放假。"}, 2, "2027-01-01", "早于起日"),
        ({"元旦": "1月1日至3日放假，不调休。1月9日（星期六）上班。"}, 2, "2027-01-09", "写明不调休"),
        ({"端午节": "6月9日放假，与周末连休。"}, 6, "2027-06-09", "却不与周末相连"),
        ({"元旦": "1月1日至3日放假。7月3日（星期六）上班。"}, 2, "2027-07-03", "离元旦太远"),
        ({"元旦": "1月1日至3日放假，其中1月4日为法定假日。"}, 2, "2027-01-04", "写明休息，却不在元旦放假之内"),
        ({"元旦": "1月1日至3日放假，将1月10日（星期日）公休日调至1月8日（星期五）。"},
         2, "2027-01-08", "却不在元旦放假之内"),
        ({"元旦": "1月1日至3日放假，将1月7日公休日调至1月1日。"}, 2, "2027-01-07", "没有公休日可调"),
        ({"元旦": "1月1日至3日放假，1月3日起正常上班。"}, 2, "2027-01-03", "又写明起上班"),
    ],
)  # fmt: skip
def test_a_notice_that_contradicts_itself(changed, line, day, reason):
    with pytest.raises(NoticeError) as refusal:
        read_notice(lawful(**changed))
    assert refusal.value.path == f"第{line}行"
    assert refusal.value.day == (date.fromisoformat(day) if day else None)
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"端午节": "6月9日举行活动。"}, "6月9日举行活动"),
        ({"端午节": "6月放假。"}, "6月放假"),
        ({"端午节": "6月9日放假。6月13（星期日）上班。"}, "6月13"),
        ({"端午节": "6月9日放假调休，上班。"}, "上班"),
        ({"端午节": "9日放假。"}, "没有写明月份"),
        ({"元旦": "1月1日至3日放假，1月9日（星期六）、"}, "2027-01-09（星期六）之后没有写明放假还是上班"),
        ({"端午节": "另行安排。"}, "端午节没有写明放假日期"),
    ],
)
def test_words_that_are_not_understood_are_refused_not_passed_over(changed, words):
    if words.startswith("2027-01-09"):
        changed = {**dict.fromkeys(LAWFUL_2027, ""), **changed}
    with pytest.raises(NoticeError) as refusal:
        read_notice(lawful(**changed))
    assert words in str(refusal.value)


def test_a_schedule_whose_heading_was_lost():
    text = lawful().replace("一、元旦：", "")
    with pytest.raises(NoticeError, match="第2行：看不懂“1月1日至3日放假”"):
        read_notice(text)


def test_an_item_without_the_name_of_its_holiday():
    with pytest.raises(NoticeError, match=r"第6行：.*没有写明是哪个节日"):
        read_notice(lawful().replace("五、端午节：", "五、"))


@pytest.mark.parametrize("name", ["春节", "清明节", "端午节", "中秋节"])
def test_a_year_without_a_statutory_holiday_is_refused(name):
    with pytest.raises(NoticeError, match=f"是法定的{name}，安排中却没有放假"):
        read_notice(lawful(**{name: ""}))


def test_the_wrong_year():
    with pytest.raises(NoticeError, match="年份：通知是2026年的安排，要载入的是2027年"):
        read_notice(notice("2026"), 2027)
    with pytest.raises(NoticeError, match="年份：通知没有写明是哪一年的安排"):
        read_notice("一、元旦：1月1日放假。")
    assert read_notice("一、元旦：1月1日放假。", 2027).year == 2027
    with pytest.raises(NoticeError, match="年份：通知是1998年的安排，日历只覆盖2004年至2035年"):
        read_notice(notice("2026").replace("2026", "1998"))


@pytest.mark.parametrize("text", ["", "  \n", "\ufeff"])
def test_nothing_at_all(text):
    with pytest.raises(NoticeError, match="通知：是空的"):
        read_notice(text)


def test_a_text_about_something_else():
    with pytest.raises(NoticeError, match="放假安排：没有找到任何放假日期"):
        read_notice("关于2027年开展信用修复培训的通知\n各有关单位：请按时参加。")


def test_a_book_is_no_notice():
    with pytest.raises(NoticeError, match="通知：超过20000字"):
        read_notice(lawful() * 100)


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
        ('{"year": 2027, "days": [}', "第1行", "不是有效的JSON文件"),
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
        ('{"days": ' + "[" * 5000, "日历文件", "不是有效的JSON文件"),
        ('{"year": ' + "9" * 5000 + "}", "日历文件", "不是有效的JSON文件"),
        ("year = 2027\nnotices = [", "日历文件", "不是有效的TOML文件"),
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
@settings(max_examples=400, deadline=None)
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
