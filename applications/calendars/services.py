"""Changing the calendar: one person proposes, another one puts it into effect, and every running clock follows."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from applications.accounts import four_eyes
from applications.accounts.four_eyes import NotProposed
from applications.accounts.models import User
from applications.calendars import access
from applications.calendars.in_force import (
    CalendarSet,
    approved_in_order,
    in_force,
    is_shipped_year,
    read_changes,
    schedule_of,
)
from applications.calendars.models import CalendarChange, CalendarNotice, LocalClosure, Recalculation
from applications.calendars.signals import calendar_changed, calendar_changing
from applications.ledger.locking import LedgerBusy, lock_chain, lock_ledger
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.organs import regions
from rules.calendar_years import YearCalendar
from rules.errors import InputError
from rules.notices import read_notice
from rules.workdays import DayChange, DayInfo, shipped_calendar

C = TypeVar("C", bound=CalendarChange)
# "2027年" in a notice, "year = 2027" and "2027-01-01" in a calendar file; not "〔2026〕" of a document number.
_YEAR = re.compile(r"(?<!\d)(20\d\d)\s*(?:年|-|,|$)", re.MULTILINE)


@dataclass(frozen=True)
class Outlook:
    """What a change would do, seen from the calendar in force."""

    before: CalendarSet
    after: CalendarSet
    changes: list[DayChange]
    region: str | None = None

    @property
    def version(self) -> str:
        """Of the calendars that the change starts from and can touch."""
        return self.before.version_around(self.region)


def read_schedule(*, text: str, year: int | None = None, before: CalendarSet | None = None) -> YearCalendar:
    """The schedule of a notice, checked against itself and against the calendar ``before`` it: the one in force.

    InputError (NoticeError): it contradicts itself, overlaps, is for a wrong year, or changes nothing.
    """
    calendar = (before or in_force()).national
    found = _YEAR.search(text)
    named = year or (int(found.group(1)) if found else None)
    schedule = read_notice(text, year, current=calendar.year(named) if named else None)
    if schedule.year != named:
        # The text names another year first, such as that of its own date.
        schedule = read_notice(text, schedule.year, current=calendar.year(schedule.year))
    return schedule


def outlook_of_schedule(schedule: YearCalendar, before: CalendarSet | None = None) -> Outlook:
    before = before or in_force()
    after = before.with_year(schedule)
    return Outlook(before, after, before.national.differs(after.national))


def outlook(change: CalendarChange) -> Outlook:
    """What a proposed change would do. InputError: the calendar in force has no place for it."""
    if isinstance(change, CalendarNotice):
        schedule = schedule_of(change)
        _refuse_shipped_year(schedule)
        return outlook_of_schedule(schedule)
    if not isinstance(change, LocalClosure):
        raise TypeError(f"not a change of the calendar: {change!r}")
    before = in_force()
    after = before.with_closure(change)
    changes = before.of(change.region).differs(after.of(change.region))
    return Outlook(before, after, changes, change.region)


def changes_nothing(schedule: YearCalendar, seen: Outlook) -> bool:
    """Whether the schedule only states what is in force, as a notice of the year gave it."""
    return not seen.changes and schedule.year in seen.before.national.official_years


def _refuse_shipped_year(schedule: YearCalendar) -> None:
    if is_shipped_year(schedule):
        raise InputError(
            _("年份"),
            _("%(year)d年的全年安排已随系统附带，请只列出有调整的日子") % {"year": schedule.year},
        )


@transaction.atomic
def propose_notice(
    *, text: str, proposed_by: User | None, at: datetime, year: int | None = None
) -> CalendarNotice:
    """Hand in a notice for somebody else to put into effect; ``proposed_by`` None is the command line.

    A notice without a proposer waits for a supervisor who confirms it, and then for another one who decides.
    InputError: see read_schedule(), or the whole of a year that is shipped. PermissionDenied: not a supervisor
    of a credit-management department.
    """
    if proposed_by is not None and not access.may_propose(proposed_by):
        raise PermissionDenied
    schedule = read_schedule(text=text, year=year)
    seen = outlook_of_schedule(schedule)
    if changes_nothing(schedule, seen):
        raise InputError(
            _("通知"), _("与现行日历完全一致，%(year)d年没有需要载入的变化") % {"year": schedule.year}
        )
    _refuse_shipped_year(schedule)
    # The same button twice, or two people, wait here for each other.
    lock_chain(f"calendar-{schedule.year}-proposals")
    days = schedule.to_json()["days"]
    waiting = CalendarNotice.objects.filter(state=CalendarChange.State.PROPOSED, year=schedule.year)
    if same := next((notice for notice in waiting if notice.days == days), None):
        raise InputError(
            _("通知"),
            _("同样的%(year)d年安排已有一项：%(waits)s")
            % {"year": schedule.year, "waits": four_eyes.waits(same)},
        )
    notice = CalendarNotice.objects.create(
        year=schedule.year,
        document_number=schedule.document_number or "",
        text=text,
        days=days,
        proposed_by=proposed_by,
        proposed_at=at,
    )
    _record(notice, "calendar.proposed", proposed_by, at)
    _call_for_decision(notice, at)
    return notice


@transaction.atomic
def propose_closure(
    *,
    region: str,
    first_on: date,
    last_on: date,
    name: str,
    document_number: str,
    proposed_by: User,
    at: datetime,
    working: bool = False,
) -> LocalClosure:
    """Hand in a departure of one region from the national calendar.

    InputError: unknown region, the last day before the first, more than a month, a day outside the calendar, or
    days that are like this already. PermissionDenied: the region is not the department's.
    """
    if not regions.exists(region):
        raise InputError("region", _("应为江苏省的行政区划代码，不能是“%(code)s”") % {"code": region})
    if not access.may_propose_for(proposed_by, region):
        raise PermissionDenied
    if last_on < first_on:
        raise InputError("last_on", _("末日%(last)s早于首日%(first)s") % {"last": last_on, "first": first_on})
    if (last_on - first_on).days >= 31:
        raise InputError("last_on", _("一次最多31天，更长的停工请分次提出"))
    closure = LocalClosure(
        region=region,
        first_on=first_on,
        last_on=last_on,
        working=working,
        name=name,
        document_number=document_number,
        proposed_by=proposed_by,
        proposed_at=at,
    )
    # Two people wait here for each other.
    lock_chain(f"calendar-{region}-proposals")
    waiting = LocalClosure.objects.filter(
        state=CalendarChange.State.PROPOSED,
        region=region,
        first_on=first_on,
        last_on=last_on,
        working=working,
    ).first()
    if waiting is not None:
        raise InputError("first_on", four_eyes.waits(waiting))
    if not any(change.old.working != change.new.working for change in outlook(closure).changes):
        raise InputError("first_on", _("这些日子在现行日历中本来就是如此，没有需要改变的"))
    closure.save()
    _record(closure, "calendar.proposed", proposed_by, at)
    _call_for_decision(closure, at)
    return closure


@transaction.atomic
def confirm(*, notice: CalendarNotice, supervisor: User, at: datetime) -> None:
    """Stand for a notice that came from the command line: this supervisor is its proposer, another one decides.

    NotProposed: decided, or somebody stands for it already. PermissionDenied: not a supervisor of a department.
    """
    if not access.may_propose(supervisor):
        raise PermissionDenied
    current = four_eyes.lock_proposed(notice)
    if current.proposed_by is not None:
        raise NotProposed(_("%(who)s已经确认提出这份通知。") % {"who": current.proposed_by})
    _refuse_set_back(current, at)
    current.proposed_by = supervisor
    current.save()
    _record(current, "calendar.confirmed", supervisor, at)
    _call_for_decision(current, at)


def approve(
    *, change: CalendarChange, approver: User, at: datetime, seen: str | None = None
) -> Recalculation:
    """Put a proposed change into effect and set every running clock to it, in one go.

    What was to be said by this moment is said first: under the new calendar nobody would say it any more.
    ``seen`` is the version of the calendar that the approver's page compared with. NotProposed: decided
    already, another calendar by now, or more to say than there is time for. PermissionDenied: the proposer, or
    not a supervisor of the department in charge. InputError: the calendar in force has no place for it any
    more, or the clock was set back behind the proposal or the last approval.
    """
    if not access.may_decide(approver, change):
        raise PermissionDenied
    calendar_changing.send(type(change), at=at)
    with transaction.atomic():
        try:
            lock_ledger()
        except LedgerBusy:
            raise NotProposed(_("台账正有长时间的写入（如导入），请几分钟后再复核。")) from None
        current = _take(change, approver)
        _refuse_set_back(current, at)
        expected = outlook(current)
        if seen is not None and seen != expected.version:
            raise NotProposed(_("工作日历在您查看之后已有变化，请重新核对后再复核。"))
        current.changed_days = [_kept_change(day) for day in expected.changes]
        four_eyes.approve(current, actor=approver, at=at)
        _record(current, "calendar.approved", approver, at)
        return take_effect(
            before=expected.before,
            at=at,
            notice=current if isinstance(current, CalendarNotice) else None,
            closure=current if isinstance(current, LocalClosure) else None,
        )


def take_effect(
    *,
    before: CalendarSet,
    at: datetime,
    notice: CalendarNotice | None = None,
    closure: LocalClosure | None = None,
) -> Recalculation:
    """Put the approved calendar in the place of the one before; whoever counts by it follows at once.

    In the transaction of the approval. Nobody starts, stops or escalates a clock meanwhile.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("take_effect() must share the transaction of the change it follows")
    lock_ledger()
    version, after = read_changes()
    recalculation = Recalculation.objects.create(
        at=at,
        changes_version=version,
        shipped_version=shipped_calendar().version,
        notice=notice,
        closure=closure,
    )
    calendar_changed.send(Recalculation, recalculation=recalculation, before=before, after=after, at=at)
    return recalculation


