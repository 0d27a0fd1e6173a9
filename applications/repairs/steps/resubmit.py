"""提交补正 (Article 8): the answer to the correction notice, item by item."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.language import to_reader
from applications.repairs.errors import NotReady
from applications.repairs.models import CorrectionItem, RepairCase
from applications.repairs.selectors import correction_in_hand, officer_of_answer
from applications.repairs.services.drafts import edit, save
from applications.repairs.steps.frame import take
from applications.repairs.steps.submit import file

MESSAGE = gettext_lazy("补正材料已提交。%(organ)s最迟%(due)s答复材料是否齐全。%(awaiting)s")


@transaction.atomic
def answer_correction(*, item: CorrectionItem, answer: str, actor: User, at: datetime) -> None:
    """Keep the applicant's words about one item of the notice in hand; an empty answer takes them back."""
    locked = edit(item.notice.case, actor)
    if not correction_in_hand(locked).filter(pk=item.pk).exists():
        raise NotReady(_("这项补正要求已经答复过了。"))
    CorrectionItem.objects.filter(pk=item.pk).update(answer=answer)
    save(locked, at)


def resubmit_case(
    *,
    case: RepairCase,
    actor: User,
    at: datetime,
    version: int | None = None,
    received_on: date | None = None,
) -> RepairCase:
    """Answer the correction notice. Every item needs an answer or a new file; new 3 working days begin, where an officer
    enters what was brought or sent on ``received_on``."""
    with take(case=case, action="resubmit", actor=actor, at=at, version=version) as transition:
        with to_reader():
            unanswered = [
                _("第%(number)s项“%(material)s”还没有补正材料或说明。")
                % {"number": number, "material": item.get_material_kind_display()}
                for number, item in enumerate(correction_in_hand(transition.case), 1)
                if not item.answer
                and not transition.case.materials.filter(
                    kind=item.material_kind, round=transition.case.round + 1
                )
            ]
        if unanswered:
            raise NotReady(*unanswered)
        # Whoever asked for the correction examines it.
        transition.officer_id = officer_of_answer(transition.case)
        file(transition, message=MESSAGE, received_on=received_on)
    return transition.case
