"""What a missed correction notice does where the policy has it count as acceptance (its parameter
``on_missed_correction_notice``). By default it does nothing but escalate, and this finds nothing to do."""

from datetime import datetime, timedelta
from functools import cache

from celery.exceptions import SoftTimeLimitExceeded
from django.utils.timezone import localdate

from applications.deadlines.models import Deadline
from applications.deadlines.selectors import overdue
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.policies.selectors import policy_in_force
from applications.repairs.models import RepairCase
from applications.repairs.services.intake import deem_case_accepted
from rules.procedure import IllegalAction, State


def deem_overdue_cases_accepted(*, at: datetime) -> int:
    """Accept every case whose answer is overdue and whose policy on the day after the last one says
    "deemed_accepted"; return how many.

    Called by beat: a case is asked for anew each time, so a missed run loses nothing. One transaction a case;
    one that fails is told to the system administrators and tried again by the next run. Article 8.
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
    # One unit at a time: rules of one that cannot be read are no other's affair.
    policy_of = cache(lambda on, unit: policy_in_force(on=on, unit=unit))
    accepted = 0
    for case in cases:
        try:
            policy = policy_of(missed_on[case.number], case.record.identifying_unit_id)
            if policy.on_missed_correction_notice == "deemed_accepted":
                deem_case_accepted(case=case, at=at)
                accepted += 1
        except IllegalAction:
            # An officer has answered meanwhile.
            continue
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            report_fault(work=Fault.Work.DEEMED_ACCEPTANCE, row=case.number, error=error, at=at)
    return accepted
