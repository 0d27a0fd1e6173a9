#!/usr/bin/env python3
"""The portal over HTTP: how soon its start page and a status page are there, how many a second, and what its processes keep.

gunicorn as the Dockerfile starts it, on PostgreSQL, asked over kept connections of the loopback by this process, which
takes its part of the same cores. The peer is the page that only says whether the process lives: what gunicorn, Django and
the load itself cost. Then so many pages of every kind of person are asked for, a worker makes the PDFs of reports, and what
their processes hold is read from the system. Nothing is printed where an answer is not the page.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench_overload import free_port, officer, start_portal, wait_for
from bench_pages import fill, prepare, signed_in
from throwaway_postgres import scratch_database

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"subjects": 3_000, "records": 10_000, "cases": 2_000}
# Milliseconds at the 95th percentile; pages a second, of both together; megabytes.
LIMITS = {"milliseconds": 25, "a second": 500, "web": 200, "worker": 250}
PEER = "only whether it lives"
VISITORS_AT_ONCE = 8
REPORTS = 100
# An address and what it is asked with.
Page = tuple[str, dict[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    with scratch_database(), tempfile.TemporaryDirectory(prefix="credit-repair-served.") as kept:
        prepare()
        made = fill(SIZES)
        folder = Path(kept)
        pages = pages_of(made)
        with portal(folder) as (port, process):
            alone = {name: one_by_one(port, page, 200) for name, page in pages.items() if name in TIMED}
            rates = {
                "start page and status page": together(
                    port, [pages["start page"], pages["status page"]], arguments.seconds
                ),
                PEER: together(port, [pages[PEER]], arguments.seconds),
            }
            asked = many(port, list(pages.values()), arguments.requests)
            web = max(megabytes(each) for each in children(process.pid))
        with worker(folder) as process:
            done = tasks(made)
            held = max(megabytes(each) for each in [process.pid, *children(process.pid)])
    report(alone, rates, {"web": (asked, web), "worker": (done, held)})


TIMED = ("start page", "status page", PEER)


def pages_of(made: dict[str, Any]) -> dict[str, Page]:
    """By name, one page of each kind that people open all day, as the person who does so."""
    from django.conf import settings
    from django.urls import reverse

    from applications.repairs.models import RepairCase

    applicant = signed_in(made, "applicant")
    name = settings.SESSION_COOKIE_NAME
    hers = {"Cookie": f"{name}={applicant.cookies[name].value}"}
    cookie, queue = officer(made)
    his = {"Cookie": cookie}
    case = RepairCase.objects.filter(
        filing__applicant__email=made["accounts"]["applicant"], submitted_at__isnull=False
    ).first()
    of_organ = RepairCase.objects.filter(organ__code=made["organ"], submitted_at__isnull=False).first()
    assert case is not None and of_organ is not None
    return {
        "start page": ("/", {}),
        "status page": (reverse("repairs:status", args=[case.number]), hers),
        PEER: ("/livez/", {}),
        "guide": ("/guide/", {}),
        "desk": (reverse("portal:desk"), hers),
        "queue": (queue, his),
        "officers' start page": (reverse("admin:index"), his),
        "case page": (reverse("admin:repairs_repaircase_change", args=[of_organ.pk]), his),
    }


@contextmanager
def portal(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    with (folder / "portal.log").open("wb") as log:
        process = start_portal(
            folder, port, log, ALLOWED_HOSTS="127.0.0.1", SITE_URL=f"http://127.0.0.1:{port}"
        )
    try:
        wait_for(port, folder / "portal.log")
        yield port, process
    finally:
        process.terminate()
        process.wait(60)


class Visitor:
    """Somebody who keeps the connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, page: Page) -> float:
        """Milliseconds until the whole page is there."""
        address, headers = page
        started = time.perf_counter()
        self.connection.request("GET", address, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status not in (200, 204):
            sys.exit(f"{address}: status {answer.status}")
        return (time.perf_counter() - started) * 1000


def one_by_one(port: int, page: Page, times: int) -> dict[str, float]:
    visitor = Visitor(port)
    for _ in range(20):
        visitor.ask(page)
    took = sorted(visitor.ask(page) for _ in range(times))
    return {"median": statistics.median(took), "p95": took[int(times * 0.95)]}


def together(port: int, pages: list[Page], seconds: float) -> float:
    """Pages a second, of some in turn."""
    until = time.monotonic() + seconds
    return at_once(port, pages, lambda: time.monotonic() < until) / seconds


def many(port: int, pages: list[Page], requests: int) -> int:
    left = itertools.count()
    return at_once(port, pages, lambda: next(left) < requests)


def at_once(port: int, pages: list[Page], more: Callable[[], bool]) -> int:
    """How many pages were there, while there is more to ask for."""
    counts = [0] * VISITORS_AT_ONCE
    faults: list[BaseException] = []

    def visit(number: int) -> None:
        visitor, wanted = (
            Visitor(port),
            itertools.cycle(pages[number % len(pages) :] + pages[: number % len(pages)]),
        )
        try:
            while more():
                visitor.ask(next(wanted))
                counts[number] += 1
        except BaseException as fault:  # said by the thread that waits for this one
            faults.append(fault)

    threads = [threading.Thread(target=visit, args=[number]) for number in range(VISITORS_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return sum(counts)


@contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One that takes every task."""
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "credit_repair", "worker", "--concurrency", "1",
             "--queues", "deadlines,sharing,documents,mail,long", "--without-gossip", "--without-mingle"],
            cwd=ROOT, env={**os.environ, "LOG_LEVEL": "INFO"}, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def tasks(made: dict[str, Any]) -> int:
    """Have REPORTS of them made, the dearest of a worker's tasks, and wait until all PDFs are there."""
    from django.utils import timezone

    from applications.accounts.models import User
    from applications.documents.models import Document
    from applications.reports.services import issue_report
    from applications.subjects.models import Subject

    officer = User.objects.get(email=made["accounts"]["report"])
    # Each tells the worker by itself.
    for subject in Subject.objects.order_by("pk")[:REPORTS]:
        issue_report(
            subject=subject, variant="repair", organ=officer.organ, purpose="申请信用修复",
            actor=officer, at=timezone.now(),
        )  # fmt: skip
    until = time.monotonic() + 900
    while Document.objects.filter(pdf=None).exists():
        if time.monotonic() > until:
            sys.exit("the worker does not get done")
        time.sleep(0.5)
    return REPORTS


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]


def megabytes(pid: int) -> float:
    """What a process holds in memory, with what it shares."""
    held = re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert held is not None
    return int(held[1]) / 1024


def report(
    alone: dict[str, dict[str, float]], rates: dict[str, float], memory: dict[str, tuple[int, float]]
) -> None:
    print(
        f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores"
    )
    print(f"{'page':<40} {'median, ms':>10} {'p95, ms':>10} {'wanted':>8}")
    for name, each in alone.items():
        wanted = "" if name == PEER else LIMITS["milliseconds"]
        print(f"{name:<40} {each['median']:>10.1f} {each['p95']:>10.1f} {wanted:>8}")
    for name, rate in rates.items():
        wanted = "" if name == PEER else LIMITS["a second"]
        print(f"{name + ', a second':<40} {rate:>10.0f} {'':>10} {wanted:>8}")
    for name, (count, held) in memory.items():
        print(f"{f'{name} process after {count:,}, MB':<40} {held:>10.0f} {'':>10} {LIMITS[name]:>8}")
    print(
        json.dumps(
            {
                "bench": "served", "pages": {name: round(each["p95"], 1) for name, each in alone.items()},
                "a second": {name: round(rate) for name, rate in rates.items()},
                "megabytes": {name: round(held) for name, (_, held) in memory.items()},
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
