"""Working days counted one by one from the notices' own data: the checker's calendar, apart from the portal's."""

import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from applications.rehearsal.journal import CalendarChange
from rules import calendar_years

ONE_DAY = timedelta(days=1)
# 国务院令第795号 and the almanac of 2027: what is certain of that year before its notice is out.
STATUTORY_2027 = (
    date(2027, 1, 1),
    *(date(2027, 2, day) for day in (5, 6, 7, 8)),
    date(2027, 4, 5),
    date(2027, 5, 1),
    date(2027, 5, 2),
    date(2027, 6, 9),
    date(2027, 9, 15),
    *(date(2027, 10, day) for day in (1, 2, 3)),
)


class Days:
    """Which days are worked in one region, as known from some evening on."""

    def __init__(self, changes: Iterable[CalendarChange] = ()) -> None:
        self.named: dict[date, bool] = {}
        self.years: set[int] = set()
        for path in sorted(Path(calendar_years.CALENDARS).glob("2*.toml")):
            self._read(tomllib.loads(path.read_text(encoding="utf-8")))
        self.named |= dict.fromkeys(STATUTORY_2027, False)
        for change in changes:
            if change.year is not None:
                # The whole year's schedule takes the place of what was only certain by statute.
                self.named = {day: told for day, told in self.named.items() if day.year != change.year}
                self.years.add(change.year)
            self.named |= change.days

    def _read(self, content: dict[str, object]) -> None:
        year = content["year"]
        assert isinstance(year, int)
        self.years.add(year)
        notices = content["notices"]
        assert isinstance(notices, list)
        for notice in notices:
            for holiday in notice["holidays"]:
                day = holiday["start"]
                while day <= holiday["end"]:
                    self.named[day] = False
                    day += ONE_DAY
            self.named |= {each["date"]: True for each in notice["make_up"]}

    def is_worked(self, day: date) -> bool:
        return self.named.get(day, day.weekday() < 5)

    def counted(self, start: date, length: int) -> tuple[date, ...]:
        """The working days of a period; the day on which it starts is none of them."""
        found: list[date] = []
        day = start
        while len(found) < length:
            day += ONE_DAY
            if self.is_worked(day):
                found.append(day)
        return tuple(found)

    def before(self, day: date) -> date:
        """The last working day before a day."""
        day -= ONE_DAY
        while not self.is_worked(day):
            day -= ONE_DAY
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days there are after the first day up to and including the last."""
        return sum(self.is_worked(first + ONE_DAY * n) for n in range(1, (last - first).days + 1))

    def is_provisional(self, start: date, end: date) -> bool:
        """Whether a day of the period waits for its own year's notice or, from 24 December on, for the next one's."""
        for n in range(1, (end - start).days + 1):
            day = start + ONE_DAY * n
            if day.year not in self.years:
                return True
            if day >= date(day.year, 12, 24) and day.year + 1 not in self.years:
                return True
        return False
