"""The months of a year as bars of a drawing. What it shows stands in the table beside it as well."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from applications.portal.performance.publishing import Line

# Of the drawing, in its own units.
WIDTH, HEIGHT = 360, 190
LEFT, TOP, FLOOR = 40, 12, 158
SLOT, BAR = 26, 16


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
