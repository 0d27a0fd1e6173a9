"""From a case to the facts of the law, and what the rules say about them (Articles 4 to 6)."""

from copy import deepcopy
from datetime import date, datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop

from applications.masking import mask_numbers
from applications.policies.selectors import policy_by_digest, policy_in_force
from applications.policies.services import keep_text
from applications.records.selectors import open_facts
from applications.repairs.models import RepairCase, StoredAssessment
from rules.eligibility import Assessment, assess
from rules.exclusions import NO_GROUND
from rules.explanation import explain
from rules.facts import Facts
from rules.policy import Policy

# What an officer verifies, by finding code. The other findings follow from dates alone.
CHECKLIST = {
    "corrected": gettext_noop("失信行为已经纠正"),
    "obligations_fulfilled": gettext_noop("行政处理决定和司法裁判明确的法定责任和义务已经履行完毕"),
    "commitment_signed": gettext_noop("已作出信用承诺，签署人和内容符合要求"),
    "publication_consent": gettext_noop("同意向社会公开承诺"),
    "training_completed": gettext_noop("已参加信用修复培训，证书属实"),
    "credit_report_provided": gettext_noop("已提供信用报告，报告属实"),
    "specific_serious": gettext_noop("不属于第六条所列的特定严重失信行为"),
    "false_material": gettext_noop("没有提交虚假材料等不实申请"),
    "statutory_bar": gettext_noop("没有法律、法规、规章规定不予修复的其他情形"),
}
FINDING_LABELS = CHECKLIST | {
    "in_scope": gettext_noop("在本省行政区域内被认定"),
    "minimum_period": gettext_noop("自认定之日起已满最短期限"),
}
# A duty of which the record says nothing; the officer's note says which.
FOUND_DUTY = "审查意见写明的义务"
# Whose findings no applicant can mend: what bars a repair.
BARS = "六"

# {finding code: {"confirmed": bool, "note": str}}; of the duties, where there are several, also "unfulfilled": their names.
Checklist = dict[str, dict[str, Any]]


def policy_of(case: RepairCase, on: date) -> Policy:
    """The rules for a case: those in force on the day of the question, with the identifying unit's own.

    One step asks several times; a case that was read once goes by one set of rules all day.
    """
    asked: dict[date, Policy] = case.__dict__.setdefault("_policies", {})
    if on not in asked:
        asked[on] = policy_in_force(on=on, unit=case.record.identifying_unit_id)
    return asked[on]


def case_facts(case: RepairCase) -> dict[str, Any]:
    """The Facts object of a case, as JSON: what the record says and what the applicant states. What nobody has stated yet is
    not given; that something is not done an officer says (``verified_facts``)."""
    prefetch_related_objects([case.record], "obligations")
    facts = open_facts(case.record)
    stated = dict(case.obligations.values_list("obligation", "fulfilled_on"))
    for duty, kept in zip(facts["obligations"], case.record.obligations.all(), strict=True):
        if "fulfilled_on" not in duty and (day := stated.get(kept.pk)):
            duty["fulfilled_on"] = day.isoformat()
    filing = case.filing
    commitment = filing.commitment
    facts |= {
        **NO_GROUND,
        **({"corrected_on": case.corrected_on.isoformat()} if case.corrected_on else {}),
        "commitment": commitment
        and {
            "signed_on": localdate(commitment.signed_at).isoformat(),
            "publication_consent": commitment.publication_consent,
        },
        "training": {"completed_on": filing.training_completed_on.isoformat()}
        if filing.training_completed_on
        else None,
        "credit_report": {"issued_on": filing.report_issued_on.isoformat(), "issuer": filing.report_issuer}
        if filing.report_issued_on and filing.report_issuer
        else None,
    }
    return facts


def verified_facts(facts: dict[str, Any], checklist: Checklist) -> dict[str, Any]:
    """The same without what an officer did not confirm."""
    facts = deepcopy(facts)
    for code, verdict in checklist.items():
        if not verdict["confirmed"]:
            _reject(facts, code, verdict)
    return facts


def _reject(facts: dict[str, Any], code: str, verdict: dict[str, Any]) -> None:
    """Take out of the facts what an officer did not confirm."""
    note = verdict["note"]
    match code:
        case "corrected":
            facts["corrected_on"] = None
        case "obligations_fulfilled":
            # A verdict that names no duty is about the only one, or older than the question which one it is.
            # An older one names it with the numbers in its name.
            named = {mask_numbers(name) for name in verdict.get("unfulfilled") or ()}
            # One from before duties that read alike had ordinals is about all of them.
            alike = tuple(f"{name}·" for name in named)
            for duty in facts["obligations"]:
                if not named or duty["name"] in named or duty["name"].startswith(alike):
                    duty["fulfilled_on"] = None
            if not facts["obligations"]:
                facts["obligations"] = [
                    {"name": FOUND_DUTY, "source": "administrative", "fulfilled_on": None}
                ]
        case "commitment_signed":
            facts["commitment"] = None
        case "publication_consent":
            if facts["commitment"]:
                facts["commitment"]["publication_consent"] = False
        case "training_completed":
            facts["training"] = None
        case "credit_report_provided":
            facts["credit_report"] = None
        case "specific_serious":
            facts["other_specific_serious_ground"] = note
        case "false_material":
            facts["false_material"] = True
        case "statutory_bar":
            facts["statutory_bar"] = {"basis": note}
        case _:
            raise KeyError(code)


def assess_case(case: RepairCase, on: date, checklist: Checklist | None = None) -> Assessment:
    """What the rules in force on a day say about a case, by an officer's checklist or as the applicant states it."""
    return assess_facts(case, verified_facts(case_facts(case), checklist or {}), on)


def assess_facts(case: RepairCase, facts: dict[str, Any], on: date) -> Assessment:
    return assess(Facts.from_json(facts), policy_of(case, on), on)


def store_assessment(
    *, case: RepairCase, stage: str, assessment: Assessment, at: datetime
) -> StoredAssessment:
    """Keep an assessment with its facts and the text of its policy, so that ``reassess`` can repeat it."""
    keep_text(policy=assessment.policy, at=at)
    return StoredAssessment.objects.create(
        case=case,
        stage=stage,
        on=assessment.on,
        policy=assessment.policy.id,
        policy_version=assessment.policy.digest,
        facts=assessment.facts.to_json(),
        assessment=assessment.to_json(),
        explanation=explain(assessment).to_json(),
        stored_at=at,
    )


def reassess(stored: StoredAssessment) -> Assessment:
    """The same question asked again: its facts, the policy text that answered it, its day."""
    return assess(Facts.from_json(stored.facts), policy_by_digest(stored.policy_version), stored.on)


def duties_of(case: RepairCase) -> list[str]:
    """The names of the duties on whose fulfilment an officer has to give a verdict, each of its own: as the facts have
    them."""
    return [str(duty) for duty in case.record.obligations.all()]


def items_of(case: RepairCase) -> list[str]:
    """What the identifying unit is asked (核实): the correction, and each duty of the record; where it lists none, of all."""
    return [CHECKLIST["corrected"], *(duties_of(case) or [CHECKLIST["obligations_fulfilled"]])]


def checklist_codes(case: RepairCase, on: date) -> list[str]:
    """The codes that an officer has to give a verdict on, in the order of the checklist."""
    return asked_codes(assess_case(case, on))


def asked_codes(assessment: Assessment) -> list[str]:
    asked = {finding.code for finding in assessment.findings}
    return [code for code in CHECKLIST if code in asked]
