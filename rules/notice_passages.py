"""A notice's text as it is pasted, made even for reading: passages with one way of typing everything.

A copy out of a PDF or a word processor has spaces around digits, full-width or Chinese numerals, radicals that
only look like 月 and 日, invisible characters, and lines that end in the middle of a date. Every character of a
passage remembers the line that it came from, so that a refusal can say where to look.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# Circled numbers head items; the even form of ① would be a bare 1.
CIRCLED = {ord("①") + n: f"{n + 1}、" for n in range(20)}
# What the compatibility form of Unicode leaves different. Quotation marks only decorate the names of holidays.
EVEN = str.maketrans(
    {
        **dict.fromkeys("—–―─‐‑−", "-"),
        **dict.fromkeys("∼〜", "~"),
        **dict.fromkeys("[〔【〈", "("),
        **dict.fromkeys("]〕】〉", ")"),
        **dict.fromkeys("●◆◇■□▪▶►★☆※", "•"),
        **dict.fromkeys("“”\"「」『』‘’'", None),
    }
)
SPACE = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")
# A full stop that is typed as a dot: neither a date's, nor that of an item's number.
DOT = re.compile(r"(?<=[^0-9])\.")
NUMBERED_WITH_DOT = re.compile(r"^([一二三四五六七八九十]{1,3})\.")
# What stands at the foot of a page that was copied with the text.
PAGE_NUMBER = re.compile(r"-+[0-9]{1,3}-+|第[0-9]{1,3}页(?:共[0-9]{1,3}页)?")
BARE_NUMBER = re.compile(r"[0-9]{1,3}")
DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}
DIGIT = "[〇○零一二三四五六七八九]"
ONES = "[一二三四五六七八九]"
MONTH = rf"(?:十[一二]?|{ONES})"
DAY = rf"(?:[二三]?十{ONES}?|廿{ONES}?|{ONES})"
BETWEEN = "[至到~、和及与,-]"
# Not the "10、" of a list of days, nor the dash of a range.
ITEM_MARK = (
    r"(?:\(?[一二三四五六七八九十]{1,3}[、)]|\([0-9]{1,2}\)|[0-9]{1,2}(?:、|\)|\.)(?![0-9])"
    r"|-{1,2}(?![0-9]|[一二三四五六七八九十]{1,3}[月日])|[•·*])"
)
HOLIDAY_NAME = (
    r"(?:五一(?:国际)?(?:劳动节)?|国际劳动节|劳动节|元旦节?|新年|春节|清明节?|端午节?|中秋节?|国庆节?|十一)"
)
MONTH_AHEAD = r"(?:[0-9]{4}年)?[0-9]{1,2}月"
NAMED_HEAD = (
    rf"(?:[0-9]{{4}}年)?\(?(?P<name>{HOLIDAY_NAME}(?:[、和及与]{HOLIDAY_NAME})*)\)?(?:\([^()]*\))?"
    rf"(?:(?:放假|假期)?(?:调休)?(?:安排|时间|日期)?:|(?:,|-{{1,2}})?(?={MONTH_AHEAD})|(?=$))"
)
MARKED_HOLIDAY = re.compile(rf"{ITEM_MARK}{NAMED_HEAD}")
NEW_PASSAGE = re.compile(rf"{ITEM_MARK}|第[一二三四五六七八九十]{{1,3}}[、,:.]|{NAMED_HEAD}")
TITLE = re.compile(r"(?:标题:)?[^,;:。]*关于[^,;:。]*(?:通知|公告|通告)(?:\([^()]*\))?")
TITLE_BEGUN = re.compile(r"[^,;:。]*关于(?![^,;:。]*(?:通知|公告|通告))[^,;:。]*")
TITLE_END = re.compile(r"[^,;:。]*(?:通知|公告|通告)(?:\([^()]*\))?")
NUMBER_LINE = re.compile(r"国(?:办)?发(?:明电)?\([0-9]{4}\)[0-9]+号")
SIGNATURE = re.compile(r"(?:国务院)?(?:办公厅)?([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
# What stands on a line of its own, before it is known how its date is written.
ALONE = re.compile(
    rf"国务院(?:办公厅)?|(?:国务院)?(?:办公厅)?(?:[0-9]{{4}}|{DIGIT}{{4}})年(?:[0-9]{{1,2}}|{MONTH})月"
    rf"(?:[0-9]{{1,2}}|{DAY})日"
)
ENDED = tuple("。;:!")
# A line that cannot be the end of anything: it is cut in a list, a range, a number or the name of a weekday.
UNENDED = re.compile(r"(?:[、,(~至到和及与年月0-9-]|星期|周|(?<!星期)(?<!周)[〇○一二三四五六七八九十])$")


@dataclass(frozen=True)
class Passage:
    """A run of text without a break; `lines` has the line, from 1, of each of its characters."""

    text: str
    lines: tuple[int, ...]

    def part(self, start: int, end: int | None = None) -> Passage:
        return Passage(self.text[start:end], self.lines[start:end])

    def split(self, pattern: re.Pattern[str]) -> list[Passage]:
        """What stands between the matches of a pattern, without what is empty."""
        parts, start = [], 0
        for found in pattern.finditer(self.text):
            parts.append(self.part(start, found.start()))
            start = found.end()
        return [part for part in (*parts, self.part(start)) if part.text]

    def rewrite(self, pattern: re.Pattern[str], written: Callable[[re.Match[str]], str]) -> Passage:
        """With every match written otherwise; what is written stands on the line on which the match began."""
        text: list[str] = []
        lines: list[int] = []
        start = 0
        for found in pattern.finditer(self.text):
            new = written(found)
            text += self.text[start : found.start()], new
            lines += self.lines[start : found.start()]
            lines += [self.lines[found.start()]] * len(new)
            start = found.end()
        return Passage("".join([*text, self.text[start:]]), (*lines, *self.lines[start:]))

    @property
    def place(self) -> str:
        return f"第{self.lines[0]}行"


def passages_of(text: str) -> list[Passage]:
    """The passages of a notice: titles, headed items, and whatever else ends a line with its sentence."""
    found: list[Passage] = []
    written: list[tuple[int, str]] = []
    depth = 0
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        even = _even(line)
        if PAGE_NUMBER.fullmatch(even) or (_stands_alone(written) and BARE_NUMBER.fullmatch(even)):
            continue
        in_remark = depth > 0 and not MARKED_HOLIDAY.match(even)
        if not (
            written and even and (in_remark or _ends_title(written, even) or _continues(written[-1][1], even))
        ):
            if written:
                found.append(_passage(written))
            written, depth = [], 0
        if even:
            written.append((number, even))
            depth += even.count("(") - even.count(")")
    return found


def is_title(passage: Passage) -> bool:
    """Whether this is the notice's own title, which may hold a date and a verb without arranging anything."""
    return TITLE.fullmatch(passage.text) is not None


