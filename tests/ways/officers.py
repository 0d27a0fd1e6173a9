"""What officers do while the applicant waits, by the services: their own pages are tried elsewhere."""

from __future__ import annotations

from applications.accounts.models import User
from applications.records.models import DishonestyRecord
from applications.repairs import steps
from applications.repairs.models import RepairCase
from tests.fixtures import moment
from tests.repairs.steps import reviewed


def case_of(record: DishonestyRecord) -> RepairCase:
    """The latest application for a record."""
    return RepairCase.objects.filter(record=record).latest("pk")


def accepted(record: DishonestyRecord, intake: User, at: str = "2026-11-24 16:00") -> RepairCase:
    return steps.accept_case(case=case_of(record), actor=intake, at=moment(at))


def decided_on_the_25th(record: DishonestyRecord, reviewer: User, approver: User) -> RepairCase:
    """An accepted application, granted at 10:00."""
    case = reviewed(case_of(record), reviewer, "2026-11-25 09:00")
    return steps.grant_case(case=case, actor=approver, at=moment("2026-11-25 10:00"))


def granted(record: DishonestyRecord, intake: User, reviewer: User, approver: User) -> RepairCase:
    accepted(record, intake)
    return decided_on_the_25th(record, reviewer, approver)
