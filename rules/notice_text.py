"""The schedule in a State Council notice's own words (2004 to today).

A notice has one item a holiday ("一、元旦：1月1日至3日放假调休，共3天。1月4日（星期日）上班。"). Its clauses are read one
by one, and a clause with a date that is not understood is refused rather than passed over: a day lost here
would be a wrong deadline in every case.
"""

from __future__ import annotations

import re
from datetime import date

from rules.calendar_years import ONE_DAY, YearCalendar, days_between, statutory_range
from rules.notice_checks import NoticeError, Off, On, assemble, check_weekday, told
from rules.notice_items import Item

OCTOBER = 10
QUOTED = 40
# The variants of typing, each mapped to one character so that places in the text stay where they are.
VARIANTS = str.maketrans(
    '０１２３４５６７８９（）：，；,～∼—–－―─‐　\u00a0\t\r"＂「」『』',
    "0123456789():，；，~~------    “”“”“”",
)
NUMERALS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}
HOLIDAY_NAMES = {
    "元旦": "元旦",
    "新年": "元旦",
    "春节": "春节",
    "清明": "清明节",
    "劳动节": "劳动节",
    "五一": "劳动节",
    "端午": "端午节",
    "中秋": "中秋节",
    "国庆": "国庆节",
    "十一": "国庆节",
}
NAME = r"(?:“?五一”?(?:国际)?(?:劳动节)?|国际劳动节|劳动节|元旦节?|新年|春节|清明节?|端午节?|中秋节?|国庆节?|“十一”)"
MARK = r"(?:\(?[一二三四五六七八九十]{1,3}[、)]|\(?\d{1,2}[、.)](?!\d)|[①-⑩]|-{1,2}|[•·*])"
DATE = r"(?:(?:\d{4} *年 *)?\d{1,2} *月 *)?\d{1,2} *日(?: *\([^()]*\))*"
DATE_PARTS = re.compile(
    r"(?:(?:(?P<year>\d{4}) *年 *)?(?P<month>\d{1,2}) *月 *)?(?P<day>\d{1,2}) *日(?P<note>(?: *\([^()]*\))*)"
)
SPAN = re.compile(rf"(?P<start>{DATE}) *(?:起?(?:至|到|-+|~+) *(?P<end>{DATE}))?")
HEAD = re.compile(
    rf"\s*{MARK}?\s*(?P<name>{NAME}(?:[、和及与]{NAME})*)(?:\([^()]*\))?\s*(?::|(?=\s*(?:\d{{4}}年)?\d{{1,2}}月))"
    rf"|\s*{MARK}\s*(?P<other>[^:，。\d\n]{{2,40}}):"
    rf"|\s*{MARK}\s*(?=(?:延长)?(?:\d{{4}}年|\d{{1,2}}月))"
)
MARKED_DATE = re.compile(rf"\s*{MARK}.*\d{{1,2}} *日", re.DOTALL)
TITLE = re.compile(r"关于(?:调整|延长)?(?:\d{4}年)?(?P<name>.+?)(?:假期|放假|调休|节假日)")
TITLE_YEAR = re.compile(r"关于[^。\d]{0,20}(\d{4})\s*年")
NUMBER = re.compile(r"(国(?:办)?)\s*(发明电)\s*[〔\[(【](\d{4})[〕\])】]\s*(\d+)\s*号")
ONES = "[一二三四五六七八九]"
SIGNED = re.compile(
    rf"^ *(?:(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日"
    rf"|([〇○零一二三四五六七八九]{{4}})年(十[一二]?|{ONES})月([二三]?十{ONES}?|{ONES})日) *$",
    re.MULTILINE,
)
# A line that ends in one of these goes on in the next.
SENTENCE_END = re.compile(r"。|(?<![、，:(至到])\n")
CLAUSE_END = re.compile(r"[，；](?![^()]*\))")
WEEKDAY = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])")
LENGTH = re.compile(r"(?P<kind>共|放假|调休|公休) *(?P<days>\d{1,2}|[一二三四五六七八九十]) *天")
# What a clause may say of its dates, the dates, remarks and lengths taken out of it.
OFF = re.compile(
    r"(?:.*:)?[、和及将其中为从自]*(?:全国|全体公民)?(?:调休)?(?:放假|补休|调休)(?:调休|公休|休息)?(?:与周末连休)?共?"
)
ON = re.compile(r"[、和及均都将其中]*(?:照常|正常|恢复|调休)?上班")
LISTED = re.compile(r"[、和及将其中]*")
# What is left of a date that was mistyped.
FRAGMENT = re.compile(r"\d月|月\d")
BARE_VERB = re.compile(r"[日月星期周一二三四五六、\d]*(?:放假|补休|上班)(?:调休|公休)?")
UNNAMED = "放假"
# What the title of a year's notice leaves for a name ("部分节假日安排").
NO_HOLIDAY = ("部分", UNNAMED)
NO_EXCHANGE = "不调休"
WITH_WEEKEND = "连休"


