"""逾期未告知视为受理: what a missed correction notice does where the policy has it count as acceptance (its parameter
``on_missed_correction_notice``). By default it does nothing but escalate, and the sweep here finds nothing to do."""

from datetime import datetime, timedelta
from functools import cache

from celery.exceptions import SoftTimeLimitExceeded
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.deadlines.models import Deadline
from applications.deadlines.selectors import overdue
from applications.notifications.faults import report_fault
from applications.notifications.models import Fault
from applications.policies.selectors import policy_in_force
from applications.repairs.assessing import policy_of
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.steps.accept import accept
from applications.repairs.steps.frame import take
from rules.day_words import day_in_words
from rules.procedure import Clock, IllegalAction, State

MESSAGE = gettext_lazy(
    "%(organ)s没有按期告知补正，您的申请自提交之日起视为受理，最迟%(due)s作出决定。%(awaiting)s"
)


def deem_case_accepted(*, case: RepairCase, at: datetime) -> RepairCase:
    """Where the policy says so, a missed correction notice counts as acceptance on the day of submission.

    It is the policy of the day on which the notice was missed: one that comes later changes nothing about it.
    """
    with take(case=case, action="deem_accepted", actor=None, at=at) as transition:
        last_day = _answer_clock(transition.case).due_on
        missed_on = last_day + timedelta(days=1)
        if transition.on < missed_on:
            raise NotReady(
                _("受理答复期限%(last_day)s届满，还没有逾期。") % {"last_day": day_in_words(last_day)}
            )
        if policy_of(transition.case, missed_on).on_missed_correction_notice != "deemed_accepted":
            raise NotReady(
                _("%(day)s施行的规则没有“逾期未告知视为受理”的规定。") % {"day": day_in_words(missed_on)}
            )
        submitted_on = localdate(transition.case.submitted_at)
        transition.counting[Clock.DECISION].started_on = submitted_on
        accept(transition, message=MESSAGE, accepted_on=submitted_on, unanswered_by=last_day)
    return transition.case


def _answer_clock(case: RepairCase) -> Deadline:
    """The clock by which the latest submission has to be answered."""
    return Deadline.objects.get(case_number=case.number, kind=Clock.ACCEPTANCE, round=case.round)


def deem_overdue_cases_accepted(*, at: datetime) -> int:
    """Accept every case whose answer is overdue and whose policy on the day after the last one says
    "deemed_accepted"; return how many.

    Called by beat: a case is asked for anew each time, so a missed run loses nothing. One transaction a case;
    one that fails is told to the system administrators and tried again by the next run. Article 8.
    """
    missed = overdue(localdate(at)).filter(kind=Clock.ACCEPTANCE)
    missed_on = {
        number: due_on + timedelta(days=1) for number, due_on in missed.values_list("case_number", "due_on")
    }
    cases = list(
        RepairCase.objects.filter(number__in=missed.values("case_number"), status=State.SUBMITTED)
        .select_related("record")
        .order_by("submitted_at", "pk")
    )
    # One unit at a time: rules of one that cannot be read do not stop the others.
    policy_on = cache(lambda on, unit: policy_in_force(on=on, unit=unit))
    accepted = 0
    for case in cases:
        try:
            policy = policy_on(missed_on[case.number], case.record.identifying_unit_id)
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
