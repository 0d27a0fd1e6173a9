"""What of the kept figures the public reads: each organ by clock, month and year, and nothing of fewer than five cases."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from applications.deadlines.spans import rank
from applications.organs.models import Organ
from applications.portal.models import OrganMonth
from applications.portal.performance.keeping import spans_of

# Of fewer cases nothing is told: who knows one of them would read what became of it.
FEWEST: Final = 5
# Why a line has no figures: it has fewer; or it would tell those of the others, as what is left of the year.
FEW, MERGED = "few", "merged"


@dataclass
class Line:
    """One clock of one organ in a month, or in the months of a year that are over (``month`` None)."""

    year: int
    month: int | None
    spans: Counter[int] = field(default_factory=Counter)
    late: int = 0
    unmet: int = 0
    hidden: str = ""

    @property
    def met(self) -> int:
        return self.spans.total()

    @property
    def number(self) -> int:
        """All that the clock owed: met, or overdue and not met."""
        return self.met + self.unmet

    @property
    def on_time(self) -> int:
        return self.met - self.late

    @property
    def share(self) -> int | None:
        """Per cent of all that was met in time, rounded down, so that 100 is all."""
        return 100 * self.on_time // self.number if self.number else None

    @property
    def median(self) -> int | None:
        return rank(self.spans, 50)

    @property
    def longest(self) -> int | None:
        return rank(self.spans, 100)

    @property
    def period(self) -> str:
        """2026-10, or 2026."""
        return f"{self.year}-{self.month:02}" if self.month else str(self.year)


@dataclass(frozen=True)
class YearOfClock:
    """One clock of one organ: the year, and its months in order, those without any case among them."""

    organ: Organ
    clock: str
    whole: Line
    months: list[Line]

    def line(self, month: int | None) -> Line:
        """That of a month; of the year for None."""
        return self.whole if month is None else self.months[month - 1]


def years_of(rows: Iterable[OrganMonth], through: date) -> Iterator[YearOfClock]:
    """The rows, which come with their organs, by organ, clock and year, in the order in which they come first. ``through``: the
    last month that is published."""
    found: dict[tuple[int, str, int], list[OrganMonth]] = defaultdict(list)
    for row in rows:
        found[row.organ_id, row.clock, row.month_id.year].append(row)
    for (_organ, clock, year), of_year in found.items():
        yield _year(of_year[0].organ, clock, year, of_year, through)


def _year(organ: Organ, clock: str, year: int, rows: list[OrganMonth], through: date) -> YearOfClock:
    whole = Line(year, None)
    months = [Line(year, month) for month in range(1, 13) if date(year, month, 1) <= through]
    for row in rows:
        for line in (whole, months[row.month_id.month - 1]):
            line.spans += spans_of(row)
            line.late += row.late
            line.unmet += row.unmet
    _hide(whole, months)
    return YearOfClock(organ, clock, whole, months)


def _hide(whole: Line, months: list[Line]) -> None:
    """Hide what is too few, and so much besides that the year less its other months does not tell it."""
    if 0 < whole.number < FEWEST:
        whole.hidden = FEW
    hidden = [line for line in months if 0 < line.number < FEWEST]
    for line in hidden:
        line.hidden = FEW
    others = sorted((line for line in months if line.number >= FEWEST), key=lambda line: line.number)
    if others and 0 < sum(line.number for line in hidden) < FEWEST:
        others[0].hidden = MERGED
