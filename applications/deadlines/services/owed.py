"""The clocks of a record, of what is asked about one and of a claim, on the numbers of the policy in force."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from applications.deadlines.models import Deadline
from applications.deadlines.services.clocks import start_deadline
from applications.ledger.locking import lock_chain
from applications.organs.models import Organ
from applications.policies.selectors import clock_article, policy_in_force
from rules.procedure import CLOCK_LABELS, Clock


def start_clock(
    *,
    clock: Clock,
    unit: Organ,
    chain: str,
    link: str,
    started_on: date,
    today: date,
    at_most: int | None = None,
) -> Deadline:
    """Start the organ's next clock of this kind for what ``chain`` is about; of ``at_most`` so many working days, where
    another clock leaves no more. ValidationError: the policy has no number."""
    # Nobody else counts the same round.
    lock_chain(chain)
    policy = policy_in_force(on=today, unit=unit)
    working_days = policy.clocks[clock].working_days
    if working_days is None:
        raise ValidationError(
            _("现行规则没有写明“%(clock)s”的期限，请先完善规则。") % {"clock": CLOCK_LABELS[clock]}
        )
    return start_deadline(
        kind=clock,
        organ=unit,
        case_number=chain,
        link=link,
        round=Deadline.objects.filter(case_number=chain, kind=clock).count() + 1,
        started_on=started_on,
        working_days=working_days if at_most is None else min(working_days, at_most),
        article=clock_article(policy, clock),
        today=today,
    )
