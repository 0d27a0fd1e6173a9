"""处理异议 (Article 13): an officer who took no part in the refusal verifies the facts anew, within 5 working days.

The two outcomes, uphold.py and overturn.py, stand on this.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import User
from applications.documents import remedies
from applications.objections.evidence import papers_of
from applications.objections.models import Objection
from applications.repairs import access, letters
from applications.repairs.assessing import Checklist
from applications.repairs.errors import NotReady
from applications.repairs.outcome import in_words
from applications.repairs.steps.checklist import ChecklistForm, verify
from applications.repairs.steps.frame import Transition, take
from rules.eligibility import Assessment


class HandleForm(ChecklistForm):
    """What the handling officer verified anew, and what follows."""

    outcome = forms.ChoiceField(
        label=_("处理结果"),
        choices=[
            (each.value, each.label) for each in (Objection.Outcome.UPHELD, Objection.Outcome.OVERTURNED)
        ],
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(
        label=_("处理理由"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("写明核实的事实和依据，会写进异议处理结果告知书。"),
    )


@dataclass(frozen=True)
class Handling:
    """One of the two outcomes. ``settle`` does what it needs, or raises NotReady where the facts do not bear it out."""

    action: str
    message: str | Promise
    outcome: str
    settle: Callable[[Transition, Assessment, Objection], None]


def handle(
    handling: Handling,
    *,
    objection: Objection,
    checklist: Mapping[str, Mapping[str, Any]],
    reasons: str,
    actor: User,
    at: datetime,
    version: int | None = None,
) -> Objection:
    """Bring an objection to an outcome, on what the officer verified anew and with the reasons."""
    if not reasons.strip():
        raise NotReady(gettext("请填写处理理由。"))
    with take(
        case=objection.case,
        action=handling.action,
        message=handling.message,
        actor=actor,
        at=at,
        version=version,
    ) as transition:
        if access.took_part(actor, transition.case):
            raise NotReady(gettext("异议应当由没有参与原决定的人员处理，请由本单位其他审批人员处理。"))
        complete, assessment = verify(transition, checklist, more=papers_of(objection))
        handling.settle(transition, assessment, objection)
        result = transition.issue(
            "objection_result",
            objection_result(
                transition,
                objection=objection,
                outcome=handling.outcome,
                reasons=reasons.strip(),
                assessment=assessment,
                checklist=complete,
            ),
        )
        if handling.outcome == Objection.Outcome.UPHELD:
            transition.message = f"{handling.message}\n{in_words(result.kind, result.content)}"
        transition.payload["outcome"] = handling.action
        Objection.objects.filter(pk=objection.pk).update(
            handler=actor,
            handled_at=at,
            outcome=handling.outcome,
            checklist=complete,
            reasons=reasons.strip(),
        )
    objection.refresh_from_db()
    objection.case = transition.case
    return objection


def objection_result(
    transition: Transition,
    *,
    objection: Objection,
    outcome: str,
    reasons: str,
    assessment: Assessment,
    checklist: Checklist,
) -> dict[str, Any]:
    case, upheld = transition.case, outcome == Objection.Outcome.UPHELD
    return letters.heading(case, transition.at) | {
        "objection": {
            "filed_on": localdate(objection.filed_at).isoformat(),
            "decision_number": objection.decision_number,
            "grounds": objection.grounds,
        },
        "outcome": outcome,
        "reasons": reasons,
        "new_decision": transition.changes.get("decision_number"),
        "policy": letters.policy(assessment.policy),
        "findings": letters.failed(assessment, checklist),
        "reapply": letters.how_to_apply_again(assessment) if upheld else "",
        "remedies": remedies.told(case.organ, transition.at) if upheld else "",
    }
