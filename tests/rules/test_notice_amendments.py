"""Notices that change a year's schedule, and those that are too short to be one."""

import json
from datetime import date

import pytest

from rules.calendar_years import CalendarDay, Holiday, MakeUp, from_days
from rules.errors import InputError
from rules.notices import NoticeError, read_notice
from rules.workdays import calendar_known_on, shipped_calendar
from tests.rules.notice_texts import notice

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


# What an amendment does to 2026, where Labour Day is 1 to 5 May (Friday to Tuesday) with 9 May (Saturday) worked

TITLE = "国务院办公厅关于调整2026年劳动节假期安排的通知\n国办发明电〔2026〕3号\n"


def changed(text: str) -> dict[str, str]:
    """The days that a notice of 2026 changes, each with what it is then."""
    before = shipped_calendar()
    after = before.with_year(read_notice(text, current=before.year(2026)))
    return {change.date.strftime("%m-%d"): change.new.reason for change in before.differs(after)}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        # The whole arrangement again: what it does not repeat is over.
        ("5月1日至5日放假调休，共5天。4月26日（星期日）上班。", {"04-26": "调休上班", "05-09": "周末"}),
        ("5月1日至3日放假，共3天。", {"05-04": "工作日", "05-05": "工作日", "05-09": "周末"}),
        ("5月1日至5日放假调休，共5天。5月10日（星期日）上班，5月9日（星期六）照常公休。",
         {"05-09": "周末", "05-10": "调休上班"}),
        ("4月30日至5月5日放假调休，共6天。5月9日（星期六）、10日（星期日）上班。",
         {"04-30": "劳动节", "05-10": "调休上班"}),
        # The make-up days alone.
        ("5月10日（星期日）上班。", {"05-10": "调休上班"}),
        ("5月9日（星期六）不再上班。", {"05-09": "周末"}),
        ("取消5月9日（星期六）上班。", {"05-09": "周末"}),
        ("5月9日（星期六）照常公休。", {"05-09": "周末"}),
        ("5月9日（星期六）休息，5月10日（星期日）补班。", {"05-09": "周末", "05-10": "调休上班"}),
        ("将原定5月9日上班调整为5月10日上班。", {"05-09": "周末", "05-10": "调休上班"}),
        ("将5月9日（星期六）上班调至5月10日（星期日）。", {"05-09": "周末", "05-10": "调休上班"}),
        ("5月5日（星期二）不再放假。", {"05-05": "工作日"}),
        ("将原定5月1日至5日放假调整为5月1日至4日放假。5月9日（星期六）上班。", {"05-05": "工作日"}),
        # An extension keeps what is there.
        ("劳动节假期延长至5月6日（星期三），5月7日起正常上班。", {"05-06": "劳动节"}),
        ("劳动节假期延长1天，至5月6日（星期三）。", {"05-06": "劳动节"}),
    ],
)  # fmt: skip
def test_what_an_amendment_changes(text, days):
    assert changed(TITLE + text) == days


def test_a_day_of_its_own_changes_no_holiday():
    title = "国务院办公厅关于2026年9月3日放假的通知\n"
    assert changed(title + "9月3日（星期四）放假1天。") == {"09-03": "放假"}
    assert changed(title + "一、纪念日：9月24日放假1天，9月19日（星期六）上班。") == {
        "09-19": "调休上班",
        "09-24": "纪念日",
    }


def test_days_without_a_name_are_those_of_the_holiday_in_force():
    text = "国务院办公厅关于调整2026年部分节假日安排的通知\n5月1日至3日放假，共3天。"
    assert changed(text) == {"05-04": "工作日", "05-05": "工作日", "05-09": "周末"}
    change = read_notice(text, current=shipped_calendar().year(2026))
    assert change.holidays == (Holiday("劳动节", date(2026, 5, 1), date(2026, 5, 3)),)


def test_of_two_holidays_that_are_changed_each_is_replaced_and_the_others_stay():
    text = (
        "国务院办公厅关于调整2026年部分假期的通知\n"
        "一、中秋节：9月25日至27日放假，共3天。\n"
        "二、国庆节：10月1日至7日放假调休，共7天。9月19日（星期六）、10月10日（星期六）上班。\n"
        "三、各地区、各部门要做好落实工作，不能休假的职工应安排补休。\n"
    )
    assert changed(text) == {"09-19": "调休上班", "09-20": "周末"}


