"""What pages of several apps show together."""

from datetime import date

from applications.accounts.models import User
from applications.calendars.selectors import calendar
from applications.policies.selectors import policy_in_force
from applications.repairs import access
from applications.repairs.standing import CaseStanding, standings
from rules.procedure import CLOSED_STATES, State
from rules.workdays import Due


def answer_times(today: date) -> tuple[Due, Due]:
    """If an application is filed today: by when it is answered, and, accepted then, by when it is decided."""
    clocks = policy_in_force(on=today).clocks
    to_answer, to_decide = clocks["acceptance"].working_days, clocks["decision"].working_days
    # Only instruments that are not adopted leave these open.
    assert to_answer is not None and to_decide is not None
    answer = calendar().due(today, to_answer)
    return answer, calendar().due(answer.due_on, to_decide)


def unfinished_cases(user: User, today: date) -> list[CaseStanding]:
    """A person's cases that somebody still has to do something about: first those that wait for the person."""
    cases = (
        access.visible_to(user)
        .exclude(status__in=sorted(CLOSED_STATES))
        .exclude(status=State.GRANTED, shared_at__isnull=False)
    )
    latest_first = cases.select_related("record__subject", "record__identifying_unit", "organ").order_by(
        "-edited_at"
    )
    found = standings(latest_first, today)
    return sorted(found, key=lambda standing: standing.case.status not in (State.CORRECTING, State.DRAFT))
