"""What officers do while the applicant waits, by the services: their own pages are tried elsewhere."""

from __future__ import annotations

from applications.repairs import steps
from applications.repairs.models import RepairCase
from tests.fixtures import moment
from tests.repairs.steps import reviewed


def case_of(record: object) -> RepairCase:
    """The latest application for a record."""
    return RepairCase.objects.filter(record=record).latest("pk")


def accepted(case: RepairCase, intake: object, at: str = "2026-11-23 16:00") -> RepairCase:
    return steps.accept_case(case=case, actor=intake, at=moment(at))


def granted(case: RepairCase, intake: object, reviewer: object, approver: object) -> RepairCase:
    """Accepted on the day on which it is filed, examined on the next, and granted on 25 November at 10."""
    case = reviewed(accepted(case, intake), reviewer)
    return steps.grant_case(case=case, actor=approver, at=moment("2026-11-25 10:00"))
