"""How each of an applicant's records stands, and the one thing that can be done about it now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.documents.templatetags.dates import zh_day
from applications.language import reason_of
from applications.policies.selectors import policies_in_force, policy_in_force
from applications.records.access import visible_to
from applications.records.models import DishonestyRecord
from applications.records.selectors import open_facts
from applications.repairs.models import RepairCase
from applications.repairs.templatetags.states import tag_of_state
from applications.subjects.models import Subject
from rules.eligibility import OUTCOMES, Assessment, assess
from rules.exclusions import NO_GROUND
from rules.facts import Facts
from rules.instruments import MINIMUM_PERIOD
from rules.policy import Policy
from rules.procedure import CLOSED_STATES, STATE_LABELS, State
from rules.reapplication import may_apply_again_on


@dataclass(frozen=True)
class Standing:
    """``tag`` is a CSS class of the theme. Without ``action`` nothing can be done now, and ``note`` says why."""

    record: DishonestyRecord
    label: str
    tag: str = ""
    note: str = ""
    action: str = ""
    link: str = ""
    primary: bool = False
    # Whether another application for the record can begin now, also together with others of its subject.
    may_start: bool = False
    # The first day on which it may be applied for, where that is still to come.
    first_day: date | None = None
    # Whether an application is being written and not handed in, for a record that can be applied for now or later.
    drafted: bool = False


def records_of(user: User, on: date, subject: Subject | None = None) -> list[Standing]:
    """The records of everyone for whom the user acts, or of one of them, in five queries however many they are."""
    records = visible_to(user)
    if subject is not None:
        records = records.filter(subject=subject)
    return standings_of(records.order_by("subject__name", "subject_id", "-decided_on", "-id"), on)


def standings_of(records: QuerySet[DishonestyRecord], on: date) -> list[Standing]:
    """How each of the records stands, in their order and in five queries."""
    records = records.select_related("subject", "identifying_unit", "annotation").prefetch_related(
        "obligations", Prefetch("cases", RepairCase.objects.select_related("filing"))
    )
    policies = policies_in_force(on=on, units={record.identifying_unit_id for record in records})
    return [
        standing_of(
            record, assess_record(record, policies[record.identifying_unit_id], on), record.cases.all()
        )
        for record in records
    ]


def assess_record(record: DishonestyRecord, policy: Policy, on: date) -> Assessment:
    """What the rules of the record's unit say before anybody applies: of the grounds of Article 6 only those that the record
    shows."""
    return assess(Facts.from_json({**open_facts(record), **NO_GROUND}), policy, on)


def first_day_of(record: DishonestyRecord, on: date) -> date | None:
    """The first day on which a record may be applied for, where that is still to come (Articles 4 and 5)."""
    policy = policy_in_force(on=on, unit=record.identifying_unit_id)
    return _standing_of_assessment(record, assess_record(record, policy, on), "").first_day


def standing_of(record: DishonestyRecord, assessment: Assessment, cases: Iterable[RepairCase]) -> Standing:
    """From the open or else the latest case if it says something, else from the assessment."""
    latest = _telling(cases)
    if record.source_state == DishonestyRecord.SourceState.REVOKED:
        link = reverse("repairs:status", args=[latest.number]) if latest and latest.submitted_at else ""
        action = _("查看进度") if link else ""
        return Standing(record, _("处罚已撤销"), "tag-good", _("信息已撤回，无需修复"), action, link)
    if latest is not None and latest.status not in (State.NOT_ACCEPTED, State.WITHDRAWN, State.CLOSED):
        standing = _standing_of_case(record, latest)
        again = (
            latest.status in CLOSED_STATES
            and not getattr(record, "annotation", None)
            and _waits_until(latest, assessment) is None
        )
        fresh = _standing_of_assessment(record, assessment, "")
        open_to_it = fresh.may_start or fresh.first_day is not None
        return replace(
            standing,
            may_start=again and fresh.may_start,
            drafted=latest.status == State.DRAFT and open_to_it,
        )
    if getattr(record, "annotation", None):
        return Standing(record, _("已修复"), "tag-good")
    before = _(STATE_LABELS[State(latest.status)]) if latest else ""
    return _standing_of_assessment(record, assessment, before)


def why_closed(record: DishonestyRecord, assessment: Assessment, cases: Iterable[RepairCase]) -> str:
    """Why no application for a record can begin, whatever its subject would state; empty where one can, also one that the
    rules would refuse today (ADR 0003)."""
    if record.source_state == DishonestyRecord.SourceState.REVOKED:
        return _("处罚已被撤销，信息已经撤回，不需要修复")
    if annotation := getattr(record, "annotation", None):
        return _("已由决定 %(decision)s 修复") % {"decision": annotation.decision_number}
    cases = list(cases)
    latest = _telling(cases)
    if latest is not None and latest.status not in CLOSED_STATES:
        return _("已有办理中的申请 %(number)s（%(state)s）") % {
            "number": latest.number,
            "state": _(STATE_LABELS[State(latest.status)]),
        }
    for case in cases:
        if (day := _waits_until(case, assessment)) is not None:
            return _("修复已由决定 %(decision)s 撤销，%(day)s起可以重新申请") % {
                "decision": case.decision_number,
                "day": zh_day(day),
            }
    return ""


def _telling(cases: Iterable[RepairCase]) -> RepairCase | None:
    """Of a record's cases the one that is still open, also where a later one was given up; else the latest."""
    return max(cases, key=lambda case: (case.status not in CLOSED_STATES, case.pk), default=None)


