"""The many ways in which one and the same schedule is typed, copied and pasted."""

import re
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar_years import MakeUp, shipped_notices
from rules.notices import NoticeError, read_notice
from tests.rules.notice_texts import lawful, notice, styles


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


# One schedule, many styles

WHOLE_YEARS = [schedule for schedule in shipped_notices() if not schedule.amends]


@given(schedule=st.sampled_from(WHOLE_YEARS), style=styles)
@settings(max_examples=300)
def test_a_schedule_written_in_any_style_is_read_as_it_is(schedule, style):
    text = style.write(schedule)
    assert read_notice(text, schedule.year).days == schedule.days, text


@pytest.mark.parametrize(
    "line",
    [
        "9月26日（星期日）、10月9日（星期六）上班",
        "9月26日星期日、10月9日星期六上班",
        "9月26日〔星期日〕、10月9日［星期六］上班",
        "九月二十六日（星期日）、十月九日（星期六）上班",
        "二〇二七年九月二十六日、十月九日上班",
        "9/26、10/9上班",
        "9.26（周日），10.9（周六）上班",
        "2027-09-26、2027-10-09上班",
        "2027/9/26和2027/10/9补班",
        "9月26号、10月9号正常工作",
        "9月26、10月9日上班",
        " 9 月 26 日 ( 星期日 ) 、 10 月 9 日上班",
        "9月26⽇、10⽉9日上\u200b班",
        "9月2\n6日（星\n期日）、10月9日上\n班",
        "9月26日星期\n日、10月9日星期六上班",
        "九月二十\n六日、十月\n九日上班",
        "调休上班日为9月26日、10月9日",
        "9月26日、10月9日调整为工作日",
        "9月26日、10月9日上班，鼓励各单位结合带薪年休假安排职工休息",
        "9月26日、10月9日上班；提倡错峰出行",
        "9月26日、10月9日上班，10月8日起正常上班",
    ],
)
def test_make_up_days_in_any_form(line):
    schedule = read_notice(lawful(国庆节=f"10月1日至7日放假调休，共7天。{line}。"))
    assert [day for day, name in schedule.make_up if name == "国庆节"] == [
        date(2027, 9, 26),
        date(2027, 10, 9),
    ]


@pytest.mark.parametrize(
    "days",
    [
        "10月1至7日",
        "10月1日—7日",
        "10.1-10.7",
        "10月1号到7号",
        "十月一日至七日",
        "10月1日起至10月7日",
        "１０月１日～７日",
    ],
)
def test_a_range_in_any_form(days):
    schedule = read_notice(lawful(国庆节=f"{days}放假。9月26日、10月9日上班。"))
    assert schedule.days == read_notice(lawful()).days


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        (r"(?m)^([一二三四五六七]、[^：]+)：", r"\1\n"),
        (r"(?m)^([一二三四五六七]、[^：]+)：", r"\1\n\n"),
        (r"(?m)^([一二三四五六七]、[^：]+)：", r"\1：\n"),
        (r"(?m)^[一二三四五六七]、", "- "),
        (r"(?m)^[一二三四五六七]、", ""),
        (r"\n", r"\n\n"),
        (r"。\n([一二三四五六七]、)", r"；\n\1"),
        (r"。\n([一二三四五六七]、)", r"。\1"),
        (r"(\d+)", r" \1 "),
        (r"(?s)\n", ""),
        (r"国务院办公厅关于", "国务院办公厅\n关于"),
        (r"(?m)^", "\u3000\u3000"),
    ],
)
def test_the_notice_for_2026_in_any_layout(pattern, written):
    text = re.sub(pattern, written, notice("2026"))
    schedule = read_notice(text)
    assert schedule.days == read_notice(notice("2026")).days
    assert (schedule.document_number, schedule.announced_on) == ("国办发明电〔2025〕7号", date(2025, 11, 4))


def test_lines_are_counted_as_they_were_pasted():
    with pytest.raises(NoticeError) as refusal:
        read_notice(lawful(国庆节="10月1日至7日放假，\n共7天。9月26日（星\n期六）上班。"))
    assert refusal.value.path == "第9行"


@pytest.mark.parametrize(
    "unit",
    [
        "（",
        "1月1日放假；",
        "9月9号、",
        "1月1日至",
        "元旦、",
        "其中1月1日至",
        "延长1月1日",
        "十月一日；",
        "\n",
        "10月1日起上班，",
        "\na",
        "\n时间",
        "\n节日 放假 ",
        "（1月1日上班",
        "节日\t",
    ],
)
def test_a_text_made_to_be_slow_is_not(unit):
    text = "关于2026年部分节假日安排的通知\n一、元旦：" + unit * (19_000 // len(unit))
    begun = time.process_time()
    with pytest.raises(NoticeError):
        read_notice(text)
    assert time.process_time() - begun < 5
