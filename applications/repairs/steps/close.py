"""终止办理 (Article 9): the penalty was revoked at its source, so nothing is left that could be repaired."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from applications.documents import remedies
from applications.records.models import RecordChange
from applications.repairs import letters
from applications.repairs.models import RepairCase
from applications.repairs.steps.frame import Transition, take
from rules.procedure import State

MESSAGE = _(
    "您申请修复的失信行为信息所依据的处罚已被撤销、确认违法或者确认无效，信息已经撤回，不需要修复，申请终止办理。"
)


def close_case(*, case: RepairCase, change: RecordChange, at: datetime) -> RepairCase:
    """End an open application for a record whose penalty was revoked; a draft is given up without a letter."""
    with take(case=case, action="close", message=MESSAGE, actor=None, at=at) as transition:
        transition.payload |= {"change": change.pk}
        if transition.case.status != State.DRAFT:
            transition.case.correction_notices.filter(sent_at=None).delete()
            transition.issue("termination_notice", termination_notice(transition, change))
    return transition.case


def termination_notice(transition: Transition, change: RecordChange) -> dict[str, Any]:
    case = transition.case
    ended_at = case.record.publicity_ended_at
    return letters.heading(case, transition.at) | {
        **letters.received(case),
        "reason": change.reason,
        # A refusal that was objected to: the objection ends with the application.
        "decision_number": case.decision_number,
        "withdrawn_on": transition.on.isoformat(),
        # Its publicity was over before, or the law withholds it.
        **({} if ended_at and localdate(ended_at) == transition.on else {"was_not_public": True}),
        "remedies": remedies.told(case.organ, transition.at),
    }
