"""What stands in each letter of a case: plain data, frozen with the document when it is issued."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.repairs.assessing import FINDING_LABELS, Checklist
from applications.repairs.models import CorrectionItem, RepairCase
from rules.eligibility import Assessment
from rules.policy import Policy
from rules.wording import remedy
from rules.workdays import Due

EFFECTS = [
    "在上述失信行为信息及信用档案中予以标注；",
    "在相关平台和网站上撤销公示；",
    "上述失信行为信息不再作为信用惩戒的依据。",
]


def _common(case: RepairCase, at: datetime) -> dict[str, Any]:
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


def _due(due: Due) -> dict[str, Any]:
    return {
        "date": due.due_on.isoformat(),
        "working_days": due.working_days,
        "provisional": due.provisional,
    }


def _policy(policy: Policy) -> dict[str, Any]:
    return {"id": policy.id, "title": policy.title, "document": policy.document}


def _received_on(case: RepairCase) -> str:
    return localdate(case.submitted_at).isoformat() if case.submitted_at else ""


def commitment_text(case: RepairCase) -> list[str]:
    """The paragraphs that are signed (Article 15): rectification, keeping faith, liability, publication."""
    record, subject = case.record, case.record.subject
    duties = [duty.obligation.name for duty in case.obligations.select_related("obligation")]
    fulfilled = "、".join(duties) or "没有需要另行履行的义务"
    corrected = f"{case.corrected_on:%Y年%-m月%-d日}" if case.corrected_on else "（日期待填写）"
    return [
        f"{record.identifying_unit.name}于{record.decided_on:%Y年%-m月%-d日}作出{record.document_number}决定，"
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
    return _common(case, at) | {
        "paragraphs": paragraphs,
        "signatory": signatory,
        "signed_at": at.isoformat(timespec="seconds"),
        "consent": consent,
    }


def receipt(case: RepairCase, *, due: Due, at: datetime) -> dict[str, Any]:
    return _common(case, at) | {
        "submitted_at": at.isoformat(timespec="seconds"),
        "answer_by": _due(due),
        "materials": [
            {
                "kind": material.get_kind_display(),
                "name": material.file.name,
                "pages": material.file.pages,
                "sha256": material.file.sha256,
            }
            for material in case.materials.select_related("file")
        ],
        "tracking_code": case.tracking_code,
    }


def acceptance_notice(
    case: RepairCase, *, accepted_on: date, due: Due, at: datetime, officer: User | None
) -> dict[str, Any]:
    return _common(case, at) | {
        "received_on": _received_on(case),
        "accepted_on": accepted_on.isoformat(),
        "decide_by": _due(due),
        "officer": str(officer) if officer else "",
    }


def correction_notice(
    case: RepairCase, *, items: Sequence[CorrectionItem], at: datetime, officer: User
) -> dict[str, Any]:
    return _common(case, at) | {
        "received_on": _received_on(case),
        "officer": str(officer),
        "items": [
            {
                "material": item.get_material_kind_display(),
                "defect": item.defect,
                "requirement": item.requirement,
            }
            for item in items
        ],
    }


def non_acceptance_notice(
    case: RepairCase, *, reason: str, competent_body: str, at: datetime
) -> dict[str, Any]:
    return _common(case, at) | {
        "received_on": _received_on(case),
        "reason": reason,
        "competent_body": competent_body,
        "remedies": case.organ.remedies,
    }


def grant_decision(case: RepairCase, *, assessment: Assessment, at: datetime) -> dict[str, Any]:
    return _common(case, at) | {
        "accepted_on": case.accepted_on.isoformat() if case.accepted_on else "",
        "policy": _policy(assessment.policy),
        "findings": [
            {
                "code": finding.code,
                "article": finding.article,
                "label": FINDING_LABELS[finding.code],
                "reason": finding.reason,
            }
            for finding in assessment.findings
        ],
        "effects": EFFECTS,
        "publicity_withdrawn_at": at.isoformat(timespec="seconds"),
    }


def refusal_decision(
    case: RepairCase, *, assessment: Assessment, checklist: Checklist, at: datetime
) -> dict[str, Any]:
    """Each condition that fails, with the officer's note and what would mend it; how to apply again; objection."""
    clock = assessment.policy.clocks["objection"]
    findings = [
        {
            "code": finding.code,
            "article": finding.article,
            "label": FINDING_LABELS[finding.code],
            "reason": finding.reason,
            "note": checklist.get(finding.code, {}).get("note", ""),
            "remedy": remedy(finding, "zh"),
            "earliest_on": finding.earliest_on.isoformat() if finding.earliest_on else None,
        }
        for finding in assessment.open_findings
    ]
    return _common(case, at) | {
        "accepted_on": case.accepted_on.isoformat() if case.accepted_on else "",
        "policy": _policy(assessment.policy),
        "findings": findings,
        "reapply": _how_to_apply_again(assessment),
        "objection": {
            "organ": case.organ.name,
            "working_days": clock.working_days,
            "article": clock.source.article,
        },
        "remedies": case.organ.remedies,
    }


def _how_to_apply_again(assessment: Assessment) -> str:
    if assessment.outcome == "not_needed":
        return "最长公示期已满，该失信行为信息已停止公示，无需再次申请。"
    if assessment.bar_ends_on:
        end = assessment.bar_ends_on
        return f"该失信行为信息公示至{end.year}年{end.month}月{end.day}日，期满后自动停止公示，公示期内不予修复。"
    if assessment.earliest_on and assessment.earliest_on > assessment.on:
        day = assessment.earliest_on
        return f"具备上述条件后，可以自{day.year}年{day.month}月{day.day}日起重新提出申请，不限次数。"
    return "具备上述条件后，可以重新提出申请，不限次数。"


def objection_result(
    case: RepairCase,
    *,
    objection: dict[str, Any],
    overturned: bool,
    reasons: str,
    new_decision: str | None,
    assessment: Assessment,
    at: datetime,
) -> dict[str, Any]:
    return _common(case, at) | {
        "objection": objection,
        "outcome": "overturned" if overturned else "upheld",
        "reasons": reasons,
        "new_decision": new_decision,
        "findings": [
            {
                "code": finding.code,
                "article": finding.article,
                "label": FINDING_LABELS[finding.code],
                "reason": finding.reason,
            }
            for finding in assessment.open_findings
        ],
        "remedies": "" if overturned else case.organ.remedies,
    }
