"""What is planned in a rehearsal, and the moment that has been reached."""

import heapq
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from applications.calendars.selectors import calendar
from applications.organs import regions
from applications.organs.models import Organ
from applications.rehearsal.journal import Journal
from applications.rehearsal.people import Absences, Lots, moment
from applications.rehearsal.province import set_up_province

Action = Callable[[datetime], None]


class Plans:
    """A province, and what its people have planned."""

    def __init__(self, *, days: int, cases: int, seed: int, part: int, parts: int, first_day: date) -> None:
        """``part`` of ``parts`` is a share of the cities."""
        # Each part draws lots of its own.
        self.days, self.seed = days, f"{seed}/{part}"
        cities = regions.cities()[part::parts]
        self.journal = Journal(first_day, first_day + timedelta(days=days - 1))
        self.province = set_up_province(
            cities=cities, first_day=first_day, days=days, cases=cases, lots=Lots(self.seed, "province")
        )
        self.journal.posts = self.province.posts()
        self.absences = Absences(self.seed, first_day, days)
        self.at = moment(first_day, timedelta(0))
        self.decisions = 0
        # What the checklist of a review asks about, by severity.
        self.checklists: dict[str, list[str]] = {}
        self._plans: list[tuple[datetime, int, Action]] = []
        self._order = count()
        self._calendars: dict[str, Any] = {}

    def carry_out(self, *, until: datetime) -> None:
        """Let everything happen in its order, up to a moment."""
        while self._plans and self._plans[0][0] < until:
            self.at, _, step = heapq.heappop(self._plans)
            step(self.at)

    def plan(self, at: datetime, step: Action) -> None:
        heapq.heappush(self._plans, (at, next(self._order), step))

    def plan_at_office(self, at: datetime, organ: Organ, role: str, step: Action) -> None:
        """Plan an officer's step: it is put off while the post is empty, and while the offices are closed then."""

        def try_step(now: datetime) -> None:
            day = self.absences.back_on(organ.code, role, now.date())
            if not self.calendar(organ.region).is_working(day):
                day = self.workday(organ.region, day, 1)
            if day == now.date():
                step(now)
            else:
                self.plan(now + (day - now.date()), try_step)

        self.plan(at, try_step)

    def calendar(self, region: str) -> Any:
        """The calendar that the people of a region go by."""
        if region not in self._calendars:
            self._calendars[region] = calendar(region)
        return self._calendars[region]

    def workday(self, region: str, day: date, after: int) -> date:
        """The n-th working day after a day; the day itself where n is 0."""
        return self.calendar(region).due_on(day, after) if after else day
