#!/usr/bin/env python3
"""What a sweep costs: the same 100 clocks due among 10,000 and among 1,000,000 running ones, on PostgreSQL.

Two databases that differ only in how many clocks are not due. They sweep in turns, each time with 100 other
clocks due, and the median of each counts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from datetime import UTC, date, datetime

from throwaway_postgres import scratch_database

FEW, MANY = 10_000, 1_000_000
DUE = 100
ROUNDS = 9
LIMIT_RATIO = 1.5
ORGANS = 50
# A Monday of summer; the first step of the clocks that are not due is on Friday.
AT = datetime(2026, 7, 6, 2, tzinfo=UTC)
STARTED_ON = date(2026, 7, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=FEW)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--sweeper", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.sweeper is not None:
        sweep_on_demand(arguments.sweeper)
        return
    counts = (arguments.few, arguments.many)
    sweepers = [
        subprocess.Popen(
            [sys.executable, __file__, "--sweeper", str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for count in counts
    ]
    times: dict[int, list[float]] = {count: [] for count in counts}
    for turn in range(ROUNDS + 1):
        for count, sweeper in zip(counts, sweepers, strict=True):
            assert sweeper.stdin and sweeper.stdout
            sweeper.stdin.write(f"{turn}\n")
            sweeper.stdin.flush()
            seconds = float(sweeper.stdout.readline())
            # The first sweep of a process warms its caches up.
            if turn:
                times[count].append(seconds)
    for sweeper in sweepers:
        sweeper.communicate()
    medians = {count: statistics.median(each) for count, each in times.items()}
    ratio = medians[arguments.many] / medians[arguments.few]
    print(f"{'running':>12} {'due':>6} {'sweep, s':>10}")
    for count, median in medians.items():
        print(f"{count:>12,} {DUE:>6} {median:>10.3f}")
    print(f"ratio {ratio:.2f}, limit {LIMIT_RATIO}")
    print(
        json.dumps(
            {
                "bench": "sweep",
                "due": DUE,
                "seconds": {str(count): round(median, 4) for count, median in medians.items()},
                "ratio": round(ratio, 3),
                "limit": LIMIT_RATIO,
                "met": ratio <= LIMIT_RATIO,
            }
        )
    )
    sys.exit(ratio > LIMIT_RATIO)


def sweep_on_demand(running: int) -> None:
    """For each line of input: 100 clocks become due, one sweep, its seconds on a line of output."""
    with scratch_database():
        from django.db import connection

        from applications.deadlines.services import sweep_deadlines

        officers = fill_organs()
        sweep_deadlines(at=AT)
        start_clocks(running, officers, days=6, prefix="later")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        for line in sys.stdin:
            start_clocks(DUE, officers, days=2, prefix=f"due-{line.strip()}")
            started = time.perf_counter()
            sweep = sweep_deadlines(at=AT)
            seconds = time.perf_counter() - started
            if (sweep.due, sweep.raised, sweep.failed) != (DUE, DUE, 0):
                sys.exit(
                    f"a sweep of {DUE} handled {sweep.due}, raised {sweep.raised}, failed {sweep.failed}"
                )
            print(seconds, flush=True)


def fill_organs() -> list[tuple[int, int]]:
    """Organs with one officer each: (organ, officer)."""
    from applications.accounts.models import Role, StaffRole, User
    from applications.organs.models import Organ

    found = []
    for number in range(ORGANS):
        organ = Organ.objects.create(
            code=f"organ-{number}",
            name=f"第{number}机构",
            document_prefix=f"测{number}",
            kind=Organ.Kind.IDENTIFYING_UNIT,
            level=Organ.Level.CITY,
            region="320100",
            uscc=f"{number:018d}",
        )
        officer = User.objects.create(email=f"officer-{number}@example.com", organ=organ, is_staff=True)
        StaffRole.objects.create(user=officer, role=Role.INTAKE)
        found.append((organ.pk, officer.pk))
    return found


def start_clocks(count: int, officers: list[tuple[int, int]], *, days: int, prefix: str) -> None:
    from django.db import transaction

    from applications.calendars.selectors import calendar
    from applications.database.insertion import insert_many
    from applications.deadlines.levels import next_step
    from applications.deadlines.models import Deadline
    from applications.deadlines.services.clocks import kept_days

    due = calendar().due(STARTED_ON, days)
    row = {
        "kind": "acceptance",
        "link": "/admin/repairs/repaircase/1/change/",
        "round": 1,
        "started_on": STARTED_ON,
        "working_days": days,
        "due_on": due.due_on,
        "provisional": due.provisional,
        "named_days": kept_days(due),
        "calendar_version": calendar().version,
        "article": "八",
        "next_step_on": next_step(calendar(), STARTED_ON, due.due_on, STARTED_ON).on,
        "days_late": 0,
    }
    with transaction.atomic():
        insert_many(
            Deadline,
            ("case_number", "organ_id", "officer_id", *row),
            ((f"{prefix}-{n}", *officers[n % len(officers)], *row.values()) for n in range(count)),
        )


if __name__ == "__main__":
    main()
