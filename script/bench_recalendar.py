#!/usr/bin/env python3
"""Sets 100,000 running clocks to a new calendar on PostgreSQL: rows, ledger events, messages, one transaction.

Every clock moves, which is the worst that a notice can do, and each applicant and officer is told. Each clock is of
a case of its own, with five events before.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from throwaway_postgres import scratch_database

if TYPE_CHECKING:
    from applications.accounts.models import User
    from applications.organs.models import Organ

LIMIT_SECONDS = 5.0
ORGANS = 100
OFFICERS_AN_ORGAN = 4
APPLICANTS = 10_000
EVENTS_A_CASE = 5
REGION = "320000"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clocks", type=int, default=100_000)
    clocks = parser.parse_args().clocks
    with scratch_database():
        result = measure(clocks)
    print(f"{'clocks':>10} {'moved':>10} {'events':>10} {'messages':>10} {'seconds':>10} {'limit':>8}")
    print(
        f"{clocks:>10,} {result['moved']:>10,} {result['events']:>10,} {result['messages']:>10,} "
        f"{result['seconds']:>10.2f} {LIMIT_SECONDS:>8.0f}"
    )
    print(json.dumps(result))


def measure(clocks: int) -> dict[str, float | int]:
    from applications.calendars.services import approve, propose_closure
    from applications.ledger.models import Event
    from applications.notifications.models import Message

    proposer, approver = fill(clocks)
    at = datetime(2026, 7, 8, 2, tzinfo=UTC)
    change = propose_closure(
        region=REGION,
        first_on=date(2026, 7, 9),
        last_on=date(2026, 7, 9),
        name="台风停工",
        document_number="苏防指〔2026〕3号",
        proposed_by=proposer,
        at=at,
    )
    events = Event.objects.count()
    started = time.perf_counter()
    done = approve(change=change, approver=approver, at=at)
    seconds = time.perf_counter() - started
    return {
        "clocks": clocks,
        "moved": done.moved,
        "events": Event.objects.count() - events,
        "messages": Message.objects.count(),
        "seconds": round(seconds, 2),
        "limit": LIMIT_SECONDS,
    }


def fill(clocks: int) -> tuple[User, User]:
    """Clocks of 3, 7 and 5 working days that all run over 9 July 2026."""
    from django.db import connection, transaction

    from applications.accounts.models import Role, StaffRole, User
    from applications.calendars.selectors import calendar
    from applications.deadlines.levels import next_step
    from applications.deadlines.models import Deadline
    from applications.deadlines.services.clocks import kept_days
    from applications.ledger.services import Entry, record_events
    from applications.organs.models import Organ

    def organ(number: int, kind: str) -> Organ:
        return Organ.objects.create(
            code=f"organ-{number}",
            name=f"第{number}机构",
            document_prefix=f"测{number}",
            kind=kind,
            level=Organ.Level.CITY,
            region=REGION if kind == Organ.Kind.CREDIT_MANAGEMENT else f"32{number % 13 + 1:02d}00",
            uscc=f"{number:018d}",
        )

    applicants = User.objects.bulk_create(
        User(email=f"applicant-{number}@example.com") for number in range(APPLICANTS)
    )
    department = organ(0, Organ.Kind.CREDIT_MANAGEMENT)
    people = []
    for name in ("proposer", "approver"):
        person = User.objects.create(email=f"{name}@example.com", organ=department, is_staff=True)
        StaffRole.objects.create(user=person, role=Role.SUPERVISOR)
        people.append(person)
    officers = []
    for number in range(1, ORGANS + 1):
        unit = organ(number, Organ.Kind.IDENTIFYING_UNIT)
        for each in range(OFFICERS_AN_ORGAN):
            officer = User.objects.create(
                email=f"officer-{number}-{each}@example.com", organ=unit, is_staff=True
            )
            StaffRole.objects.create(user=officer, role=Role.REVIEWER)
            officers.append(officer)
    days = calendar()
    plans = []
    for started_on in (date(2026, 7, 6), date(2026, 7, 7), date(2026, 7, 8)):
        for kind, length in (("acceptance", 3), ("decision", 7), ("objection", 5)):
            due = days.due(started_on, length)
            step = next_step(days, started_on, due.due_on, date(2026, 7, 9)).on
            plans.append((kind, due, kept_days(due), step))
    at = datetime(2026, 7, 6, 2, tzinfo=UTC)

    def of_day(number: int) -> int:
        """Where the plans of the day begin on which a clock started: one day after the other, as in life."""
        return number * 3 // clocks * 3

    with transaction.atomic():
        Deadline.objects.bulk_create(
            (
                Deadline(
                    kind=kind,
                    organ=officer.organ,
                    officer=officer,
                    case_number=case_number(number),
                    link=f"/to/repaircase/{number}/",
                    started_on=due.start,
                    working_days=due.working_days,
                    due_on=due.due_on,
                    named_days=named_days,
                    calendar_version=days.version,
                    article="八",
                    next_step_on=step,
                )
                for number in range(clocks)
                for officer in [officers[number % len(officers)]]
                for kind, due, named_days, step in [plans[of_day(number) + number % 3]]
            ),
            batch_size=5_000,
        )
        fill_cases(clocks, officers[0].organ, applicants)
        for verb in range(EVENTS_A_CASE):
            record_events(
                entries=[
                    Entry(chain=case_number(number), verb=f"repair.step{verb}") for number in range(clocks)
                ],
                at=at,
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return people[0], people[1]


def case_number(number: int) -> str:
    return f"XF-320100-2026-{number:06d}-0"


def fill_cases(count: int, organ: Organ, applicants: list[User]) -> None:
    """An accepted case for each clock, each about a record of its own."""
    from applications.records.models import DishonestyRecord
    from applications.repairs.models import Filing, RepairCase
    from applications.subjects.models import Subject
    from rules.procedure import State

    subject = Subject.objects.create(
        kind=Subject.Kind.ORGANISATION, name="测试企业有限公司", uscc="91320100000000001X"
    )
    records = DishonestyRecord.objects.bulk_create(
        (
            DishonestyRecord(
                subject=subject,
                identifying_unit=organ,
                region=organ.region,
                severity="general",
                document_number=f"测罚〔2026〕{number}号",
                penalties=["fine"],
                decided_on=date(2026, 1, 5),
                identified_on=date(2026, 1, 5),
                publicity_until=date(2027, 1, 5),
                penalising_organ_uscc=organ.uscc,
            )
            for number in range(count)
        ),
        batch_size=5_000,
    )
    at = datetime(2026, 7, 6, 2, tzinfo=UTC)
    filings = Filing.objects.bulk_create(
        (
            Filing(subject=subject, applicant=applicants[number % len(applicants)], created_at=at)
            for number in range(count)
        ),
        batch_size=5_000,
    )
    RepairCase.objects.bulk_create(
        (
            RepairCase(
                number=case_number(number),
                filing=filings[number],
                record=record,
                organ=organ,
                status=State.ACCEPTED,
                created_at=at,
                edited_at=at,
                submitted_at=at,
            )
            for number, record in enumerate(records)
        ),
        batch_size=5_000,
    )


if __name__ == "__main__":
    main()
