"""What the messages about a clock say. Each says how things stand on the day it is written, also if it is late."""

from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from applications.deadlines.levels import Step
from applications.deadlines.models import Deadline, Escalation
from applications.language import day_and_weekday
from rules.workdays import WorkdayCalendar, arranging_year


class Text(NamedTuple):
    subject: str
    body: str


def marked(shown: str, provisional: bool) -> str:
    """A date in whatever form it is shown, with the mark of one that may still move."""
    return shown + _("（暂定）") if provisional else shown


def awaiting(due_on: date) -> str:
    """Why a date may still move."""
    return _("%(year)d年放假安排尚未公布，日期可能调整。") % {"year": arranging_year(due_on)}


def escalation(clock: Deadline, step: Step, calendar: WorkdayCalendar, today: date) -> Text:
    names = {"case": clock.case_number, "clock": clock.get_kind_display(), "organ": clock.organ.name}
    subject = _("%(level)s：%(case)s %(clock)s") % {**names, "level": Escalation.Level(step.level).label}
    lines = [
        _(
            "%(organ)s办理的 %(case)s，“%(clock)s”期限（%(basis)s，%(days)d个工作日）自%(start)s起算，%(due)s届满。"
        )
        % {
            **names,
            "basis": clock.basis,
            "days": clock.working_days,
            "start": day_and_weekday(clock.started_on),
            "due": marked(day_and_weekday(clock.due_on), clock.provisional),
        },
        standing(clock, calendar, today).sentence,
    ]
    if clock.provisional:
        lines.append(awaiting(clock.due_on))
    if step.on < today:
        lines.append(_("本通知应于%(on)s发出，现在补发。") % {"on": day_and_weekday(step.on)})
    return Text(subject, "\n".join(lines))


class Standing(NamedTuple):
    """How a clock stands on a day: the CSS class and the words of its tag, and the sentence of a message."""

    tag: str
    words: str
    sentence: str


def standing(clock: Deadline, calendar: WorkdayCalendar, today: date) -> Standing:
    late = lateness(clock.days_late) if clock.breached_on else ""
    if clock.met_on:
        tag = "tag-bad" if late else "tag-good"
        return Standing(tag, late or _("已按期办结"), ended(clock) + "。")
    if clock.cancelled_on:
        words = _("已终止，终止时%(late)s") % {"late": late} if late else _("已终止")
        return Standing("tag-bad" if late else "", words, ended(clock) + _("，不再需要答复。"))
    if today > clock.due_on:
        late = lateness(calendar.count(clock.due_on, today))
        return Standing("tag-bad", late, _("尚未办结，%(late)s。请立即办理。") % {"late": late})
    if today == clock.due_on:
        return Standing("tag-warn", _("今天到期"), _("今天届满，请于今天24:00前办结。"))
    left = {"left": calendar.count(today, clock.due_on)}
    tag = "tag-warn" if left["left"] <= 1 else ""
    return Standing(tag, _("剩%(left)d个工作日") % left, _("还剩%(left)d个工作日。") % left)


def ended(clock: Deadline) -> str:
    """The day on which a clock came to its end, and how late that was; nothing while it runs."""
    late = lateness(clock.days_late) if clock.breached_on else ""
    if clock.met_on:
        return _("已于%(day)s办结") % {"day": day_and_weekday(clock.met_on)} + (f"，{late}" if late else "")
    if clock.cancelled_on:
        words = _("已于%(day)s终止") % {"day": day_and_weekday(clock.cancelled_on)}
        return words + (_("，终止时%(late)s") % {"late": late} if late else "")
    return ""


def lateness(days: int) -> str:
    """How late, in working days; a breach on a weekend is not a whole one yet."""
    if not days:
        return _("已逾期（不足1个工作日）")
    return _("已逾期%(days)d个工作日") % {"days": days}
