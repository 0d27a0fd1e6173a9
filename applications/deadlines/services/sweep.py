"""The sweep: whatever is to be said about any clock is said, exactly once, however many sweeps were missed."""

import logging
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _

from applications.calendars.in_force import in_force
from applications.calendars.selectors import ALARM_FROM, missing_year
from applications.calendars.services import follow_shipped_calendar
from applications.deadlines.levels import ONE_DAY, levels_between, next_step
from applications.deadlines.models import Deadline, Escalation, Sweep
from applications.deadlines.recipients import Recipients, all_department_supervisors
from applications.deadlines.selectors import behind, sweep_health, system_administrators
from applications.deadlines.wording import escalation
from applications.foreign_text import trace
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify

log = logging.getLogger(__name__)

KEEP_SWEEPS = timedelta(days=90)
# A sweep ends before Celery would end it, and is a heartbeat; the next one goes on where it stopped.
SWEEP_SECONDS = 200


def sweep_deadlines(*, at: datetime, seconds: float = SWEEP_SECONDS) -> Sweep:
    """Handle every clock about which something is to be said by this day, for so many seconds at most.

    Called by beat and by the management command, also several at once. One transaction a clock: one that
    fails is logged, counted and looked at again by the next sweep.
    """
    started = time.monotonic()
    today = localdate(at)
    sweep = Sweep.objects.create(started_at=at)
    for step in (_report_gap, follow_shipped_calendar, _alarm_missing_year):
        sweep.failed += not _done(step, at=at)
    due = _due(today)
    sweep.due = sweep.left = len(due)
    people = Recipients(today)
    for clock_id, case_number in due:
        if time.monotonic() - started > seconds:
            log.warning("%s of %s clocks are left to the next sweep", sweep.left, sweep.due)
            break
        sweep.left -= 1
        try:
            sweep.raised += _climb(clock_id, case_number, today=today, at=at, people=people)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            log.error("clock %s of %s was not handled\n%s", clock_id, case_number, trace(error))
            sweep.failed += 1
    sweep.finished_at = at + timedelta(seconds=time.monotonic() - started)
    sweep.save()
    _done(_report_trouble, sweep=sweep, at=at)
    Sweep.objects.filter(started_at__lt=at - KEEP_SWEEPS).delete()
    return sweep


def say_what_is_due(*, at: datetime) -> None:
    """What a sweep says of the clocks by this day, without being one: the days that are made up for a demonstration had no
    heartbeat. Any error is raised."""
    today = localdate(at)
    people = Recipients(today)
    for clock_id, case_number in _due(today):
        _climb(clock_id, case_number, today=today, at=at, people=people)


def _due(today: date) -> list[tuple[int, str]]:
    clocks = Deadline.objects.filter(next_step_on__lte=today).order_by("next_step_on", "id")
    return list(clocks.values_list("id", "case_number"))


def _done(step: Callable[..., object], **arguments: Any) -> bool:
    """Whether a step beside the clocks succeeded; one that fails does not stop the others."""
    try:
        step(**arguments)
    except SoftTimeLimitExceeded:
        # No fault of the step: Celery ends the sweep, which then is no heartbeat.
        raise
    except Exception as error:
        log.error("%s failed\n%s", step.__name__, trace(error))
        return False
    return True


@transaction.atomic
def _climb(clock_id: int, case_number: str, *, today: date, at: datetime, people: Recipients) -> int:
    """Raise every level of one clock up to today, or up to the day it stopped; return how many."""
    lock_chain(case_number)
    clock = (
        Deadline.objects.select_related("organ", "officer").select_for_update(of=("self",)).get(pk=clock_id)
    )
    if clock.next_step_on is None or clock.next_step_on > today:
        # Another sweep was here first, or the clock has been stopped.
        return 0
    calendar = in_force().of(clock.organ.region)
    last = min(today, clock.met_on or clock.cancelled_on or today)
    steps = levels_between(calendar, clock.started_on, clock.due_on, clock.next_step_on, last)
    for step in steps:
        breach = step.level == Escalation.Level.BREACH
        raised = Escalation(deadline=clock, level=step.level, on=step.on, raised_at=at)
        told = []
        # Nobody needs to be reminded of what is answered, but the department learns of every breach.
        if clock.is_open or step.on > clock.due_on:
            told = people.of(clock, step.level)
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
        link=link_to("calendarnotices"),
    )


def _report_gap(*, at: datetime) -> None:
    """The first sweep after a standstill says from when to when nobody watched; before the first one nobody did."""
    seen = sweep_health(at)
    if not seen.stale or seen.last is None or seen.last.finished_at is None:
        return
    log.error("no sweep of the deadlines has ended between %s and %s", seen.last.finished_at, at)
    span = {
        "since": f"{localtime(seen.last.finished_at):%Y-%m-%d %H:%M}",
        "at": f"{localtime(at):%Y-%m-%d %H:%M}",
    }
    notify(
        key=f"sweep-gap-{seen.last.pk}",
        recipients=system_administrators(),
        subject=_("期限巡检曾中断：%(since)s至%(at)s") % span,
        body=_(
            "自%(since)s至%(at)s没有完成过期限巡检，现已恢复。其间应发的提醒和上报由恢复后的巡检补发。请检查定时任务、消息队列和工作进程。"
        )
        % span,
        at=at,
        link=link_to("sweeps"),
    )


def _report_trouble(*, sweep: Sweep, at: datetime) -> None:
    """Once a day: what the sweep failed at, and what should have been said on an earlier day and is not."""
    late = behind(sweep).count()
    if not sweep.failed and not late:
        return
    log.error("the sweep failed at %s things; %s clocks are behind", sweep.failed, late)
    notify(
        key=f"sweep-trouble-{localdate(at)}",
        recipients=system_administrators(),
        subject=_("期限巡检有未能处理的事项"),
        body=_(
            "%(at)s的巡检有%(failed)d项失败，%(late)d个期限有此前应发而未发的提醒或上报。以后每次巡检都会再试；请查看日志中的原因。"
        )
        % {"at": f"{localtime(at):%Y-%m-%d %H:%M}", "failed": sweep.failed, "late": late},
        at=at,
        link=link_to("sweeps"),
    )
