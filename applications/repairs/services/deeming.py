"""What a missed correction notice does where the policy has it count as acceptance (its parameter
``on_missed_correction_notice``). By default it does nothing but escalate, and this finds nothing to do."""

import logging
from datetime import datetime

from django.utils.timezone import localdate

from applications.deadlines.models import Deadline
from applications.deadlines.selectors import overdue
from applications.policies.selectors import policies_in_force
from applications.repairs.models import RepairCase
from applications.repairs.services.intake import deem_case_accepted
from rules.procedure import IllegalAction, State

log = logging.getLogger(__name__)


def deem_overdue_cases_accepted(*, at: datetime) -> int:
    """Accept every case whose answer is overdue and whose policy says "deemed_accepted"; return how many.

    Called by beat: a case is asked for anew each time, so a missed run loses nothing. One transaction a case;
    one that fails is logged and tried again by the next run. Article 8.
    """
    today = localdate(at)
    missed = overdue(today).filter(kind=Deadline.Kind.ACCEPTANCE).values("case_number")
    cases = list(
        RepairCase.objects.filter(number__in=missed, status=State.SUBMITTED)
        .select_related("record")
        .order_by("submitted_at", "pk")
    )
    policies = policies_in_force(on=today, units={case.record.identifying_unit_id for case in cases})
    accepted = 0
    for case in cases:
        policy = policies[case.record.identifying_unit_id]
        if policy.on_missed_correction_notice != "deemed_accepted":
            continue
        try:
            deem_case_accepted(case=case, at=at)
            accepted += 1
        except IllegalAction:
            # An officer has answered meanwhile.
            continue
        except Exception:
            log.exception("%s was not deemed accepted", case.number)
    return accepted
