"""What the messages about a clock say. Each says how things stand on the day it is written, also if it is late."""

from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from applications.deadlines.ladder import Step
from applications.deadlines.models import Deadline, Escalation
from rules.workdays import WEEKDAYS, WorkdayCalendar, arranging_year


class Text(NamedTuple):
    subject: str
    body: str


def day(on: date) -> str:
    """2026年12月2日（周三）"""
    return f"{on.year}年{on.month}月{on.day}日（{WEEKDAYS[on.weekday()]}）"


def marked(shown: str, provisional: bool) -> str:
    """A date in whatever form it is shown, with the mark of one that may still move."""
    return shown + _("（暂定）") if provisional else shown


def awaiting(due_on: date) -> str:
    """Why a date may still move."""
    return _("%(year)d年放假安排尚未公布，日期可能调整。") % {"year": arranging_year(due_on)}


def escalation(clock: Deadline, step: Step, calendar: WorkdayCalendar, today: date) -> Text:
    names = {"case": clock.case_number, "clock": clock.get_kind_display(), "organ": clock.organ.name}
    subject = _("%(rung)s：%(case)s %(clock)s") % {**names, "rung": Escalation.Rung(step.rung).label}
    lines = [
        _(
            "%(organ)s办理的 %(case)s，“%(clock)s”期限（%(basis)s，%(days)d个工作日）自%(start)s起算，%(due)s届满。"
        )
        % {
            **names,
            "basis": clock.basis,
            "days": clock.working_days,
            "start": day(clock.started_on),
            "due": marked(day(clock.due_on), clock.provisional),
        },
        standing(clock, calendar, today),
    ]
    if clock.provisional:
        lines.append(awaiting(clock.due_on))
    if step.on < today:
        lines.append(_("本通知应于%(on)s发出，现在补发。") % {"on": day(step.on)})
    return Text(subject, "\n".join(lines))


def standing(clock: Deadline, calendar: WorkdayCalendar, today: date) -> str:
    """How a clock stands on a day, in one sentence."""
    late = calendar.count(clock.due_on, today)
    if clock.met_on:
        sentence = _("已于%(day)s办结") % {"day": day(clock.met_on)}
        return sentence + (
            _("，%(late)s。") % {"late": lateness(clock.days_late)} if clock.breached_on else "。"
        )
    if clock.cancelled_on:
        if clock.breached_on:
            words = {"day": day(clock.cancelled_on), "late": lateness(clock.days_late)}
            return _("已于%(day)s终止，不再需要答复；终止时%(late)s。") % words
        return _("已于%(day)s终止，不再需要答复。") % {"day": day(clock.cancelled_on)}
    if today > clock.due_on:
        return _("尚未办结，%(late)s。请立即办理。") % {"late": lateness(late)}
    if today == clock.due_on:
        return _("今天届满，请于今天24:00前办结。")
    return _("还剩%(left)d个工作日。") % {"left": -late}


def lateness(days: int) -> str:
    """How late, in working days; a breach on a weekend is not a whole one yet."""
    if not days:
        return _("已逾期（不足1个工作日）")
    return _("已逾期%(days)d个工作日") % {"days": days}