def _waits_until(case: RepairCase, assessment: Assessment) -> date | None:
    """The day from which another application may begin, where a repair was revoked so lately that the policy has its subject
    wait."""
    if case.status != State.REVOKED or case.decided_on is None:
        return None
    day = may_apply_again_on(case.decided_on, assessment.policy)
    return day if day is not None and assessment.on < day else None


def _standing_of_case(record: DishonestyRecord, case: RepairCase) -> Standing:
    label = _(STATE_LABELS[State(case.status)])
    match case.status:
        case State.DRAFT if case.filing.reception_id is not None:
            return Standing(record, label, note=_("办理机构正在录入窗口（邮寄）收到的材料"))
        case State.DRAFT:
            return Standing(
                record,
                label,
                action=_("继续填写"),
                link=reverse("repairs:tasks", args=[case.number]),
                primary=True,
            )
        case State.CORRECTING:
            return Standing(
                record,
                label,
                tag_of_state(case.status),
                action=_("补正材料"),
                link=reverse("repairs:correction", args=[case.number]),
                primary=True,
            )
    decided = case.status in (State.GRANTED, State.REFUSED, State.REVOKED)
    action = _("查看决定") if decided else _("查看进度")
    return Standing(
        record,
        label,
        tag_of_state(case.status),
        action=action,
        link=reverse("repairs:status", args=[case.number]),
    )


def _standing_of_assessment(record: DishonestyRecord, assessment: Assessment, before: str) -> Standing:
    note = _("上一次申请：%(state)s") % {"state": before} if before else ""
    match assessment.outcome:
        case "out_of_scope":
            return Standing(record, _(OUTCOMES["out_of_scope"]), "tag-bad", _("请向认定地的机构申请"))
        case "barred":
            end = assessment.bar_ends_on
            why = (
                _("特定严重失信行为，最长公示期至%(day)s届满，届满后无需修复") % {"day": zh_day(end)}
                if end
                else ""
            )
            return Standing(record, _(OUTCOMES["barred"]), "tag-bad", why)
        case "not_needed":
            return Standing(record, _("公示期满"), "", _("无需修复"))
    period = assessment.finding(MINIMUM_PERIOD)
    if period is not None and period.met is not True:
        day = period.earliest_on
        if day and assessment.earliest_on:
            return Standing(
                record,
                _("尚不能申请"),
                "tag-warn",
                _("%(day)s起可以申请") % {"day": zh_day(day)},
                first_day=day,
            )
        return Standing(record, _("尚不能申请"), "tag-warn", reason_of(period))
    duties = [str(duty) for duty in record.obligations.all() if duty.fulfilled_on is None]
    if duties and not note:
        note = _("认定单位尚未登记履行：%(duties)s") % {"duties": _("、").join(duties)}
    return Standing(
        record,
        _("可以申请"),
        "tag-good",
        note,
        _("申请修复"),
        reverse("repairs:start", args=[record.pk]),
        primary=True,
        may_start=True,
    )
