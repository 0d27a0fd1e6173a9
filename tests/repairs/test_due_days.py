"""The day on which a case is due stands in its row, written for one case and for many in two ways: they say the same."""

from datetime import date

import pytest

from applications.deadlines.models import Deadline
from applications.repairs.due_days import write_due_day, write_due_days
from applications.repairs.models import RepairCase
from tests.repairs.steps import accepted

pytestmark = pytest.mark.django_db

# Answered on Monday 23 November; to be decided by Wednesday 2 December.
DECISION = date(2026, 12, 2)
DAY = date(2026, 11, 24)


def both(case: RepairCase) -> set[date | None]:
    """What the row says after the one, and after the other, each on a row that says something else."""
    said = set()
    for write in (write_due_day, lambda case: write_due_days([case.number])):
        RepairCase.objects.filter(pk=case.pk).update(due_on=date(2020, 1, 1))
        write(case)
        said.add(RepairCase.objects.get(pk=case.pk).due_on)
    return said


@pytest.mark.parametrize(
    ("stopped", "due_on"),
    [
        ({}, date(2026, 12, 1)),
        ({"met_on": DAY}, DECISION),
        ({"cancelled_on": DAY}, DECISION),
    ],
)
def test_it_is_that_of_the_running_clock_that_ends_first(
    general_record, market_bureau, alice, wang, stopped, due_on
):
    case = accepted(general_record, market_bureau, alice, wang)
    assert both(case) == {DECISION}
    Deadline.objects.create(
        kind="objection",
        organ=market_bureau,
        case_number=case.number,
        started_on=date(2026, 11, 23),
        working_days=5,
        due_on=date(2026, 12, 1),
        next_step_on=DAY,
        **stopped,
    )
    assert both(case) == {due_on}
    Deadline.objects.filter(case_number=case.number, kind="decision").update(met_on=DAY)
    assert both(case) == {None if stopped else due_on}