@pytest.mark.parametrize(
    ("text", "day", "reason"),
    [
        ("5月2日至6日放假调休，共5天。", "05-01", "是法定的劳动节，调整后却没有放假"),
        ("5月16日（星期六）上班，5月16日照常公休。", "05-16", "写明休息，却不在劳动节放假之内"),
        ("5月12日（星期二）上班。", "05-12", "不是周末，本来就上班"),
        ("劳动节假期延长3天至5月6日。", "05-06", "写明延长3天，到2026-05-06（星期三）却延长了1天"),
        (
            "劳动节假期延长至5月6日，5月11日（星期一）起正常上班。",
            "05-07",
            "却写明2026-05-11（星期一）起上班",
        ),
        (
            "劳动节假期延长至5月6日，5月10日（星期日）起正常上班。",
            "05-07",
            "却写明2026-05-10（星期日）起上班",
        ),
        ("劳动节假期由3月1日延长至5月6日。", "03-01", "离劳动节太远"),
        ("劳动节假期延长至9月6日。", "09-06", "离劳动节太远"),
        ("将5月9日调整为5月10日。", "05-09", "没有写明放假还是上班"),
    ],
)
def test_an_amendment_that_cannot_stand(text, day, reason):
    with pytest.raises(NoticeError) as refusal:
        changed(TITLE + text)
    assert refusal.value.day == date.fromisoformat(f"2026-{day}")
    assert reason in str(refusal.value)


def test_make_up_days_alone_need_a_year_to_change():
    with pytest.raises(NoticeError):
        read_notice(TITLE + "5月10日（星期日）上班。")


def test_the_gap_after_the_extension_of_2020_is_seen():
    before = calendar_known_on(date(2020, 1, 25))
    text = notice("2020-02").replace("2月3日（星期一）起", "2月5日（星期三）起")
    with pytest.raises(NoticeError, match="2020-02-03（星期一）没有放假，却写明2020-02-05（星期三）起上班"):
        read_notice(text, current=before.year(2020))


def test_days_given_back_go_through_the_settled_json_and_the_rows_made_of_it():
    """A weekend no longer worked is off as 周末, a weekday no longer off is worked as 工作日."""
    current = shipped_calendar().year(2026)
    change = read_notice(TITLE + "5月1日至4日放假，共4天。5月10日（星期日）上班。", current=current)
    printed = change.to_json()["days"]
    assert printed[4:] == [
        {"date": "2026-05-05", "working": True, "name": "工作日"},
        {"date": "2026-05-09", "working": False, "name": "周末"},
        {"date": "2026-05-10", "working": True, "name": "劳动节"},
    ]
    rows = [CalendarDay(date.fromisoformat(day["date"]), day["working"], day["name"]) for day in printed]
    for again in (from_days(2026, rows), read_notice(json.dumps(change.to_json()), current=current)):
        assert again.given_back == (date(2026, 5, 5), date(2026, 5, 9))
        assert current.amended_by(again).days == current.amended_by(change).days
        after = shipped_calendar().with_year(again)
        # 30 April, then 5, 6, 7, 8 and 10 May, then the week after.
        assert after.due_on(date(2026, 4, 30), 5) == date(2026, 5, 10)
        assert after.day(date(2026, 5, 9)).reason == "周末"
        assert after.day(date(2026, 5, 5)).reason == "工作日"


def test_a_table_changes_only_the_days_that_it_lists():
    current = shipped_calendar().year(2026)
    table = "date,working,name\n2026-05-09,放假,周末\n2026-05-10,上班,劳动节\n"
    change = read_notice(table, current=current)
    after = shipped_calendar().with_year(change)
    assert [(day.date.day, day.new.reason) for day in shipped_calendar().differs(after)] == [
        (9, "周末"),
        (10, "调休上班"),
    ]


def test_a_calendar_file_may_give_days_back():
    current = shipped_calendar().year(2026)
    text = """year = 2026
[[notices]]
holidays = [{ name = "劳动节", start = 2026-05-01, end = 2026-05-04 }]
make_up = []
given_back = [2026-05-05, 2026-05-09]
"""
    change = read_notice(text, current=current)
    assert change.given_back == (date(2026, 5, 5), date(2026, 5, 9))
    with pytest.raises(NoticeError, match=r"notices\[0\].given_back：应为日期的列表"):
        read_notice(text.replace("[2026-05-05, 2026-05-09]", "[5]"), current=current)


def test_the_balance_of_a_year_and_of_its_holidays():
    """Of 2026: 13 by law. Labour Day: 1, 4 and 5 May off, 9 May worked. One more day off makes 14."""
    current = shipped_calendar().year(2026)
    assert current.balance == 13
    labour_day = next(each for each in current.arrangements if each.name == "劳动节")
    assert (len(labour_day.off), labour_day.make_up, labour_day.balance) == (5, (date(2026, 5, 9),), 2)
    change = read_notice(TITLE + "5月9日（星期六）不再上班。", current=current)
    assert current.amended_by(change).balance == 14
