"""What a missed correction notice does where the policy has it count as acceptance (its parameter
``on_missed_correction_notice``). By default it does nothing but escalate, and this finds nothing to do."""

import logging
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from applications.deadlines.models import Deadline
from applications.deadlines.selectors import overdue
from applications.policies.selectors import policies_in_force
from applications.repairs.models import RepairCase
from applications.repairs.services.intake import deem_case_accepted
from rules.procedure import IllegalAction, State

log = logging.getLogger(__name__)


def deem_overdue_cases_accepted(*, at: datetime) -> int:
    """Accept every case whose answer is overdue and whose policy on the day after the last one says
    "deemed_accepted"; return how many.

    Called by beat: a case is asked for anew each time, so a missed run loses nothing. One transaction a case;
    one that fails is logged and tried again by the next run. Article 8.
    """
    missed = overdue(localdate(at)).filter(kind=Deadline.Kind.ACCEPTANCE)
    missed_on = {
        number: due_on + timedelta(days=1) for number, due_on in missed.values_list("case_number", "due_on")
    }
    cases = list(
        RepairCase.objects.filter(number__in=missed.values("case_number"), status=State.SUBMITTED)
        .select_related("record")
        .order_by("submitted_at", "pk")
    )
    units = {case.record.identifying_unit_id for case in cases}
    policies = {
        on: policies_in_force(on=on, units=units) for on in {missed_on[case.number] for case in cases}
    }
    accepted = 0
    for case in cases:
        policy = policies[missed_on[case.number]][case.record.identifying_unit_id]
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
