#!/usr/bin/env python3
"""How the cost of each page and job grows: among 10,000, 100,000 and 1,000,000 records, with a fifth as many cases, on PostgreSQL.

One made province after the other, each with a database of its own; the same pages and jobs as in the other benchmarks. The
exponent is that of the records: 0 costs the same whatever exists, 1 as much as exists. --write puts the table into
docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from throwaway_postgres import scratch_database

SIZES = (10_000, 100_000, 1_000_000)
REQUESTS = 20
LIMIT_EXPONENT = 0.15
# How often a job is done; the median counts. Those that read everything are done once.
TIMES = 3
PAGE = Path(__file__).resolve().parent.parent / "docs/performance.md"
PLACE = re.compile(r"(?<=<!-- script/bench curves --write -->\n).*(?=<!-- end -->)", re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="records, at least two sizes")
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(measure(arguments.one, arguments.requests)))
        return
    sizes = sorted(set(arguments.sizes))
    if len(sizes) < 2:
        parser.error("--sizes: an exponent needs two sizes at least")
    text = PAGE.read_text()
    if arguments.write and not PLACE.search(text):
        sys.exit(f"{PAGE} has no place for the table")
    found = {size: measured_elsewhere(size, arguments.requests) for size in sizes}
    table = report(found)
    print(table)
    if arguments.write:
        PAGE.write_text(PLACE.sub(lambda _: table + "\n", text))
    costs = {part: costs_by_name(found, part) for part in ("pages", "jobs")}
    exponents = {
        part: {name: round(exponent(each), 2) for name, each in by_name.items()}
        for part, by_name in costs.items()
    }
    print(json.dumps({"bench": "curves", "sizes": sizes, "limit_of_pages": LIMIT_EXPONENT, **exponents}))


def measured_elsewhere(size: int, requests: int) -> dict[str, Any]:
    """In a process of its own: Django knows one database."""
    ran = subprocess.run(
        [sys.executable, __file__, "--one", str(size), "--requests", str(requests)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ran.returncode:
        sys.exit(f"the measuring among {size:,} records failed")
    measured: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return measured


def measure(size: int, requests: int) -> dict[str, Any]:
    """Milliseconds of each page and job, and where they were measured."""
    from bench_pages import PEER, fill, in_turns, pages_of, prepare
    from bench_search import searches

    with scratch_database():
        prepare()
        made = fill({"subjects": size * 3 // 10, "records": size, "cases": size // 5})
        pages = pages_of(made) | searches(made)
        del pages[PEER]
        shown = in_turns(pages, requests)
        return {
            "made": made,
            "pages": {name: each["median"] for name, each in shown.items()},
            "jobs": {name: job() for name, job in jobs().items()},
            "database": database_version(),
            "load": os.getloadavg()[0],
        }


def jobs() -> dict[str, Callable[[], float]]:
    """By name, what does a job and gives its milliseconds. In this order: the last change what the first look at."""
    from django.core.management import call_command
    from django.utils import timezone

    from applications.deadlines.services import sweep_deadlines
    from applications.ledger.verification import verify_ledger
    from applications.oversight.figures import keep_figures
    from applications.repairs.services import check_queues

    def several(work: Callable[[], object]) -> float:
        return statistics.median(timed(work) for _ in range(TIMES))

    def sweep() -> float:
        # What has been due since the province was made is handled first, some seconds of it at a time.
        while sweep_deadlines(at=timezone.now()).raised:
            pass
        return several(lambda: sweep_deadlines(at=timezone.now()))

    def verify() -> None:
        found = verify_ledger(at=timezone.now())
        if found.broken:
            sys.exit(f"the archive should be whole: {found.broken}")

    def replay() -> None:
        with Path(os.devnull).open("w") as nowhere:
            call_command("replay", "--policy", "jiangsu-2020-4", stdout=nowhere, stderr=nowhere)

    return {
        "sweep with nothing due": sweep,
        "figures of the desk": lambda: several(lambda: keep_figures(at=timezone.now())),
        "nightly check of queues": lambda: several(lambda: check_queues(at=timezone.now())),
        "archive verified": lambda: timed(verify),
        "replay of all records": lambda: timed(replay),
        "100 events sealed": seal,
        "one report's PDF": report_pdf,
        "one submission": submission,
        "2,000 rows imported": import_rows,
        "100 deliveries": deliver,
    }


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def seal() -> float:
    from django.db import transaction
    from django.utils import timezone

    from applications.ledger.sealing import seal_ledger
    from applications.ledger.services import Entry, record_events

    seal_ledger(at=timezone.now())
    took = []
    for turn in range(TIMES):
        with transaction.atomic():
            entries = [Entry(chain=f"bench-{turn}-{number}", verb="record.imported") for number in range(100)]
            record_events(entries=entries, at=timezone.now())
        took.append(timed(lambda: seal_ledger(at=timezone.now())))
    return statistics.median(took)


def report_pdf() -> float:
    from bench_reports import Took, one_report, report_officer, subject_with

    took: dict[str, list[Took]] = defaultdict(list)
    officer, subject = report_officer(), subject_with(5)
    for _ in range(TIMES + 1):
        one_report(officer, subject, took, alone_first=False)
    # The first loads the fonts.
    return statistics.median(each.clock for each in took["portal"][1:]) * 1000


def submission() -> float:
    from bench_submit import make_drafts
    from django.conf import settings
    from django.test import Client

    took = []
    for draft in make_drafts(10):
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = draft.session
        started = time.perf_counter()
        answer = client.post(draft.address, {"version": draft.version})
        took.append((time.perf_counter() - started) * 1000)
        if not answer.headers.get("Location", "").endswith("/submitted/"):
            sys.exit(f"{draft.number} was not submitted")
    return statistics.median(took)


def import_rows() -> float:
    from bench_import import measure

    return statistics.median(measure(turn, 2_000)["import"].clock for turn in range(TIMES)) * 1000


def deliver() -> float:
    from bench_sharing import by_portal, decide_again, to_platform

    with tempfile.TemporaryDirectory() as folder:
        return (
            statistics.median(
                to_platform(Path(folder, str(turn)), partial(by_portal, decide_again(100)))[0].wall
                for turn in range(TIMES)
            )
            * 1000
        )


def database_version() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).split()[0]


def costs_by_name(found: dict[int, dict[str, Any]], part: str) -> dict[str, dict[int, float]]:
    """Of each page or job, milliseconds by size."""
    names = next(iter(found.values()))[part]
    return {name: {size: each[part][name] for size, each in found.items()} for name in names}


def exponent(costs: dict[int, float]) -> float:
    slope, _ = statistics.linear_regression([*map(math.log, costs)], [*map(math.log, costs.values())])
    return slope


def report(found: dict[int, dict[str, Any]]) -> str:
    """Markdown, with the machine and the versions."""
    import django

    sizes = [f"{size:,} / {each['made']['cases']:,}" for size, each in found.items()]
    databases = ", ".join(sorted({each["database"] for each in found.values()}))
    loads = ", ".join(f"{each['load']:.1f}" for each in found.values())
    lines = [
        f"{processor()}, {os.cpu_count()} cores; PostgreSQL {databases}, Python {platform.python_version()}, "
        f"Django {django.get_version()}; load at the end of each size: {loads}. Medians in milliseconds among so many "
        f"records / cases; wanted of a page is an exponent of at most {LIMIT_EXPONENT}.",
    ]
    for part in ("pages", "jobs"):
        lines += [
            "",
            f"| {part.removesuffix('s')} | {' | '.join(sizes)} | exponent |",
            "|---|" + "---|" * (len(sizes) + 1),
        ]
        for name, costs in costs_by_name(found, part).items():
            cells = " | ".join(f"{cost:,.1f}" for cost in costs.values())
            lines.append(f"| {name} | {cells} | {exponent(costs):.2f} |")
    return "\n".join(lines)


def processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


if __name__ == "__main__":
    main()
