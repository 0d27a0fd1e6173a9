"""What must be refused, with the place, the day and the reason."""

import json
from datetime import date

import pytest

from rules.calendar_years import statutory_numbers, years_known_on
from rules.notices import NoticeError, read_notice
from rules.workdays import shipped_calendar
from tests.rules.notice_texts import LAWFUL_2027, lawful, notice


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


@pytest.mark.parametrize(
    ("changed", "path", "day", "reason"),
    [
        # A make-up day lost, or one too many: 13 working days off are lawful.
        ({"春节": "2月5日至11日放假调休，共7天。"}, "放假安排", "2027-02-05",
         "放假的工作日17天减去调休上班3天是14天，法定放假却是13天，请核对2027-02-05（星期五）起的春节"),
        ({"春节": "2月5日至11日放假调休，共7天。2月14日、20日上班。"}, "放假安排", "2027-02-05", "是12天，法定放假却是13天"),
        ({"端午节": "6月9日放假1天。6月9日至11日放假调休，共3天。"}, "第6行", "2027-06-09", "两次写明放假"),
        ({"国庆节": "10月1日至7日放假。9月26日、10月9日上班，10月12日（星期二）起正常上班。"},
         "第8行", "2027-10-08", "没有放假，却写明2027-10-12（星期二）起上班"),
        ({"国庆节": "10月1日至7日放假。9月26日、10月9日上班，10月10日起上班。"},
         "第8行", "2027-10-08", "没有放假，却写明2027-10-10（星期日）起上班"),
        ({"国庆节": LAWFUL_2027["国庆节"] + "\n八、国庆节：10月8日放假，共1天。"},
         "第9行", "2027-10-08", "国庆节写了两次"),
        ({"端午节": "6月9日放假，共1天。\n八、端午节、春节：6月10日放假。"}, "第7行", "2027-06-10", "另见第"),
    ],
)  # fmt: skip
def test_days_lost_or_told_twice(changed, path, day, reason):
    with pytest.raises(NoticeError) as refusal:
        read_notice(lawful(**changed))
    assert (refusal.value.path, refusal.value.day) == (path, date.fromisoformat(day))
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    "line",
    [
        "节后第一个星期六上班",
        "农历九月初十上班",
        "10月9上班",
        "第40周的周六、周日上班",
        "9月廿六上班",
        "鼓励错峰出行，9月26日、10月9日各单位统一安排上班",
        "9月26日、10月9日",
        "9月26日、10月9日鼓励上班",
        "10月9日（星期六）不放假",
        "上年9月26日上班",
        "9-26、10-9上班",
        "9月26日、10月9日上班三四天",
        "9月26日上班10月9日",
        "关于调休，9月26日各单位安排上班，特此通知",
    ],
)
def test_a_make_up_day_that_is_not_understood_is_never_passed_over(line):
    with pytest.raises(NoticeError) as refusal:
        read_notice(lawful(国庆节=f"10月1日至7日放假调休，共7天。{line}。"))
    assert refusal.value.path == "第8行"


def test_the_end_of_a_range_is_never_looked_for_in_another_month():
    """ "9月29日至5日" is not 5 October, nor the 5th of an earlier holiday."""
    with pytest.raises(NoticeError, match="止日2027-09-05（星期日）早于起日2027-09-29（星期三）"):
        read_notice(lawful(国庆节="9月29日至5日放假。"))


def test_a_day_given_on_top_of_the_statutory_holidays_is_no_mistake():
    """As a commemoration may be: it does not count among the days of the law."""
    schedule = read_notice(lawful() + "\n八、抗战胜利纪念日：9月3日放假1天。")
    assert schedule.balance == 14


@pytest.mark.parametrize(("year", "number"), [(2007, 10), (2008, 11), (2024, 11), (2025, 13)])
def test_every_year_gives_what_the_law_gives(year, number):
    schedule = read_notice(notice(str(year)))
    assert schedule.balance == number == sum(statutory_numbers(year).values())


def test_a_table_of_an_amended_year_may_give_what_that_year_gives():
    """2015: 11 by law and one more for the commemoration; 2020: two more for the extension."""
    assert years_known_on()[2015].balance == 12
    year = years_known_on()[2020]
    printed = json.dumps(year.to_json())
    assert read_notice(printed, current=year).balance == 13
    with pytest.raises(NoticeError, match="是13天，法定放假却是11天"):
        read_notice(printed)
