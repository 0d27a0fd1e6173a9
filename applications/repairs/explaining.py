"""Why: what the rules said at a step of a case, as the tree that pages show and as JSON."""

from dataclasses import replace
from typing import Any

from applications.repairs.assessing import reassess
from applications.repairs.models import RepairCase, StoredAssessment
from rules.explanation import Explanation, explain


def explanation_of(stored: StoredAssessment) -> Explanation:
    """The tree of a stored assessment. Its reasons are the stored sentences, whatever they would be today."""
    said = {finding["code"]: finding["reason"] for finding in stored.assessment["findings"]}
    tree = explain(reassess(stored))
    return replace(
        tree,
        clauses=tuple(
            replace(
                clause,
                reasons=tuple(
                    replace(reason, reason_zh=said.get(reason.code, reason.reason_zh))
                    for reason in clause.reasons
                ),
            )
            for clause in tree.clauses
        ),
    )


def stored_explanations(case: RepairCase) -> list[tuple[StoredAssessment, Explanation]]:
    """Every stored assessment of a case with its tree, the latest first."""
    return [(stored, explanation_of(stored)) for stored in case.assessments.order_by("-id")]


def explanations_as_json(case: RepairCase) -> list[dict[str, Any]]:
    """The same as data."""
    return [
        {"stage": stored.stage, "stored_at": stored.stored_at.isoformat(), **tree.to_json()}
        for stored, tree in stored_explanations(case)
    ]
