"""维持原决定 (Article 13): the refusal stands, because a condition is still lacking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from applications.accounts.models import User
from applications.objections.models import Objection
from applications.objections.steps.handling import handle
from applications.repairs.assessing import store_assessment
from applications.repairs.errors import NotReady
from applications.repairs.models import StoredAssessment
from applications.repairs.steps.frame import Transition
from rules.eligibility import Assessment

MESSAGE = "异议已处理：维持原决定。"


def uphold_decision(
    *,
    objection: Objection,
    checklist: Mapping[str, Mapping[str, Any]],
    reasons: str,
    actor: User,
    at: datetime,
    version: int | None = None,
) -> Objection:
    """Keep the refusal, with the reasons. NotReady where every condition turns out to be met."""
    return handle(
        action="uphold",
        message=MESSAGE,
        outcome=Objection.Outcome.UPHELD,
        settle=_settle,
        objection=objection,
        checklist=checklist,
        reasons=reasons,
        actor=actor,
        at=at,
        version=version,
    )


def _settle(transition: Transition, assessment: Assessment) -> None:
    if assessment.outcome == "eligible":
        raise NotReady("依据核实情况，各项条件均已具备，应当撤销原决定、准予修复。")
    store_assessment(
        case=transition.case,
        stage=StoredAssessment.Stage.OBJECTION,
        assessment=assessment,
        at=transition.at,
    )