def number_in_words(text: str) -> int:
    """A number in digits or in Chinese numerals below a hundred."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.replace("廿", "二十").rpartition("十")
    if not ten:
        return DIGITS[text]
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)


def _passage(written: list[tuple[int, str]]) -> Passage:
    passage = Passage(
        "".join(line for _, line in written),
        tuple(number for number, line in written for _ in line),
    )
    for pattern, form in FORMS:
        passage = passage.rewrite(pattern, form)
    return passage.rewrite(REMARK, _unbroken)


def _even(line: str) -> str:
    even = unicodedata.normalize("NFKC", line.translate(INVISIBLE).translate(CIRCLED)).translate(EVEN)
    return DOT.sub("。", NUMBERED_WITH_DOT.sub(r"\1、", SPACE.sub("", even).strip()))


def _stands_alone(written: list[tuple[int, str]]) -> bool:
    """Whether what follows cannot be the rest of what was cut."""
    return bool(written) and written[-1][1].endswith(ENDED)


def _ends_title(written: list[tuple[int, str]], line: str) -> bool:
    """Whether a line is the end of a title that the width of the page has cut, at most twice."""
    return bool(
        TITLE_END.fullmatch(line) and TITLE_BEGUN.fullmatch("".join(part for _, part in written[-3:]))
    )


def _continues(before: str, line: str) -> bool:
    """Whether a line goes on with the sentence of the one before it, which only the width of a page has cut."""
    if UNENDED.search(before):
        return True
    if before.endswith(ENDED) or NEW_PASSAGE.match(line):
        return False
    return not any(
        pattern.fullmatch(each) for pattern in (TITLE_END, NUMBER_LINE, ALONE) for each in (before, line)
    )


# Each way of writing a date, and how it becomes 2027年9月26日. What is not certain is left, and refused later.
def _numeral(found: re.Match[str]) -> str:
    return str(number_in_words(found.group()))


def _year(found: re.Match[str]) -> str:
    return "".join(str(DIGITS[digit]) for digit in found.group())


FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"^第([一二三四五六七八九十]{1,3})[、,:.]"), lambda found: f"{found[1]}、"),
    (re.compile(rf"(?<!{DIGIT}){DIGIT}{{4}}(?=年)"), _year),
    # A month of the lunar calendar is none of these.
    (re.compile(rf"(?<!农历)(?<![一二三四五六七八九十]){MONTH}(?=月(?:[0-9]|{DAY}日))"), _numeral),
    (re.compile(rf"(?<=[0-9]月){DAY}(?=日)"), _numeral),
    (re.compile(rf"(?<={BETWEEN}){DAY}(?=日)"), _numeral),
    (
        re.compile(r"(?<![0-9])([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9])日?"),
        lambda found: f"{found[1]}年{found[3]}月{found[4]}日",
    ),
    (
        re.compile(r"(?<![0-9./])([0-9]{1,2})[/.]([0-9]{1,2})(?![0-9./天月万亿%])日?"),
        lambda found: f"{found[1]}月{found[2]}日",
    ),
    (re.compile(rf"(?:(?<=月)|(?<={BETWEEN}))([0-9]{{1,2}})号"), lambda found: f"{found[1]}日"),
    (re.compile(r"(共)计?([0-9]{1,2})日"), lambda found: f"{found[1]}{found[2]}天"),
    # 共3天(1月4日(星期日)上班)
    (
        re.compile(r"\(([0-9]{1,2}月[0-9]{1,2}日(?:[^()]|\([^()]*\))*(?:上班|补班))\)"),
        lambda found: f",{found[1]}",
    ),
    # 10月1至7日; 9月26、27日
    (
        re.compile(rf"(?<=月)([0-9]{{1,2}})(?={BETWEEN}+[0-9]{{1,2}}[月日])"),
        lambda found: f"{found[1]}日",
    ),
)
REMARK = re.compile(r"\([^()]*\)")
UNBROKEN = str.maketrans(dict.fromkeys("。;,:", "·"))


def _unbroken(found: re.Match[str]) -> str:
    """A remark in brackets without what would end a sentence or a clause."""
    return found.group().translate(UNBROKEN)