def follow_shipped_calendar(*, at: datetime) -> Recalculation | None:
    """Take up another shipped calendar once, after an upgrade has brought it; None where there is none."""
    if _follows_shipped():
        return None
    with transaction.atomic():
        lock_ledger()
        # Another one may have done it while this one waited.
        return None if _follows_shipped() else take_effect(before=in_force(), at=at)


def _follows_shipped() -> bool:
    last = Recalculation.objects.order_by("-id").values_list("shipped_version", flat=True).first()
    return last == shipped_calendar().version


def _kept_change(change: DayChange) -> dict[str, Any]:
    def told(day: DayInfo) -> list[Any]:
        return [day.working, day.reason]

    return {"date": change.date.isoformat(), "old": told(change.old), "new": told(change.new)}


def _refuse_set_back(change: CalendarChange, at: datetime) -> None:
    """What is decided later must also bear a later moment: the archive and the order of the changes rest on it."""
    last = max([change.proposed_at, *(done.decided_at for done in approved_in_order() if done.decided_at)])
    if at < last:
        raise InputError(
            _("复核时间"),
            _("系统时钟为%(now)s，早于日历上一次变更的%(last)s，时钟被倒拨，请校准后再办理")
            % {"now": f"{localtime(at):%Y-%m-%d %H:%M:%S}", "last": f"{localtime(last):%Y-%m-%d %H:%M:%S}"},
        )


