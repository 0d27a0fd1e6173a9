"""What all letters of a case have in common, and the commitment: plain data, frozen with the document when it is
issued. What stands in the letter of a step is in the module of the step."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from applications.documents.services import Unprintable, alarming
from applications.repairs.assessing import FINDING_LABELS
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from rules.day_words import day_in_words
from rules.findings import Finding
from rules.policy import Policy
from rules.workdays import Due


@contextmanager
def issuing() -> Iterator[None]:
    """Stands around a transaction that issues letters: one that cannot be printed is NotReady, and raises the alarm."""
    try:
        with alarming():
            yield
    except Unprintable as unprintable:
        raise NotReady(*unprintable.messages) from unprintable


def heading(case: RepairCase, at: datetime) -> dict[str, Any]:
    record, subject = case.record, case.record.subject
    return {
        "case_number": case.number,
        "subject": {"name": subject.name, "code": subject.masked_code, "kind": subject.kind},
        "record": {
            "document_number": record.document_number,
            "decided_on": record.decided_on.isoformat(),
            "identified_on": record.identified_on.isoformat(),
            "identifying_unit": record.identifying_unit.name,
            "severity": record.get_severity_display(),
            "violation": record.violation_type,
            "penalties": "、".join(record.penalty_labels),
        },
        "organ": {"name": case.organ.name, "phone": case.organ.phone, "address": case.organ.address},
        "date": localdate(at).isoformat(),
    }


def due_date(due: Due) -> dict[str, Any]:
    return {
        "date": due.due_on.isoformat(),
        "working_days": due.working_days,
        "provisional": due.provisional,
    }


def finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "article": finding.article,
        "label": FINDING_LABELS[finding.code],
        "reason": finding.reason,
    }


def policy(policy: Policy) -> dict[str, Any]:
    return {"id": policy.id, "title": policy.title, "document": policy.document}


def received_on(case: RepairCase) -> str:
    return localdate(case.submitted_at).isoformat() if case.submitted_at else ""


def commitment_text(case: RepairCase) -> list[str]:
    """The paragraphs that are signed (Article 15): rectification, keeping faith, liability, publication."""
    record, subject = case.record, case.record.subject
    duties = [duty.obligation.name for duty in case.obligations.select_related("obligation")]
    fulfilled = "、".join(duties) or "没有需要另行履行的义务"
    corrected = day_in_words(case.corrected_on) if case.corrected_on else "（日期待填写）"
    return [
        f"{record.identifying_unit.name}于{day_in_words(record.decided_on)}作出{record.document_number}决定，"
        f"认定{subject.name}存在“{record.violation_type}”的失信行为。我方就该失信行为信息申请信用修复，并作出以下承诺：",
        f"一、我方已于{corrected}纠正上述失信行为，并已履行完毕行政处理决定和司法裁判等明确的法定责任和义务（{fulfilled}）。",
        "二、我方提交的全部材料真实、合法、准确、有效。",
        "三、我方将积极整改，在今后的生产经营生活中严格遵守法律、法规、规章，诚实守信，履约践诺。",
        "四、我方自愿接受政府、行业组织、社会公众和新闻舆论的监督。",
        "五、如违背以上承诺或者提供虚假材料，我方自愿承担相应责任，并接受不予信用修复、撤销信用修复等处理。",
    ]


def commitment(
    case: RepairCase, *, paragraphs: list[str], signatory: str, consent: bool, at: datetime
) -> dict[str, Any]:
    return heading(case, at) | {
        "paragraphs": paragraphs,
        "signatory": signatory,
        "signed_at": at.isoformat(timespec="seconds"),
        "consent": consent,
    }