def number_of(text: str) -> int:
    """A number in digits or in Chinese numerals below a hundred."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return NUMERALS[text]
    return (NUMERALS[tens] if tens else 1) * 10 + (NUMERALS[ones] if ones else 0)


class NoticeText:
    """A reader of one notice. `current` is the year's schedule in force, which an extension builds on."""

    def __init__(self, text: str, year: int | None, current: YearCalendar | None) -> None:
        self.text = text.translate(VARIANTS)
        self.current = current
        self.items: list[Item] = []
        self.sentences = self._sentences()
        self.first = next((i for i, (at, s) in enumerate(self.sentences) if HEAD.match(s)), 0)
        self.last_seen: date | None = None
        self.signed = self._signed()
        self.year = self._year(year)

    def read(self) -> YearCalendar:
        """The schedule, checked. Raises NoticeError with the line, the day and the reason."""
        self._check_preamble()
        pending: list[tuple[date, date]] = []
        for at, sentence in self.sentences[self.first :]:
            if self.signed and at <= self.signed[0] < at + max(len(sentence), 1):
                continue
            at, sentence = self._begin(at, sentence)
            if "鼓励" in sentence or "提倡" in sentence:
                self._spans(at, sentence, self._item())
                continue
            for clause_at, clause in _split(CLAUSE_END, sentence):
                pending = self._clause(at + clause_at, clause, pending)
        if pending:
            raise NoticeError("通知正文", f"{told(pending[0][0])}之后没有写明放假还是上班", pending[0][0])
        for item in self.items:
            item.settle()
        number = NUMBER.search(self.text)
        return assemble(
            self.year,
            "{}{}〔{}〕{}号".format(*number.groups()) if number else None,
            self.signed[1] if self.signed else None,
            [off for item in self.items for off in item.offs],
            [on for item in self.items for on in item.ons],
            self.current,
        )

    def _check_preamble(self) -> None:
        """Refuse a schedule before the first item: its heading was lost. "自10月1日起放假" is an explanation."""
        for at, sentence in self.sentences[: self.first]:
            for clause_at, clause in _split(CLAUSE_END, sentence):
                verb = SPAN.sub("", clause)
                if verb != clause and "起" not in verb and re.search("放假|上班|补休", verb):
                    raise NoticeError(
                        self._place(at + clause_at), f"看不懂“{_short(clause)}”，没有写明是哪个节日"
                    )

    # Finding the parts

    def _place(self, at: int) -> str:
        return f"第{self.text.count(chr(10), 0, at) + 1}行"

    def _sentences(self) -> list[tuple[int, str]]:
        return [(at, part) for at, part in _split(SENTENCE_END, self.text) if part.strip()]

    def _signed(self) -> tuple[int, date] | None:
        """Where the notice is dated, and the date: the last line that is a date and nothing else."""
        dated = list(SIGNED.finditer(self.text))
        if not dated:
            return None
        year, month, day, *numerals = dated[-1].groups()
        if year is None:
            year = "".join(str(NUMERALS[character]) for character in numerals[0])
            month, day = (str(number_of(part)) for part in numerals[1:])
        at = dated[-1].start() + len(dated[-1].group()) - len(dated[-1].group().lstrip())
        return at, self._date(int(year), int(month), int(day), at)

    def _year(self, expected: int | None) -> int:
        header = self.text[: self.sentences[self.first][0]] if self.sentences else ""
        title = TITLE_YEAR.search(header or self.text)
        if title:
            stated = int(title.group(1))
        else:
            end = self.signed[0] if self.signed else len(self.text)
            years = {
                int(year) for year in re.findall(r"(\d{4}) *年 *\d{1,2} *月 *\d{1,2} *日", self.text[:end])
            }
            if len(years) != 1:
                if expected is None:
                    raise NoticeError("年份", "通知没有写明是哪一年的安排，请另行指定年份")
                return expected
            stated = years.pop()
        first, last = statutory_range()
        if not first <= stated <= last:
            raise NoticeError("年份", f"通知是{stated}年的安排，日历只覆盖{first}年至{last}年")
        if expected is not None and stated != expected:
            raise NoticeError("年份", f"通知是{stated}年的安排，要载入的是{expected}年")
        return stated

    def _item(self) -> Item:
        """The item being read; a notice without named items is about the holiday in its title."""
        if not self.items:
            self.items.append(Item(self._title_name(), "通知正文"))
        return self.items[-1]

    def _title_name(self) -> str:
        title = TITLE.search(re.sub(r"\s", "", self.text[:200]))
        return _plain_name(title["name"]) if title else UNNAMED

    def _begin(self, at: int, sentence: str) -> tuple[int, str]:
        """Open a new item if the sentence heads one; the sentence without its heading."""
        head = HEAD.match(sentence)
        if head is None:
            if MARKED_DATE.match(sentence):
                raise NoticeError(self._place(at), f"看不懂“{_short(sentence)}”，没有写明是哪个节日")
            return at, sentence
        name = _plain_name(head["name"] or head["other"] or "") or self._title_name()
        if name in NO_HOLIDAY:
            raise NoticeError(self._place(at), f"看不懂“{_short(sentence)}”，没有写明是哪个节日")
        self.items.append(Item(name, self._place(at), bool(head["name"])))
        self.last_seen = None
        return at + head.end(), sentence[head.end() :]

    # Dates

    def _date(self, year: int, month: int, day: int, at: int) -> date:
        try:
            return date(year, month, day)
        except ValueError:
            raise NoticeError(self._place(at), f"没有{year}年{month}月{day}日这一天") from None

    def _resolve(self, written: str, at: int, item: Item) -> date:
        """The day that is meant: a missing month or year is that of the date before, or the notice's."""
        parts = DATE_PARTS.fullmatch(written.strip())
        if parts is None:
            raise NoticeError(self._place(at), f"看不懂日期“{written.strip()}”")
        if parts["month"] is None:
            day = self._bare_day(int(parts["day"]), at, item)
        else:
            month = int(parts["month"])
            # New Year's Day may be joined by days of the December before.
            before = item.name == "元旦" and month >= OCTOBER
            year = int(parts["year"]) if parts["year"] else self.year - before
            day = self._date(year, month, int(parts["day"]), at)
            if not self.year - 1 <= year <= self.year:
                raise NoticeError(self._place(at), f"{told(day)}不属于{self.year}年的安排", day)
        stated = WEEKDAY.search(parts["note"] or "")
        if stated:
            check_weekday(day, "一二三四五六日".index(stated.group(1).replace("天", "日")), self._place(at))
        self.last_seen = day
        return day

    def _bare_day(self, number: int, at: int, item: Item) -> date:
        """A day written without its month: within the days off just given if it can be ("1月29日—2月4日放假，
        其中29日、30日"), else in the month of the date before.
        """
        if self.last_seen is None:
            raise NoticeError(self._place(at), f"“{number}日”没有写明月份")
        inside = [day for day in item.off_days() if day.day == number]
        if inside and all(day.month != self.last_seen.month for day in inside):
            return min(inside)
        return self._date(self.last_seen.year, self.last_seen.month, number, at)

    def _spans(self, at: int, clause: str, item: Item) -> list[tuple[int, date, date]]:
        """The dates and ranges of a clause: where each stands in it, its first and its last day."""
        spans = []
        for found in SPAN.finditer(clause):
            start = self._resolve(found["start"], at + found.start("start"), item)
            end = start
            if found["end"]:
                end = self._resolve(found["end"], at + found.start("end"), item)
            if end < start:
                raise NoticeError(
                    self._place(at + found.start()), f"{item.name}的止日{told(end)}早于起日{told(start)}", end
                )
            spans.append((found.start(), start, end))
        return spans

    # Clauses

    def _clause(self, at: int, clause: str, pending: list[tuple[date, date]]) -> list[tuple[date, date]]:
        """Read one clause; dates that still wait for their verb are given back."""
        if not re.search(r"\d *日", clause) and not pending and not self.items:
            return []
        item = self._item()
        place = self._place(at)
        spans = self._spans(at, clause, item)
        # What the clause says, without the dates and the remarks on them.
        verb = re.sub(r"\([^()]*\)", "", SPAN.sub("", clause))
        days = pending + [(start, end) for _, start, end in spans]
        said = re.sub(r"\s", "", LENGTH.sub(r"\g<kind>", verb))
        if FRAGMENT.search(said) or (not days and BARE_VERB.fullmatch(said)):
            raise NoticeError(place, f"看不懂“{_short(clause)}”，日期不完整")
        if days:
            pending = self._dated_clause(item, clause, said, days, spans, place)
        self._claims(item, verb, spans, place)
        return pending

    def _dated_clause(
        self,
        item: Item,
        clause: str,
        said: str,
        days: list[tuple[date, date]],
        spans: list[tuple[int, date, date]],
        place: str,
    ) -> list[tuple[date, date]]:
        """File the dates of a clause under what it says of them; dates without a verb are given back."""
        singles = [day for start, end in days for day in days_between(start, end)]
        if "起" in said and said.endswith("上班"):
            self._resumes(item, singles[0], place)
        elif "延长" in said:
            self._extend(item, singles[-1], place)
        elif ON.fullmatch(said):
            item.ons += [On(item.name, day, place) for day in singles]
        elif "调至" in said or "调到" in said:
            turn = max(clause.find("调至"), clause.find("调到"))
            sources = [day for at, start, end in spans if at < turn for day in days_between(start, end)]
            targets = [day for at, start, end in spans if at > turn for day in days_between(start, end)]
            item.moved.append((sources, targets, place))
        elif "法定" in said or "公休日" in said or "照常" in said:
            item.rests += [(day, place) for day in singles]
        elif OFF.fullmatch(said):
            item.offs += self._new_offs(item, days, place)
        elif LISTED.fullmatch(said):
            return days
        else:
            raise NoticeError(place, f"看不懂“{_short(clause)}”，没有写明放假还是上班", singles[0])
        return []

    def _new_offs(self, item: Item, days: list[tuple[date, date]], place: str) -> list[Off]:
        """The ranges as days off of this item, less what it has already given ("其中9月3日放假")."""
        offs = []
        for start, end in days:
            known = item.off_days()
            inside = known.intersection(days_between(start, end))
            if known and known <= set(days_between(start, end)):
                item.offs.clear()
            elif inside:
                if inside != set(days_between(start, end)):
                    raise NoticeError(place, f"{told(min(inside))}在{item.name}的两段放假之内", min(inside))
                continue
            offs.append(Off(item.name, start, end, place))
        return offs

    def _resumes(self, item: Item, day: date, place: str) -> None:
        if day in item.off_days():
            raise NoticeError(place, f"{told(day)}既在{item.name}放假之内，又写明起上班", day)

    def _extend(self, item: Item, end: date, place: str) -> None:
        """An extension gives only the new last day; the schedule in force has the days before."""
        name = self._title_name() if item.name == UNNAMED else item.name
        held = [
            holiday
            for holiday in (self.current.holidays if self.current else ())
            if name in holiday.name and holiday.end < end
        ]
        if not held:
            raise NoticeError(
                place,
                f"通知把{name}假期延长至{told(end)}，但没有可延长的{self.year}年{name}安排，请先载入该年的安排",
                end,
            )
        item.offs.append(Off(name, held[-1].end + ONE_DAY, end, place))

    def _claims(self, item: Item, verb: str, spans: list[tuple[int, date, date]], place: str) -> None:
        """Keep what the clause claims about the item as a whole, and check a length that stands by its range."""
        if NO_EXCHANGE in verb:
            item.unexchanged = place
        if WITH_WEEKEND in verb:
            item.with_weekend = place
        for claim in LENGTH.finditer(verb):
            days = number_of(claim["days"])
            if claim["kind"] == "共" or not spans:
                item.totals.append((days, place))
                continue
            item.sized = True
            stated = sum((end - start).days + 1 for _, start, end in spans)
            if days != stated:
                raise NoticeError(
                    place, f"{told(spans[0][1])}起放假写明{days}天，日期却是{stated}天", spans[0][1]
                )


def _short(words: str) -> str:
    return re.sub(r"\s+", "", words)[:QUOTED]


def _plain_name(name: str) -> str:
    """The usual name of a holiday or of several: "“五一”国际劳动节" is 劳动节."""
    plain = []
    for part in re.split(r"[、和及与](?=“?(?:" + "|".join(HOLIDAY_NAMES) + r"))", name.strip()):
        known = (usual for key, usual in HOLIDAY_NAMES.items() if key in part and len(part) <= len(key) + 8)
        plain.append(next(known, part.strip()))
    return "、".join(dict.fromkeys(plain))


def _split(pattern: re.Pattern[str], text: str) -> list[tuple[int, str]]:
    """The parts of a text between the matches of a pattern, each with where it begins."""
    parts = []
    at = 0
    for end in pattern.finditer(text):
        parts.append((at, text[at : end.start()]))
        at = end.end()
    return [*parts, (at, text[at:])]
