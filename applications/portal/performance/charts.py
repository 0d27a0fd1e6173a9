"""The months of a year as bars of a drawing, and organs beside each other. What they show stands in the table beside them as
well."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from applications.organs.models import Organ
from applications.portal.performance.publishing import Line

# Of the drawings, in their own units.
WIDTH, HEIGHT = 360, 190
LEFT, TOP, FLOOR = 40, 12, 158
SLOT, BAR = 26, 16
# Of organs beside each other: a row has the name above its bar, and the share behind it. More rows nobody compares.
ROW, LONGEST, MOST_ROWS = 36, 300, 10


@dataclass(frozen=True)
class Bar:
    """A month: how high what was done in time stands, and on top of it the rest. ``hidden``: nothing is drawn."""

    month: int
    x: int
    middle: int
    good: int
    good_top: int
    rest: int
    rest_top: int
    hidden: bool


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    # Number and height of each line across.
    scale: list[tuple[int, int]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = FLOOR
    right: int = WIDTH - 6
    names: int = FLOOR + 18


STEPS: Final = (1, 2, 5)


def chart_of(months: Sequence[Line]) -> Chart | None:
    """None where no month has anything to draw."""
    shown = [line.number for line in months if not line.hidden]
    most = max(shown, default=0)
    if not most:
        return None
    top = _round(most)
    return Chart(
        bars=[_bar(line, top) for line in months],
        scale=[(number, FLOOR - _height(number, top)) for number in (0, top // 2, top)],
    )


@dataclass(frozen=True)
class Row:
    """An organ: how far what was done in time reaches, and behind it the rest."""

    organ: Organ
    share: int | None
    name_at: int
    bar_at: int
    good: int
    rest: int
    share_from: int
    share_at: int


@dataclass(frozen=True)
class Comparison:
    rows: list[Row]
    # Whether organs that have figures are left out.
    shortened: bool
    height: int
    width: int = WIDTH
    bar: int = BAR


def comparison_of(lines: Sequence[tuple[Organ, Line]]) -> Comparison | None:
    """Of those that may be shown the ones with most cases, in the order of the table. None where there is none."""
    shown = [(organ, line) for organ, line in lines if line.number and not line.hidden]
    if not shown:
        return None
    most = sorted((line.number for _organ, line in shown), reverse=True)
    least = most[:MOST_ROWS][-1]
    drawn = [(organ, line) for organ, line in shown if line.number >= least][:MOST_ROWS]
    rows = [_row(place, organ, line, most[0]) for place, (organ, line) in enumerate(drawn)]
    return Comparison(rows, shortened=len(drawn) < len(shown), height=len(rows) * ROW + 4)


def _row(place: int, organ: Organ, line: Line, most: int) -> Row:
    top = place * ROW
    good, whole = (round(number * LONGEST / most) for number in (line.on_time, line.number))
    return Row(
        organ=organ,
        share=line.share,
        name_at=top + 13,
        bar_at=top + 18,
        good=good,
        rest=whole - good,
        share_from=whole + 5,
        share_at=top + 18 + BAR - 4,
    )


def _round(most: int) -> int:
    """The next of 2, 4, 10, 20, 40, 100 …, so that its half is a whole number, too."""
    power = 2
    while True:
        for step in STEPS:
            if power * step >= most:
                return power * step
        power *= 10


def _height(number: int, top: int) -> int:
    return round(number * (FLOOR - TOP) / top)


def _bar(line: Line, top: int) -> Bar:
    assert line.month is not None
    x = LEFT + 4 + (line.month - 1) * SLOT
    hidden = bool(line.hidden)
    good = 0 if hidden else _height(line.on_time, top)
    whole = 0 if hidden else _height(line.number, top)
    return Bar(
        month=line.month,
        x=x,
        middle=x + BAR // 2,
        good=good,
        good_top=FLOOR - good,
        rest=whole - good,
        rest_top=FLOOR - whole,
        hidden=hidden,
    )
