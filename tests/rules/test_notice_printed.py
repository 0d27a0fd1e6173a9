"""The notices of every year in the forms in which newspapers, ministries and PDF readers print them.

Each form changes the official text of a year and nothing of what it says, so what is read is the shipped schedule of
that year, day by day.
"""

import re
from collections.abc import Callable
from datetime import date

import pytest

from rules.calendar_years import YearCalendar, shipped_notices, years_known_on
from rules.notices import NoticeError, read_notice
from tests.rules.notice_texts import FULL_WIDTH, in_words, lawful, notice

WHOLE_YEARS = {schedule.year: schedule for schedule in shipped_notices() if not schedule.amends}
DAY = r"(?:\d{4}年)?\d{1,2}月\d{1,2}日"
REMARK = r"(?:（[^（）]*）|\([^()]*\))?"
HEAD = r"(?m)^([一二三四五六七]+)、([^：:\n]+)[：:]"
MADE_UP = rf"。((?:{DAY}{REMARK}[、和]?)+)上班"

Form = Callable[[str], str]


def sub(pattern: str, written: str | Callable[[re.Match[str]], str]) -> Form:
    return lambda text: re.sub(pattern, written, text)


def number_of(mark: str) -> int:
    return "一二三四五六七".index(mark) + 1


FORMS: dict[str, Form] = {
    # Punctuation
    "colon after 其中": sub(r"其中，?", "其中："),
    "colon after 其中, comma after the day": lambda text: re.sub(
        rf"({DAY}（[^（）]*）)(为|照常|公休)", r"\1，\2", re.sub(r"其中，?", "其中：", text)
    ),
    "comma before the verb": sub(rf"({DAY}{REMARK})(上班|放假)", r"\1，\2"),
    "half width": lambda text: text.translate(str.maketrans("，：；（）", ",:;()")),
    "full width": lambda text: text.translate(str.maketrans(",:;()", "，：；（）")),
    "half-width stop": sub("。", "｡"),
    "full-width dot": sub("。", "．"),
    "dot and space": sub("。", ". "),
    "angular brackets": lambda text: text.replace("（", "〈").replace("）", "〉"),
    "square brackets": lambda text: text.replace("（", "［").replace("）", "］"),
    # Ranges
    **{
        f"range with {to!r}": sub(r"(?<=[日）)])(?:至|到|—|～|~)(?=\d)", to)
        for to in ("至", "到", "—", "——", "-", "－", "−", "~", "～", "〜", " — ", " 至 ", "–")
    },
    "month in both ends": sub(rf"(\d+)月(\d+)日({REMARK})(至|—|～|到)(\d+)日", r"\1月\2日\3\4\1月\5日"),
    "日 only at the end": sub(r"(\d+月\d+)日(至|—|～|到)(\d+日)", r"\1\2\3"),
    # Digits, weekdays
    "full-width digits": lambda text: text.translate(FULL_WIDTH),
    "spaced digits": sub(r"(\d+)", r" \1 "),
    "no-break spaces": sub(r"(\d+)", "\u00a0\\1\u00a0"),
    "padded with zeros": sub(r"(?<!\d)(\d)(月|日)", r"0\1\2"),
    "radicals": lambda text: text.replace("月", "⽉").replace("日", "⽇"),
    "dates with dots": sub(r"(?<!\d)(\d{1,2})月(\d{1,2})日", r"\1.\2"),
    "周": lambda text: text.replace("星期", "周"),
    "礼拜": sub(r"星期|(?<!\d)周(?=[一二三四五六日])", "礼拜"),
    "周天": sub(r"(星期|周)日", r"\1天"),
    # Lines
    "a sentence a line": sub(r"。(?!\n)", "。\n"),
    "a clause a line": sub(r"([，。；])(?!\n)", "\\1\n"),
    "one line": sub(r"\n", ""),
    "blank lines": sub(r"\n", "\n\n"),
    "indented": sub(r"(?m)^", "　　"),
    **{
        f"{width} characters a line": sub(rf"(.{{{width}}})(?=.)", "\\1\n") for width in (16, 18, 22, 28, 35)
    },
    **{
        f"page number {foot!r}": lambda text, foot=foot: text.replace("\n四、", f"\n{foot}\n四、")
        for foot in ("— 1 —", "- 2 -", "2", "第1页 共2页")
    },
    # Lengths
    "共计": sub(r"，?共(\d+)天", r"，共计\1天"),
    "共…日": sub(r"，?共(\d+)天", r"，共\1日"),
    "length in brackets": sub(r"，?共(\d+)天", r"（共\1天）"),
    "length in words": sub(r"共(\d+)天", lambda found: f"共{in_words(int(found[1]))}天"),
    # Headings
    **{
        f"heading {form!r}": sub(HEAD, form)
        for form in (
            r"\1、\2。", r"\1、\2 ", r"\1、\2，", r"\1、\2——", r"\1．\2：", r"（\1）\2：", r"\2：",
            r"【\2】", "【\\2】\n", "●\\2：", "◆ \\2：", "■\\2：", r"\1、\2放假安排：", r"\1、\2放假时间：", r"\1、\2假期：",
        )
    },
    "numbers": sub(HEAD, lambda found: f"{number_of(found[1])}. {found[2]}："),
    "circled numbers": sub(HEAD, lambda found: f"{'①②③④⑤⑥⑦'[number_of(found[1]) - 1]}{found[2]}："),
    "year in the heading": lambda text: re.sub(HEAD, rf"\1、{re.search('([0-9]{4})年', text)[1]}年\2：", text),
    # Make-up days
    "make-up days on a line": sub(r"。(?=[^。\n]*[上补]班)", "。\n"),
    "make-up days named first": sub(MADE_UP, r"。调休上班：\1"),
    "make-up days as such": sub(MADE_UP, r"。\1为调休上班日"),
    "needed": sub(MADE_UP, r"。\1需上班"),
    "补上班": sub(MADE_UP, r"。\1补上班"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_notice_in_any_printed_form_is_the_shipped_schedule(form):
    for year, schedule in WHOLE_YEARS.items():
        text = FORMS[form](notice(str(year)))
        assert read_notice(text, year).days == schedule.days, (year, text)


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"one line"}))
def test_a_notice_that_changes_a_year_in_any_printed_form_changes_the_same(form):
    for stem in ("2015-09", "2019-05", "2020-02"):
        current = WHOLE_YEARS[int(stem[:4])]
        change = next(s for s in shipped_notices() if s.year == current.year and s.amends)
        text = FORMS[form](notice(stem))
        assert read_notice(text, current.year, current=current).days == change.days, text


