"""撤销原决定，准予修复 (Article 13): a new decision is made and shared; the old one stays on file, as replaced by it."""

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.documents.models import Document
from applications.objections.models import Objection
from applications.objections.steps.handling import Handling
from applications.repairs.errors import NotReady
from applications.repairs.models import StoredAssessment
from applications.repairs.steps.frame import Transition
from applications.repairs.steps.grant import confirm
from rules.eligibility import Assessment

MESSAGE = gettext_lazy("异议已处理：撤销原决定，准予信用修复。")


def settle(transition: Transition, assessment: Assessment, objection: Objection) -> None:
    """Grant after all, in place of the refusal. NotReady names each condition that is lacking."""
    if assessment.outcome != "eligible":
        raise NotReady(_("依据核实情况，尚有条件不具备："), *[f.reason for f in assessment.open_findings])
    refusal = Document.objects.get(number=objection.decision_number)
    confirm(
        transition,
        assessment,
        StoredAssessment.Stage.OBJECTION,
        instead_of=refusal,
        objected_on=localdate(objection.filed_at),
    )


OVERTURN = Handling(action="overturn", message=MESSAGE, outcome=Objection.Outcome.OVERTURNED, settle=settle)
