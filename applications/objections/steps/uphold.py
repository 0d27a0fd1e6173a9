"""维持原决定 (Article 13): the refusal stands, because a condition is still lacking."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.objections.models import Objection
from applications.objections.steps.handling import Handling
from applications.repairs.assessing import store_assessment
from applications.repairs.errors import NotReady
from applications.repairs.models import StoredAssessment
from applications.repairs.steps.frame import Transition
from rules.eligibility import Assessment

MESSAGE = gettext_lazy("异议已处理，维持不予信用修复的决定。理由和怎样重新申请，见异议处理结果告知书。")


def settle(transition: Transition, assessment: Assessment, objection: Objection) -> None:
    """NotReady where every condition turns out to be met."""
    if assessment.outcome == "eligible":
        raise NotReady(_("依据核实情况，各项条件均已具备，应当撤销原决定、准予修复。"))
    store_assessment(
        case=transition.case,
        stage=StoredAssessment.Stage.OBJECTION,
        assessment=assessment,
        at=transition.at,
    )


UPHOLD = Handling(action="uphold", message=MESSAGE, outcome=Objection.Outcome.UPHELD, settle=settle)