def test_a_colon_and_a_comma_in_one_clause():
    """2008 as it was printed: "其中：4月4日（清明节），为法定节假日"."""
    text = notice("2008").replace("其中，4月4日（清明节）为", "其中：4月4日（清明节），为")
    assert read_notice(text).days == WHOLE_YEARS[2008].days


def test_a_make_up_day_in_brackets():
    schedule = read_notice(lawful(春节="2月5日至11日放假调休，共7天（2月14日（星期日）上班）。"))
    assert schedule.days == read_notice(lawful()).days


# Tables

HEADINGS = ["节日", "放假时间", "调休上班日期", "放假天数"]


def rows_of(
    schedule: YearCalendar, *, weekdays: bool = True, between: str = "、", verb: str = ""
) -> list[list[str]]:
    def told(day: date) -> str:
        year = "" if day.year == schedule.year else f"{day.year}年"
        return f"{year}{day.month}月{day.day}日" + (
            f"（周{'一二三四五六日'[day.weekday()]}）" if weekdays else ""
        )

    rows = []
    for name in dict.fromkeys(holiday.name for holiday in schedule.holidays):
        runs = [holiday for holiday in schedule.holidays if holiday.name == name]
        worked = [day for day, made_for in schedule.make_up if made_for == name]
        off = "、".join(
            told(run.start) + (f"至{told(run.end)}" if run.end > run.start else "") for run in runs
        )
        number = sum((run.end - run.start).days + 1 for run in runs)
        rows.append([name, off, between.join(map(told, worked)) + (verb if worked else ""), f"{number}天"])
    return rows


def filled(row: list[str], nothing: str) -> list[str]:
    return [cell or nothing for cell in row]


def lines(rows: list[list[str]], separator: str, nothing: str = "") -> str:
    return "\n".join(separator.join(filled(row, nothing)) for row in [HEADINGS, *rows])


