"""The clock of a rehearsal: whatever is planned happens in its order, and what beat would call is called."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from applications.calendars import services as calendars
from applications.calendars.models import CalendarChange as ProposedChange
from applications.deadlines.services import sweep_deadlines
from applications.ledger.sealing import seal_ledger
from applications.organs import regions
from applications.organs.models import Organ
from applications.outbox.nudging import nudges_lost
from applications.records.services import end_publicity
from applications.rehearsal import announcements
from applications.rehearsal.applications import Application
from applications.rehearsal.journal import CalendarChange, Journal
from applications.rehearsal.people import Lots, moment
from applications.rehearsal.planning import Action, Plans
from applications.rehearsal.platform import RehearsedPlatform
from applications.repairs.services.queues import check_queues
from applications.sharing import services as sharing
from applications.sharing.models import Delivery

# National Day with its make-up days comes early in the year that follows, the turn of the year in its middle.
FIRST_DAY = date(2026, 8, 24)
# 2027 is the last year whose days the checker knows.
LONGEST = 470

# What is to be said of clocks on a day is known when the day begins, and what people do on the day does not change it: a
# sweep looks at dates only. So one sweep as the day begins does what beat's 288 do. On some days two others show
# that they find nothing more, save after a change of the calendar, which comes between them.
SWEEPS_AT = (timedelta(minutes=5), timedelta(hours=12), timedelta(hours=20, minutes=30))
ALL_SWEEPS_EVERY = 7
# A receipt counts by its day. So the outbox is looked into a few times a day, not every minute.
PUSHES_AT = tuple(timedelta(hours=hour, minutes=1) for hour in (9, 13, 17))
NIGHT_AT = timedelta(hours=2, minutes=30)
PROPOSED_AT, APPROVED_AT = timedelta(hours=19, minutes=45), timedelta(hours=20)


class NotEmpty(Exception):
    """A rehearsal was about to start in a database that holds organs already."""


class Rehearsal(Plans):
    """All that happens in a province: its people's plans, and the day's routine of the portal."""

    def __init__(
        self, *, days: int, cases: int, seed: int, part: int = 0, parts: int = 1, first_day: date = FIRST_DAY
    ) -> None:
        """``part`` of ``parts`` is a share of the cities. NotEmpty: the database holds organs already."""
        if Organ.objects.exists():
            raise NotEmpty("演练只能在空的数据库中进行，这个数据库已有机构。")
        super().__init__(days=days, cases=cases, seed=seed, part=part, parts=parts, first_day=first_day)
        self.platform = RehearsedPlatform(
            seed=self.seed, days=days, journal=self.journal, now=lambda: self.at
        )
        for number, plot in enumerate(self.province.plots):
            self.journal.cases[plot.case.number] = plot.case.organ_id, plot.case.filing.applicant_id
            self.plan(plot.filed_at, Application(self, plot, number).file)
        for day in self._days():
            self._plan_day(day)

    def run(self) -> Journal:
        """Let everything happen, up to the last minute of the last day."""
        with nudges_lost():
            self.carry_out(until=moment(self.journal.last_day + timedelta(days=1), timedelta(0)))
        return self.journal

    # -- The day's routine

    def _days(self) -> Iterator[date]:
        for n in range(self.days):
            yield self.journal.first_day + timedelta(days=n)

    def _plan_day(self, day: date) -> None:
        number = (day - self.journal.first_day).days
        for hour in SWEEPS_AT if number % ALL_SWEEPS_EVERY == 0 else SWEEPS_AT[:1]:
            self.plan(moment(day, hour), self.sweep)
        for hour in PUSHES_AT:
            self.plan(moment(day, hour), self.push)
        self.plan(moment(day, NIGHT_AT), self.night)
        if number == self.days * 2 // 5:
            self.plan(moment(day, PROPOSED_AT), self.amend)
        if number == self.days * 2 // 3:
            self.plan(moment(day, PROPOSED_AT), self.storm)
        if day == announcements.LATE_NOTICE_ON:
            self.plan(moment(day, PROPOSED_AT), lambda at: self._announce(announcements.LATE_NOTICE, at))

    def sweep(self, at: datetime) -> None:
        sweep = sweep_deadlines(at=at)
        if sweep.failed:
            self.journal.faults.append(f"{at:%F %H:%M}的巡检有{sweep.failed}项失败")
        if sweep.raised and at.hour == SWEEPS_AT[1].seconds // 3600:
            self.journal.faults.append(f"{at:%F %H:%M}的巡检又提醒了{sweep.raised}次，当天第一次巡检漏了")

    def push(self, at: datetime) -> None:
        if self.decisions > len(self.platform.received):
            sharing.push_deliveries(at=at, adapter_for=lambda destination: self.platform)
        while self.platform.refused:
            stream, delivery_id = self.platform.refused.pop()
            day = self.workday(regions.PROVINCE, at.date(), Lots(self.seed, "resend", stream).pick(0, 3))
            self.plan(moment(day, timedelta(hours=18, minutes=30)), self._resending(delivery_id))

    def _resending(self, delivery_id: str) -> Action:
        def resend(at: datetime) -> None:
            sharing.resend_delivery(
                delivery=Delivery.objects.get(pk=delivery_id), actor=self.province.system_admin, at=at
            )

        return resend

    def night(self, at: datetime) -> None:
        end_publicity(at=at)
        seal_ledger(at=at)
        self.journal.faults += [f"{at:%F}夜间核对：{found}" for found in check_queues(at=at)]

    # -- The calendar

    def amend(self, at: datetime) -> None:
        self._announce(announcements.amendment(at.date(), self.calendar(regions.PROVINCE).is_working), at)

    def _announce(self, announcement: announcements.Announcement, at: datetime) -> None:
        notice = calendars.propose_notice(
            text=announcement.text(), proposed_by=self.province.proposer, at=at, year=announcement.year
        )
        year = announcement.year if announcement.whole else None
        self._approve(notice, CalendarChange(at.date(), announcement.days(), year))

    def storm(self, at: datetime) -> None:
        city = self.province.cities[-1]
        day = announcements.storm(at.date(), self.calendar(city).is_working)
        closure = calendars.propose_closure(
            region=city,
            first_on=day,
            last_on=day,
            name="台风停工",
            document_number="演练〔1〕号",
            proposed_by=self.province.proposer,
            at=at,
        )
        self._approve(closure, CalendarChange(at.date(), {day: False}, region=city))

    def _approve(self, proposed: ProposedChange, change: CalendarChange) -> None:
        def approve(at: datetime) -> None:
            calendars.approve(change=proposed, approver=self.province.approver, at=at)
            self._calendars.clear()
            self.journal.changes.append(change)
            self.plan(moment(at.date(), SWEEPS_AT[-1]), self.sweep)

        self.plan(moment(change.on, APPROVED_AT), approve)
