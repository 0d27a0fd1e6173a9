"""Why: what the rules said at a step of a case, as the tree that pages show and as JSON."""

from typing import Any

from applications.repairs.assessing import reassess
from applications.repairs.models import RepairCase, StoredAssessment
from rules.explanation import Explanation, explain


def explanation_of(stored: StoredAssessment) -> dict[str, Any]:
    """The tree of a stored assessment as it was stored; one without it is asked again."""
    return stored.explanation or explain(reassess(stored)).to_json()


def stored_explanations(case: RepairCase) -> list[tuple[StoredAssessment, Explanation]]:
    """Every stored assessment of a case with its tree, the latest first."""
    return [
        (stored, Explanation.from_json(explanation_of(stored))) for stored in case.assessments.order_by("-id")
    ]


def explanations_as_json(case: RepairCase) -> list[dict[str, Any]]:
    """The same as data."""
    return [
        {"stage": stored.stage, "stored_at": stored.stored_at.isoformat(), **explanation_of(stored)}
        for stored in case.assessments.order_by("-id")
    ]
