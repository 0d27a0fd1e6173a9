"""The sweep: whatever the ladder says about any clock is said, exactly once, however many sweeps were missed."""

import logging
import time
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.deadlines.calendars import in_force
from applications.deadlines.ladder import ONE_DAY, next_step, rungs_between
from applications.deadlines.models import Deadline, Escalation, Sweep
from applications.deadlines.recipients import Recipients, all_department_supervisors
from applications.deadlines.selectors import ALARM_FROM, missing_year
from applications.deadlines.services.recalculation import follow_shipped_calendar
from applications.deadlines.wording import escalation
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.services import notify

log = logging.getLogger(__name__)

KEEP_SWEEPS = timedelta(days=90)


def sweep_deadlines(*, at: datetime) -> Sweep:
    """Handle every clock about which the ladder has something to say by this day.

    Called by beat and by the management command, also several at once. One transaction a clock: one that
    fails is logged, counted and looked at again by the next sweep.
    """
    started = time.monotonic()
    today = localdate(at)
    sweep = Sweep.objects.create(started_at=at)
    for step in (follow_shipped_calendar, _alarm_missing_year):
        try:
            step(at=at)
        except Exception:
            log.exception("%s failed", step.__name__)
            sweep.failed += 1
    due = list(
        Deadline.objects.filter(next_step_on__lte=today)
        .order_by("next_step_on", "id")
        .values_list("id", "case_number")
    )
    people = Recipients()
    for clock_id, case_number in due:
        try:
            sweep.raised += _climb(clock_id, case_number, today=today, at=at, people=people)
        except Exception:
            log.exception("clock %s of %s was not handled", clock_id, case_number)
            sweep.failed += 1
    sweep.due = len(due)
    sweep.finished_at = at + timedelta(seconds=time.monotonic() - started)
    sweep.save()
    Sweep.objects.filter(started_at__lt=at - KEEP_SWEEPS).delete()
    return sweep


@transaction.atomic
def _climb(clock_id: int, case_number: str, *, today: date, at: datetime, people: Recipients) -> int:
    """Raise every rung of one clock up to today, or up to the day it stopped; return how many."""
    lock_chain(case_number)
    clock = (
        Deadline.objects.select_related("organ", "officer").select_for_update(of=("self",)).get(pk=clock_id)
    )
    if clock.next_step_on is None or clock.next_step_on > today:
        # Another sweep was here first, or the clock has been stopped.
        return 0
    calendar = in_force().of(clock.organ.region)
    last = min(today, clock.met_on or clock.cancelled_on or today)
    steps = rungs_between(calendar, clock.started_on, clock.due_on, clock.next_step_on, last)
    for step in steps:
        breach = step.rung == Escalation.Rung.BREACH
        raised = Escalation(deadline=clock, rung=step.rung, on=step.on, raised_at=at)
        told = []
        # Nobody needs to be reminded of what is answered, but the department learns of every breach.
        if clock.is_open or step.on > clock.due_on:
            told = people.of(clock, step.rung)
        raised.recipients = len(told)
        raised.save(force_insert=True)
        if breach:
            clock.breached_on = step.on
            record_event(
                chain=case_number,
                verb="deadline.breached",
                at=at,
                payload={"clock": clock.kind, "round": clock.round, "due_on": clock.due_on.isoformat()},
            )
        if told:
            text = escalation(clock, step, calendar, today)
            notify(
                key=raised.message_key,
                recipients=told,
                subject=text.subject,
                body=text.body,
                at=at,
                link=clock.link,
                about=case_number,
            )
        elif clock.is_open:
            log.error("nobody to tell: %s of %s", raised, clock.organ)
    clock.next_step_on = (
        next_step(calendar, clock.started_on, clock.due_on, today + ONE_DAY).on if clock.is_open else None
    )
    clock.save(update_fields=["next_step_on", "breached_on"])
    return len(steps)


def _alarm_missing_year(*, at: datetime) -> None:
    """From 1 November tell the departments once a week that next year's holiday notice is not loaded."""
    today = localdate(at)
    year = missing_year(today)
    if year is None:
        return
    week = (today - date(year - 1, *ALARM_FROM)).days // 7
    notify(
        key=f"calendar-{year}-{week}",
        recipients=all_department_supervisors(),
        subject=_("%(year)d年放假安排尚未载入") % {"year": year},
        body=_(
            "工作日历中没有%(year)d年的放假安排，涉及该年的期限均为暂定。国务院办公厅通知发布后，请在“放假安排通知”中载入并由第二人复核。"
        )
        % {"year": year},
        at=at,
        link="/admin/deadlines/calendarnotice/",
    )
