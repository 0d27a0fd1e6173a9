"""What all letters of a case have in common: plain data, frozen with the document when it is issued. What stands in the
letter of a step is in the module of the step."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from applications.deadlines.models import basis_of
from applications.documents.services import Unprintable, alarming, is_alarming
from applications.records.wording import record_lines
from applications.repairs.assessing import FINDING_LABELS, Checklist, policy_of
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.subjects.models import SubjectChange
from rules.day_words import day_in_words
from rules.eligibility import Assessment
from rules.findings import Finding
from rules.policy import Policy
from rules.sentences import remedy
from rules.workdays import Due, arranging_year


@contextmanager
def issuing() -> Iterator[None]:
    """Stands around a transaction that issues letters: one that cannot be printed is NotReady, and raises the alarm.

    Inside another, or inside alarming(), it is Unprintable still, for the one that stands outside the transaction.
    """
    inner = is_alarming()
    try:
        with alarming():
            yield
    except Unprintable as unprintable:
        if inner:
            raise
        raise NotReady(*unprintable.messages) from unprintable


def heading(case: RepairCase, at: datetime) -> dict[str, Any]:
    record, subject = case.record, case.record.subject
    return {
        "case_number": case.number,
        "subject": {
            "name": subject.name,
            "code": subject.masked_code,
            "kind": subject.kind,
            "former_name": former_name(case),
        },
        "record": record_lines(record),
        "organ": {"name": case.organ.name, "phone": case.organ.phone, "address": case.organ.address},
        "date": localdate(at).isoformat(),
        "policy": policy(policy_of(case, localdate(at))),
    }


def former_name(case: RepairCase) -> str:
    """The name under which the application was made, where the subject has another one now."""
    renamed = case.record.subject.changes.filter(
        kind=SubjectChange.Kind.RENAME, recorded_at__gt=case.created_at
    )
    return renamed.order_by("pk").values_list("old_name", flat=True).first() or ""


def due_date(due: Due, article: str) -> dict[str, Any]:
    """Until when, by which article; ``awaits`` is the year whose holidays are not published yet."""
    return {
        "date": due.due_on.isoformat(),
        "working_days": due.working_days,
        "basis": basis_of(article),
        "provisional": due.provisional,
        "awaits": arranging_year(due.due_on) if due.provisional else None,
    }


def findings(assessment: Assessment) -> list[dict[str, Any]]:
    """Every finding, as a grant states it."""
    return [_finding(each, assessment) for each in assessment.findings]


def failed(assessment: Assessment, checklist: Checklist) -> list[dict[str, Any]]:
    """Each finding that stands in the way, with the officer's note, what would mend it, and from which day."""
    return [
        _finding(each, assessment)
        | {
            "note": checklist.get(each.code, {}).get("note", ""),
            "remedy": remedy(each, "zh"),
            "earliest_on": each.earliest_on.isoformat() if each.earliest_on else None,
        }
        for each in assessment.open_findings
    ]


def _finding(finding: Finding, assessment: Assessment) -> dict[str, Any]:
    return {
        "code": finding.code,
        "article": finding.article,
        "label": FINDING_LABELS[finding.code],
        "reason": finding.reason,
    } | ({"duties": _duties(assessment)} if finding.code == "obligations_fulfilled" else {})


def _duties(assessment: Assessment) -> list[dict[str, Any]]:
    """Of several duties each with the day of its fulfilment; the sentence says all about a single one."""
    duties = assessment.facts.to_json().get("obligations", [])
    if len(duties) < 2:
        return []
    today = assessment.on.isoformat()
    done = [day if (day := duty.get("fulfilled_on")) and day <= today else None for duty in duties]
    return [{"name": duty["name"], "fulfilled_on": day} for duty, day in zip(duties, done, strict=True)]


def policy(policy: Policy) -> dict[str, Any]:
    return {"id": policy.id, "title": policy.title, "document": policy.document}


def received(case: RepairCase) -> dict[str, str]:
    """When the application came, and when what it lacked came last (empty where nothing did)."""
    first, last = case.first_submitted_at or case.submitted_at, case.submitted_at
    return {
        "received_on": localdate(first).isoformat() if first else "",
        "completed_on": localdate(last).isoformat() if last and case.round > 1 else "",
    }


def how_to_apply_again(assessment: Assessment) -> str:
    """After a refusal: from which day, or why there is no need to."""
    if assessment.outcome == "out_of_scope":
        return "请向认定地的认定单位或者信用工作机构申请。"
    if assessment.outcome == "not_needed":
        return "最长公示期已满，无需再次申请。"
    if assessment.bar_ends_on:
        return f"该失信行为信息的最长公示期至{day_in_words(assessment.bar_ends_on)}届满，届满以前不予修复，届满后无需申请。"
    if assessment.outcome == "barred":
        return "上述不予修复的情形不再存在、其他条件也都具备的，可以重新提出申请，不限次数。"
    if assessment.earliest_on and assessment.earliest_on > assessment.on:
        return f"具备上述条件后，可以自{day_in_words(assessment.earliest_on)}起重新提出申请，不限次数。"
    return "具备上述条件后，可以重新提出申请，不限次数。"
