"""Notices as they were written, a lawful one for 2027, and any schedule written out in many styles."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from rules.calendar_years import Holiday, YearCalendar

NOTICES = Path(__file__).parent / "notices"
HEADING = "关于2027年部分节假日安排的通知\n"
# Every holiday of a whole year in a form that can stand (2027 has no notice yet, so the dates are only lawful):
# 13 working days off in all, as the Regulation of 2024 gives.
LAWFUL_2027 = {
    "元旦": "1月1日至3日放假，共3天。",
    "春节": "2月5日至11日放假调休，共7天。2月14日（星期日）上班。",
    "清明节": "4月3日至5日放假，共3天。",
    "劳动节": "5月1日至5日放假调休，共5天。4月25日（星期日）上班。",
    "端午节": "6月9日放假，共1天。",
    "中秋节": "9月15日放假，共1天。",
    "国庆节": "10月1日至7日放假调休，共7天。9月26日（星期日）、10月9日（星期六）上班。",
}
NUMERALS = "〇一二三四五六七八九"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def notice(stem: str) -> str:
    return (NOTICES / f"{stem}.txt").read_text(encoding="utf-8")


def lawful(**changed: str) -> str:
    items = LAWFUL_2027 | changed
    return HEADING + "\n".join(
        f"{NUMERALS[index]}、{name}：{line}" for index, (name, line) in enumerate(items.items(), 1) if line
    )


def in_words(number: int) -> str:
    """31 as 三十一."""
    tens, ones = divmod(number, 10)
    return (NUMERALS[tens] if tens > 1 else "") + ("十" if tens else "") + (NUMERALS[ones] if ones else "")


# How a style writes a date of the notice's year.
DATES: dict[str, Callable[[date], str]] = {
    "plain": lambda day: f"{day.month}月{day.day}日",
    "with the year": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "in Chinese numerals": lambda day: f"{in_words(day.month)}月{in_words(day.day)}日",
    "full width": lambda day: f"{day.month}月{day.day}日".translate(FULL_WIDTH),
    "spaced": lambda day: f" {day.month} 月 {day.day} 日 ",
    "radicals": lambda day: f"{day.month}⽉{day.day}⽇",
    "slashes": lambda day: f"{day.month}/{day.day}",
    "dots": lambda day: f"{day.month}.{day.day}",
    "ISO": lambda day: day.isoformat(),
}
WEEKDAYS: dict[str, Callable[[str], str]] = {
    "none": lambda _: "",
    "round": lambda name: f"（星期{name}）",
    "short": lambda name: f"(周{name})",
    "angular": lambda name: f"〔星期{name}〕",
    "square": lambda name: f"[周{name}]",
    "bare": lambda name: f"星期{name}",
}
MARKS: tuple[Callable[[int], str], ...] = (
    lambda number: f"{in_words(number)}、",
    lambda number: f"（{in_words(number)}）",
    lambda number: f"{number}.",
    lambda number: f"{number}．".translate(FULL_WIDTH),
    lambda number: "①②③④⑤⑥⑦⑧"[number - 1],
    lambda number: f"第{in_words(number)}，",
    lambda number: "",
)


@dataclass(frozen=True)
class Style:
    """One way of writing a notice out; `width` is where its lines are cut (0: nowhere)."""

    dated: str
    weekday: str
    to: str
    mark: Callable[[int], str]
    heading: str
    off: str
    on: str
    between: str
    width: int

    def day(self, day: date) -> str:
        return DATES[self.dated](day) + WEEKDAYS[self.weekday]("一二三四五六日"[day.weekday()])

    def write(self, schedule: YearCalendar) -> str:
        names = list(dict.fromkeys(holiday.name for holiday in schedule.holidays))
        lines = [f"国务院办公厅关于{schedule.year}年部分节假日安排的通知", ""]
        for number, name in enumerate(names, 1):
            runs = [holiday for holiday in schedule.holidays if holiday.name == name]
            worked = [day for day, made_for in schedule.make_up if made_for == name]
            off = "，".join(f"{self._run(run)}{self.off}" for run in runs)
            on = f"{self.between.join(map(self.day, worked))}{self.on}。" if worked else ""
            lines += f"{self.mark(number)}{name}{self.heading}{off}。{on}".split("\n")
        return "\n".join(piece for line in lines for piece in self._cut(line))

    def _run(self, run: Holiday) -> str:
        return self.day(run.start) + (f"{self.to}{self.day(run.end)}" if run.end > run.start else "")

    def _cut(self, line: str) -> list[str]:
        if not self.width:
            return [line]
        return [line[at : at + self.width] for at in range(0, max(len(line), 1), self.width)]


styles = st.builds(
    Style,
    dated=st.sampled_from(sorted(DATES)),
    weekday=st.sampled_from(sorted(WEEKDAYS)),
    to=st.sampled_from(["至", "到", "—", "～", "起至"]),
    mark=st.sampled_from(MARKS),
    heading=st.sampled_from(["：", ":", "：\n", " ： "]),
    off=st.sampled_from(["放假", "放假调休", "调休放假", "统一放假"]),
    on=st.sampled_from(["上班", "补班", "正常工作", "照常上班", "正常上班", "调休上班", "为工作日"]),
    between=st.sampled_from(["、", "和", "及"]),
    width=st.one_of(st.just(0), st.integers(16, 80)),
)
