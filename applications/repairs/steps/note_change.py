"""失信行为信息变更 (Article 12): the record that an application rests on was changed while it is open.

The applicant and the officers in charge are told what changed, the conditions are assessed anew and the result is
kept, and a review that was given on the old facts goes back to be done again.
"""

from datetime import datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from applications.records.history import changes_in_words
from applications.records.models import DishonestyRecord, RecordChange
from applications.repairs import messages
from applications.repairs.assessing import assess_case, store_assessment
from applications.repairs.models import CaseObligation, RepairCase, StoredAssessment
from applications.repairs.selectors import open_cases
from applications.repairs.steps.frame import take
from applications.repairs.steps.review import hand_over
from rules.procedure import State

MESSAGE = _(
    "认定单位更改了您申请修复的失信行为信息：%(said)s。条件已按更改后的信息重新核对，请到办理进度页面查看。"
)


def note_change(*, record: DishonestyRecord, change: RecordChange, at: datetime) -> None:
    """Bring a change of a record to every application for it that is open."""
    for case in open_cases(record):
        _take_over_duties(case)
        if case.status == State.DRAFT:
            messages.tell_of_change_of_draft(case=case, change=change, at=at)
        else:
            _note(case, change, at)


def _note(case: RepairCase, change: RecordChange, at: datetime) -> None:
    said = "；".join(f"{field}：{before} → {after}" for field, before, after in changes_in_words(change))
    with take(
        case=case, action="note_change", message=MESSAGE % {"said": said}, actor=None, at=at
    ) as transition:
        transition.payload |= {"change": change.pk, "changed": sorted(change.after)}
        if case.status == State.UNDER_REVIEW:
            hand_over(transition)
        store_assessment(
            case=transition.case,
            stage=StoredAssessment.Stage.CHANGE,
            assessment=assess_case(transition.case, localdate(at)),
            at=at,
        )
    messages.tell_officers_of_change(case=transition.case, change=change, said=said, at=at)


def _take_over_duties(case: RepairCase) -> None:
    """A duty that the record has now is one that the applicant can say something about."""
    known = case.obligations.values_list("obligation_id", flat=True)
    CaseObligation.objects.bulk_create(
        CaseObligation(case=case, obligation=duty, fulfilled_on=duty.fulfilled_on)
        for duty in case.record.obligations.exclude(pk__in=known)
    )
