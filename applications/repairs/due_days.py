"""The day on which a case is due and who has charge of it, kept in its row so that indexes sort and count by them.

The day is the last one of the running clock that ends first; the officer is that of the clock which has one. What moves
or hands over clocks calls this in the same transaction; the nightly check (services/queues.py) compares all of them.
"""

import json
from collections.abc import Collection
from datetime import date

from django.db import connection
from django.db.models import OuterRef, Subquery

from applications.deadlines.models import RUNNING, Deadline
from applications.repairs.models import RepairCase


def first_due() -> Subquery:
    """The day that a case's row should have, as a part of a query over cases."""
    clocks = Deadline.objects.filter(RUNNING, case_number=OuterRef("number")).order_by("due_on")
    return Subquery(clocks.values("due_on")[:1])


def write_due_day(case: RepairCase) -> None:
    """After its clocks have started, stopped or changed hands; the caller has the case locked."""
    # Written out: nearly every step comes by here.
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [case.number, case.pk])
        due_on, case.officer_id = cursor.fetchone()
    case.due_on = date.fromisoformat(due_on) if isinstance(due_on, str) else due_on


_WRITE = (
    "UPDATE repairs_repaircase SET (due_on, officer_id) = (SELECT min(due_on), max(officer_id) FROM deadlines_deadline "
    "WHERE case_number = %s AND met_on IS NULL AND cancelled_on IS NULL) WHERE id = %s RETURNING due_on, officer_id"
)


def write_due_days(numbers: Collection[str]) -> int:
    """The day alone, for many cases at once; returns how many there are."""
    with connection.cursor() as cursor:
        # Very many numbers as one parameter: a list of them takes seconds to put together.
        cursor.execute(_WRITE_MANY, [json.dumps(dict.fromkeys(numbers))])
        return int(cursor.rowcount)


_WRITE_MANY = (
    "UPDATE repairs_repaircase SET due_on = found.due_on FROM (SELECT asked.key AS number, min(clock.due_on) AS due_on "
    "FROM json_each(%s) AS asked LEFT JOIN deadlines_deadline AS clock ON clock.case_number = asked.key "
    "AND clock.met_on IS NULL AND clock.cancelled_on IS NULL GROUP BY asked.key ORDER BY asked.key) AS found "
    "WHERE repairs_repaircase.number = found.number"
)
