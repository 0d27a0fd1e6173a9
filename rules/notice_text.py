"""The schedule in a State Council notice's own words (2004 to today).

A notice has one item a holiday ("一、元旦：1月1日至3日放假调休，共3天。1月4日（星期日）上班。"). Its clauses are read one
by one, and a clause that speaks of work or rest and is not understood is refused rather than passed over: a day
lost here would be a wrong deadline in every case.
"""

from __future__ import annotations

import re
from datetime import date

from rules.calendar_years import ONE_DAY, YearCalendar, ordinary, statutory_range
from rules.notice_checks import NoticeError, Off, On, assemble, told
from rules.notice_dates import SPAN, DateReader, Span, existing, gaps
from rules.notice_items import FARTHEST_MAKE_UP, UNNAMED, Item, plain_name
from rules.notice_passages import (
    HOLIDAY_NAME,
    ITEM_MARK,
    NAMED_HEAD,
    REMARK,
    SIGNATURE,
    Passage,
    is_title,
    number_in_words,
    passages_of,
)
from rules.notice_tables import in_sentences

QUOTED = 40
ADVICE = "鼓励|提倡|倡导|号召|建议"
# An item without the name of its holiday before a colon is about the one in the title.
HEAD = re.compile(
    rf"{ITEM_MARK}?{NAMED_HEAD}|{ITEM_MARK}(?P<other>[^:,。0-9]{{2,40}}):"
    rf"|{ITEM_MARK}(?=(?:将|延长)*(?:[0-9]{{4}}年|[0-9]{{1,2}}月|{HOLIDAY_NAME}假期))"
)
MARK = re.compile(ITEM_MARK)
MARKED_ADVICE = re.compile(rf"{ITEM_MARK}(?:{ADVICE})")
TITLE = re.compile(r"关于(?:调整|延长)?(?:[0-9]{4}年)?(?P<name>.+?)(?:假期|放假|调休|节假日)")
TITLE_YEAR = re.compile(r"关于[^。0-9]{0,20}([0-9]{4})年|([0-9]{4})年(?:全国|部分|法定)*(?:节假日|放假|假期)")
NUMBER = re.compile(r"(国(?:办)?)(发明电)\(([0-9]{4})\)([0-9]+)号")
FULL_DATE = re.compile(r"([0-9]{4})年[0-9]{1,2}月[0-9]{1,2}日")
SENTENCE_END = re.compile("[。!]")
PART_END = re.compile(";")
# A range may go on after a comma; advice to the units begins a clause of its own.
CLAUSE_END = re.compile(rf",(?!至)|(?={ADVICE})")
LENGTH = re.compile(
    r"(?P<kind>共|放假|调休|公休|延长|假期)(?P<days>[0-9]{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])天"
)
# Words that only join, taken out of what a clause says.
JOINING = re.compile("全国|全体公民|其中:?|原定|原安排|现将|均|都|[、和及与将从自由]")
# What a clause may say of its dates. A verb alone asks for dates; "放假期间" and the like ask for none.
VERB = re.compile(
    r"(?:上班|补班|放假|补休|公休|(?:照常|正常|恢复)工作)(?!期间|安排|通知|办法|规定|时间|前|后)|调整为"
)
ON = re.compile(
    r"(?:照常|正常|恢复|调休|统一|补|需|须|应)*(?:上班|补班)|(?:照常|正常|恢复)工作|(?:调整|改)?为(?:调休)?(?:上班日?|工作日)"
    r"|(?:调休)?(?:上班|补班)(?:日期?|时间)?(?:分别)?[为是:]"
)
OFF = re.compile(
    r"(?:[^:]*:)?(?:统一)?(?:调休)?(?:放假|补休|调休)(?:调休|公休|休息)?(?:周末连休)?共?|(?:调整|改)为(?:放假|休息日?|公休日?)"
)
NO_LONGER_ON = re.compile(r"(?:不再|不|取消)(?:安排|调休|补)*(?:上班|补班)|(?:调休)?上班取消")
NO_LONGER_OFF = re.compile(r"(?:不再|不|取消)(?:安排|调休)*(?:放假|补休)")
REST = re.compile(".*(?:法定|公休).*|(?:照常|正常)?休息")
# What opens the one item of a notice without headings.
ARRANGES = re.compile(rf"{VERB.pattern}|延长|休息|工作日")
RESUMES = re.compile(r".*起.*(?:上班|工作)")
TURN = re.compile(r"调整(?:为|至|到)|改(?:为|至|到)|变更为|[调移](?:至|到)")
LISTED = re.compile("共?")
# More dates than any list of a notice has before its verb.
MOST_WAITING = 40
# What is left of a date that was mistyped or is written in a way that is not certain.
FRAGMENT = re.compile(r"[0-9]月|月[0-9]|[0-9]日|[0-9][./-][0-9]")
# What the title of a year's notice leaves for a name ("部分节假日安排").
PART_OF_YEAR = "部分"
NO_EXCHANGE = "不调休"
WITH_WEEKEND = "连休"


