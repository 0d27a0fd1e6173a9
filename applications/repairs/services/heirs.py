"""Who follows the running applications of somebody that no longer acts for the subject."""

from datetime import datetime

from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.ledger.services import record_event
from applications.repairs import messages
from applications.repairs.models import Filing
from applications.repairs.selectors import cases_under_way
from applications.subjects.models import Claim
from applications.subjects.selectors import acting_now, holding_claims
from rules.procedure import OPEN_STATES


def hand_over(*, claim: Claim, heir: User | None, at: datetime) -> None:
    """What was filed stands. Its messages go to ``heir``, or to whoever acts for the subject first, also by acting for who took
    its duties over; where that is nobody, the officers in charge hear that letters have to be served in another way."""
    if claim.subject is None:
        return
    cases = cases_under_way(claim.subject, claim.user)
    if not cases:
        return
    if heir is None:
        today = localdate(at)
        own = (
            holding_claims(claim.subject, today).filter(scope_document="").exclude(user=claim.user_id).first()
        )
        others = acting_now(claim.subject, today).exclude(pk=claim.user_id)
        heir = own.user if own else others.order_by("pk").first()
    if heir is None:
        for case in cases:
            if case.status in OPEN_STATES and case.submitted_at:
                messages.tell_officers_of_nobody(case=case, claim=claim, at=at)
        return
    Filing.objects.filter(pk__in={case.filing_id for case in cases}).update(applicant=heir)
    for case in cases:
        record_event(
            chain=case.number,
            verb="repair.applicant_changed",
            at=at,
            actor=None,
            payload={"claim": claim.pk, "user": heir.pk},
        )