TABLES: dict[str, Callable[[YearCalendar], str]] = {
    "tabs": lambda year: lines(rows_of(year), "\t"),
    "commas": lambda year: lines(rows_of(year), ","),
    "spaces": lambda year: lines(rows_of(year), "    ", "—"),
    "one space": lambda year: lines(rows_of(year), " ", "无"),
    "bars": lambda year: re.sub("(?m)^(.*)$", r"| \1 |", lines(rows_of(year), " | ")).replace(
        "\n", "\n|---|---|---|---|\n", 1
    ),
    "a drawn box": lambda year: re.sub("(?m)^(.*)$", "│\\1│\n├─┼─┼─┼─┤", lines(rows_of(year), "│")),
    "a cell a line": lambda year: lines(rows_of(year), "\n", "无") + "\n\n节假日期间，各地区要安排好值班。",
    "with a verb": lambda year: lines(rows_of(year, verb="上班"), "\t"),
    "without weekdays": lambda year: lines(rows_of(year, weekdays=False, between=" "), "\t"),
    "full-width commas between days": lambda year: lines(rows_of(year, between="，"), "\t"),
    "full-width digits": lambda year: lines(rows_of(year), "\t").translate(FULL_WIDTH),
    "numbered": lambda year: "\n".join(
        "\t".join([str(number) if number else "序号", *row]) for number, row in enumerate([HEADINGS, *rows_of(year)])
    ),
    "within a notice": lambda year: (
        f"各省、自治区：\n经国务院批准，现将{year.year}年放假调休日期的具体安排通知如下。\n"
        + lines(rows_of(year), "\t")
        + f"\n节假日期间，要安排好值班和安全保卫工作。\n国务院办公厅\n{year.year - 1}年11月4日"
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", TABLES)
def test_a_table_in_any_printed_form_is_the_shipped_schedule(form):
    for year, schedule in WHOLE_YEARS.items():
        text = f"{year}年节假日放假安排\n{TABLES[form](schedule)}"
        assert read_notice(text).days == schedule.days, (year, text)


@pytest.mark.parametrize(
    ("table", "place", "reason"),
    [
        ("节日\t放假时间\t调休上班\n元旦\t1月1日至3日\t1月4日\t多一栏", "第3行", "与表头的3栏对不上"),
        ("节日\t放假时间\n元旦\t1月1日至3日\n校庆\t4月8日", "第4行", "与表头的2栏对不上"),
        ("节日\t放假时间\n元旦\t1月1日至3日\n春节\t待定", "第4行", "看不懂“待定放假”"),
        ("节日\t放假时间\t备注\n元旦\t1月1日至3日\t1月9日另行安排", "第3行", "看不懂“1月9日另行安排”"),
        ("节日\t放假时间\t天数\n元旦\t1月1日至3日\t4天", "第3行", "写明共4天"),
    ],
)
def test_a_table_that_is_not_understood_names_its_line(table, place, reason):
    with pytest.raises(NoticeError) as refusal:
        read_notice(f"2027年节假日放假安排\n{table}")
    assert refusal.value.path == place and reason in str(refusal.value)


@pytest.mark.parametrize(
    "table",
    [
        "日期,上班,名称\n2026-01-05,上班,工作日\n2026-01-10,休,周六\n",
        "日期,上班,名称\n2026-01-05,上班,星期一\n2026-01-11,放假,双休日\n",
        '{"year": 2026, "days": [{"date": "2026-03-02", "working": true, "name": "工作日"}]}',
        "date,working,name\n2026-01-01,false,元旦\n2026-01-04,true,元旦\n2026-01-05,true,周一\n",
    ],
)
def test_a_table_that_states_what_is_anyway_so_changes_nothing(table):
    current = years_known_on()[2026]
    assert current.amended_by(read_notice(table, 2026, current=current)).days == current.days


def test_a_table_of_every_day_of_the_year_is_the_schedule():
    current = years_known_on()[2026]
    named = {day.date: day for day in current.days}
    rows = []
    for ordinal in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        told = named.get(day)
        working = told.working if told else day.weekday() < 5
        rows.append(
            f"{day},{'上班' if working else '休'},{told.name if told else '工作日' if working else '周末'}"
        )
    assert read_notice("日期,上班,名称\n" + "\n".join(rows)).days == current.days


def test_a_weekday_that_a_holiday_is_said_to_be_worked_for_stays_refused():
    with pytest.raises(NoticeError, match="2026-03-02（星期一）不是周末"):
        read_notice("日期,上班,名称\n2026-03-02,上班,春节\n", 2026, current=years_known_on()[2026])