class NoticeText:
    """A reader of one notice. `current` is the year's schedule in force, which an amendment builds on."""

    def __init__(self, text: str, year: int | None, current: YearCalendar | None) -> None:
        passages = passages_of(in_sentences(text))
        self.text = "\n".join(passage.text for passage in passages)
        self.title = next((passage.text for passage in passages if is_title(passage)), self.text[:200])
        sentences = [
            sentence
            for passage in passages
            if not is_title(passage)
            for sentence in passage.split(SENTENCE_END)
        ]
        self.signature = next((s for s in reversed(sentences) if SIGNATURE.fullmatch(s.text)), None)
        self.sentences = [sentence for sentence in sentences if sentence is not self.signature]
        self.has_heads = any(HEAD.match(sentence.text) for sentence in self.sentences)
        self.year = self._year(year)
        self.current = current if current is not None and current.year == self.year else None
        self.dates = DateReader(self.year)
        self.items: list[Item] = []
        self.item: Item | None = None
        self._start_sentence("")

    def read(self) -> YearCalendar:
        """The schedule, checked. Raises NoticeError with the line, the day and the reason."""
        for sentence in self.sentences:
            self._sentence(sentence)
        for item in self.items:
            item.settle(self.current)
        self._check_names()
        number = NUMBER.search(self.text)
        schedule = assemble(
            self.year,
            "{}{}〔{}〕{}号".format(*number.groups()) if number else None,
            self._announced_on(),
            [off for item in self.items for off in item.offs],
            [on for item in self.items for on in item.ons],
            self.current,
            self._given_back(),
        )
        self._check_resumptions(schedule)
        return schedule

    # The notice as a whole

    def _announced_on(self) -> date | None:
        if self.signature is None:
            return None
        dated = SIGNATURE.fullmatch(self.signature.text)
        assert dated is not None
        year, month, day = map(int, dated.groups())
        return existing(year, month, day, self.signature.place)

    def _year(self, expected: int | None) -> int:
        title = TITLE_YEAR.search(self.title) or TITLE_YEAR.search(self.text)
        if title:
            stated = int(title[1] or title[2])
        else:
            years = {int(year) for each in self.sentences for year in FULL_DATE.findall(each.text)}
            # The days of New Year may be in the year before.
            if len(years) != 1 or years == {(expected or 0) - 1}:
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

    def _given_back(self) -> list[date]:
        """The days of the schedule in force that the notice takes back: what its items replace, and the make-up
        days on which it gives rest.
        """
        if self.current is None:
            return []
        make_up = {day for day, _ in self.current.make_up}
        worked = {on.date: on.place for item in self.items for on in item.ons}
        rests = {day: place for item in self.items for day, place in item.rests if day in make_up}
        for day in rests.keys() & worked.keys():
            raise NoticeError(rests[day], f"{told(day)}写明休息，又安排上班（{worked[day]}）", day)
        return sorted({*rests, *(day for item in self.items for day in item.replaced(self.current))})

    def _check_names(self) -> None:
        """Refuse two items of one holiday: which of them holds is not for a reader to say."""
        for index, item in enumerate(self.items):
            for other in self.items[:index]:
                if item.offs and other.offs and item.shares_name(other.name):
                    day = min(item.off_days())
                    raise NoticeError(
                        item.place, f"{item.name}写了两次，{told(day)}起的安排另见{other.place}", day
                    )

    def _check_resumptions(self, schedule: YearCalendar) -> None:
        """Refuse a day of return that is not the first working day after the days off."""
        whole = self.current.amended_by(schedule) if self.current and schedule.amends else schedule
        working = {day.date: day.working for day in whole.days}
        for item in self.items:
            for day, place in item.resumes:
                before = [off for off, works in working.items() if off < day and not works]
                if day in item.off_days() or not before:
                    raise NoticeError(place, f"{told(day)}既在{item.name}放假之内，又写明起上班", day)
                first = max(before) + ONE_DAY
                while not working.get(first, ordinary(first).working):
                    first += ONE_DAY
                if first < day:
                    raise NoticeError(place, f"{told(first)}没有放假，却写明{told(day)}起上班", first)
                if first > day:
                    raise NoticeError(place, f"{told(day)}不是工作日，却写明起上班", day)

    # Items

    def _title_name(self) -> str:
        title = TITLE.search(self.title)
        name = plain_name(title["name"]) if title else UNNAMED
        return UNNAMED if re.search("[0-9][月日]|调整|调休", name) else name

    def _opened(self, name: str, place: str, named: bool) -> Item:
        self.item = Item(name, place, named)
        self.items.append(self.item)
        self.dates.forget()
        return self.item

    def _begin(self, part: Passage) -> Passage:
        """Open a new item if the part heads one; the part without its heading."""
        head = HEAD.match(part.text)
        if head is None:
            if MARK.match(part.text):
                if SPAN.search(part.text) and not MARKED_ADVICE.match(part.text):
                    raise self._nameless(part)
                self.item = None
            return part
        own = head["name"] or head["other"]
        name = plain_name(own) if own else self._title_name()
        if name == PART_OF_YEAR or (name == UNNAMED and any(item.named for item in self.items)):
            raise self._nameless(part)
        if own or not (self.items and self.items[-1].name == name):
            self._opened(name, part.place, head["name"] is not None)
        self.item = self.items[-1]
        return part.part(head.end())

    # Sentences and their clauses

    def _start_sentence(self, text: str) -> None:
        self.pending: list[Span] = []
        # "其中" speaks of parts of the days off, and so does what follows "作如下调休".
        self.within = False
        self.advises = False
        self.restates = "如下" in text
        self.extends = "延长" in text

    def _sentence(self, sentence: Passage) -> None:
        self._start_sentence(sentence.text)
        for part in sentence.split(PART_END):
            for clause in self._begin(part).split(CLAUSE_END):
                self._clause(clause)
        if self.pending:
            day = self.pending[0].start
            raise NoticeError(sentence.place, f"{told(day)}之后没有写明放假还是上班", day)

    def _clause(self, clause: Passage) -> None:
        if re.match(ADVICE, clause.text):
            self.advises = True
            return
        self.within = self.within or "其中" in clause.text
        # What the clause says, without the dates and the remarks on them.
        words = REMARK.sub("", SPAN.sub("", clause.text))
        said = JOINING.sub("", LENGTH.sub(r"\g<kind>", words))
        dated = SPAN.search(clause.text) is not None
        item = self.item or self._item_of_title(clause, words, said, dated)
        if item is None:
            return
        item.extends = item.extends or self.extends
        spans = self.dates.spans(clause, item, self.within)
        if FRAGMENT.search(said) or (not (spans or self.pending) and VERB.search(LENGTH.sub("", words))):
            raise NoticeError(clause.place, f"看不懂“{_short(clause)}”，日期不完整")
        if spans or self.pending:
            self._dated_clause(item, clause, said, spans)
        self._claims(item, words, spans, clause.place)

    def _item_of_title(self, clause: Passage, words: str, said: str, dated: bool) -> Item | None:
        """The item that a clause outside of all items opens: where none has a heading, the one of the title.

        None for a preamble and for what follows the items; a schedule there has lost its heading. "自10月1日起
        放假" before the items is an explanation.
        """
        if not self.has_heads and not self.items:
            opens = dated and (ARRANGES.search(words) or LISTED.fullmatch(said))
            name = self._title_name()
            return (
                self._opened(UNNAMED if name == PART_OF_YEAR else name, clause.place, False)
                if opens
                else None
            )
        if dated and VERB.search(words) and (self.items or "起" not in words):
            raise self._nameless(clause)
        return None

    def _dated_clause(self, item: Item, clause: Passage, said: str, spans: list[Span]) -> None:
        """File the dates of a clause, and those before it that waited for a verb, under what it says of them."""
        place = clause.place
        waiting = [*(span._replace(at=-1) for span in self.pending), *spans]
        days = [day for span in waiting for day in span.days]
        self.pending = []
        turn = TURN.search(clause.text)
        listed = all(not JOINING.sub("", gap) for gap in gaps(clause.text))
        if RESUMES.fullmatch(said):
            item.resumes.append((days[0], place))
        elif "延长" in said and not re.search("上班|补班|公休|补休", said):
            self._extend(item, days, clause)
        elif listed and ON.fullmatch(said):
            item.ons += [On(item.name, day, place) for day in days]
        elif turn and spans and waiting[0].at < turn.start() < spans[-1].at:
            self._turn(item, clause, turn, waiting)
        elif listed and OFF.fullmatch(said):
            item.offs += self._new_offs(item, waiting, place)
        elif NO_LONGER_OFF.fullmatch(said) and all(ordinary(day).working for day in days):
            item.ons += [On(item.name, day, place) for day in days]
        elif NO_LONGER_ON.fullmatch(said) or REST.fullmatch(said):
            item.rests += [(day, place) for day in days]
        elif LISTED.fullmatch(said) and len(waiting) < MOST_WAITING:
            self.pending = waiting
        elif not self.advises or VERB.search(said):
            raise NoticeError(place, f"看不懂“{_short(clause)}”，没有写明放假还是上班", days[0])

    def _turn(self, item: Item, clause: Passage, turn: re.Match[str], spans: list[Span]) -> None:
        """Days put in place of others: a rest day moved, a make-up day, or the days off themselves."""
        before = [day for span in spans if span.at < turn.start() for day in span.days]
        after = [span for span in spans if span.at > turn.start()]
        left = clause.text[: turn.start()]
        if re.search("上班|补班", left):
            item.rests += [(day, clause.place) for day in before]
            item.ons += [On(item.name, day, clause.place) for span in after for day in span.days]
        elif "放假" in left:
            item.offs += self._new_offs(item, after, clause.place)
        elif turn.group()[0] in "调移" and turn.group()[1] in "至到":
            item.moved.append((before, [day for span in after for day in span.days], clause.place))
        else:
            raise NoticeError(clause.place, f"看不懂“{_short(clause)}”，没有写明放假还是上班", before[0])

    def _new_offs(self, item: Item, spans: list[Span], place: str) -> list[Off]:
        """The ranges as days off of this item, less what it has already given ("其中9月3日放假")."""
        offs = []
        for _, start, end in spans:
            known = item.off_days()
            days = set(Span(0, start, end).days)
            inside = known & days
            if inside and not (self.within or self.restates):
                day = min(inside)
                raise NoticeError(place, f"{item.name}的{told(day)}两次写明放假，前后的安排不同", day)
            if known and known <= days:
                item.offs.clear()
            elif inside:
                if inside != days:
                    raise NoticeError(place, f"{told(min(inside))}在{item.name}的两段放假之内", min(inside))
                continue
            offs.append(Off(item.name, start, end, place))
        return offs

    def _extend(self, item: Item, days: list[date], clause: Passage) -> None:
        """An extension gives only the new last day; the schedule in force has the days before."""
        name = self._title_name() if item.name == UNNAMED else item.name
        end = days[-1]
        held = [
            holiday
            for holiday in (self.current.holidays if self.current else ())
            if item.shares_name(holiday.name) and holiday.end < end
        ]
        if not held:
            raise NoticeError(
                clause.place,
                f"通知把{name}假期延长至{told(end)}，但没有可延长的{self.year}年{name}安排，请先载入该年的安排",
                end,
            )
        start = held[-1].end + ONE_DAY
        added = (end - start).days + 1
        other = next((day for day in days if not held[0].start <= day <= end), end)
        if other != end or added > FARTHEST_MAKE_UP:
            raise NoticeError(
                clause.place, f"{told(other)}离{name}太远，看不懂“{_short(clause)}”，请核对日期", other
            )
        for claim in LENGTH.finditer(clause.text):
            if number_in_words(claim["days"]) != added:
                raise NoticeError(
                    clause.place,
                    f"{name}假期写明延长{claim['days']}天，到{told(end)}却延长了{added}天",
                    end,
                )
        item.offs.append(Off(name, start, end, clause.place))

    def _claims(self, item: Item, words: str, spans: list[Span], place: str) -> None:
        """Keep what the clause claims about the item as a whole, and check a length that stands by its range."""
        if NO_EXCHANGE in words:
            item.unexchanged = place
        if WITH_WEEKEND in words:
            item.with_weekend = place
        if "延长" in words:
            return
        for claim in LENGTH.finditer(words):
            days = number_in_words(claim["days"])
            if claim["kind"] in ("共", "假期") or not spans:
                item.totals.append((days, place))
                continue
            item.sized = True
            stated = sum(len(span.days) for span in spans)
            if days != stated:
                raise NoticeError(
                    place, f"{told(spans[0].start)}起放假写明{days}天，日期却是{stated}天", spans[0].start
                )

    def _nameless(self, part: Passage) -> NoticeError:
        return NoticeError(part.place, f"看不懂“{_short(part)}”，没有写明是哪个节日")


def _short(passage: Passage) -> str:
    return passage.text[:QUOTED]