@transaction.atomic
def reject(*, change: CalendarChange, approver: User, reason: str, at: datetime) -> None:
    """Turn a proposed change down. NotProposed, PermissionDenied, InputError."""
    current = _take(change, approver)
    four_eyes.reject(current, actor=approver, reason=reason, at=at)
    _record(current, "calendar.rejected", approver, at)


def _take(change: C, approver: User) -> C:
    if not access.may_decide(approver, change):
        raise PermissionDenied
    return four_eyes.lock_proposed(change)


def _call_for_decision(change: CalendarChange, at: datetime) -> None:
    """Tell those who may decide that something waits for them."""
    kind = change._meta.model_name
    if change.proposed_by is None:
        step, body = (
            "loaded",
            _(
                "%(what)s已从命令行载入。请一位负责人核对原文后确认提出，再由省级社会信用管理部门的另一位负责人复核。"
            ),
        )
    else:
        step, body = "proposed", _("%(who)s提出%(what)s，请核对改变的日子和变动的期限后复核。")
    notify(
        key=f"calendar-{step}-{kind}-{change.pk}",
        recipients=access.deciders_of(change),
        subject=_("待复核的工作日历变更：%(what)s") % {"what": change},
        body=body % {"what": f"{change._meta.verbose_name}“{change}”", "who": change.proposed_by},
        at=at,
        link=link_to(str(kind), change.pk),
    )


def _record(change: CalendarChange, verb: str, actor: User | None, at: datetime) -> None:
    record_event(
        chain=f"{change._meta.model_name}-{change.pk}",
        verb=verb,
        at=at,
        actor=actor,
        role="supervisor" if actor else "",
        organ=actor.organ if actor else None,
        payload=change.summary(),
    )
