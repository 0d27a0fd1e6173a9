"""What pages of several rooms show together."""

from datetime import date

from applications.deadlines.selectors import calendar
from rules.policy import policy_for
from rules.workdays import Due


def answer_times(today: date) -> tuple[Due, Due]:
    """If an application is filed today: by when it is answered, and, accepted then, by when it is decided."""
    clocks = policy_for(today).clocks
    answer = calendar().due(today, clocks["acceptance"].working_days)
    return answer, calendar().due(answer.due_on, clocks["decision"].working_days)
