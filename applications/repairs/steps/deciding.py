"""What a decision rests on (Article 9): the review of another officer, and what the rules say by it on the day.

The two decisions, grant.py and refuse.py, stand on this.
"""

from datetime import date

from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.repairs.assessing import assess_case
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase, Review
from applications.repairs.steps.frame import Transition
from rules.eligibility import Assessment


def reviewed(transition: Transition) -> tuple[Review, Assessment]:
    """The review that a decision rests on, by another officer, and what the rules say about it today."""
    review = transition.case.reviews.last()
    if review is None:
        raise NotReady(_("还没有审查意见。"))
    if transition.actor is None or review.reviewer_id == transition.actor.pk:
        raise NotReady(_("审查和审批应当由不同的人员负责，请由本单位其他审批人员作出决定。"))
    return review, assess_case(transition.case, transition.on, review.checklist)


def assess_by_review(case: RepairCase, on: date) -> Assessment:
    """What the rules say by the latest review; without one, by what the applicant states."""
    review = case.reviews.last()
    return assess_case(case, on, review.checklist if review else None)


def outcome_of_review(case: RepairCase, actor: User, on: date) -> str | None:
    """What the rules say of the latest review that this officer may decide on; None where there is none.

    The two decisions both ask; a case that was read once is assessed once.
    """
    known: dict[date, tuple[int, str] | None] = case.__dict__.setdefault("_outcome_of_review", {})
    if on not in known:
        review = case.reviews.last()
        known[on] = (review.reviewer_id, assess_case(case, on, review.checklist).outcome) if review else None
    found = known[on]
    return None if found is None or found[0] == actor.pk else found[1]
