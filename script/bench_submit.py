#!/usr/bin/env python3
"""Submissions a second: complete drafts of many companies, each filed by the button of its page, on PostgreSQL.

gunicorn as the Dockerfile starts it. A submission checks the materials and the rules, keeps the assessment, issues the
receipt with its number, starts the clock and writes the archive, as it does for anybody. Where a case was not submitted, or
has not exactly one receipt, nothing is printed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench_overload import free_port, start_portal, wait_for
from throwaway_postgres import scratch_database

SUBMISSIONS = 600
# Each waits for its answer before it submits the next.
APPLICANTS_AT_ONCE = 12
ORGANS = 10
LIMIT_A_SECOND = 60
TOKEN = "a" * 32


class Draft(NamedTuple):
    number: str
    # Of its button.
    address: str
    version: int
    session: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=SUBMISSIONS)
    submissions = parser.parse_args().submissions
    with scratch_database(), tempfile.TemporaryDirectory(prefix="credit-repair-submit.") as folder:
        from bench_pages import prepare

        prepare()
        # The first open the connections and fill the caches of the processes.
        drafts = make_drafts(submissions + 5 * APPLICANTS_AT_ONCE)
        port = free_port()
        with Path(folder, "portal.log").open("wb") as log:
            portal = start_portal(
                Path(folder), port, log, ALLOWED_HOSTS="127.0.0.1", SITE_URL=f"http://127.0.0.1:{port}"
            )
        try:
            wait_for(port, Path(folder, "portal.log"))
            submit_all(port, drafts[submissions:])
            before = computed(portal)
            seconds, waits = submit_all(port, drafts[:submissions])
            after = computed(portal)
        finally:
            portal.terminate()
            portal.wait(60)
        check(drafts)
    report(submissions, seconds, waits, [new - old for new, old in zip(after, before, strict=True)])


def make_drafts(count: int) -> list[Draft]:
    """Each of a company of its own, and lacking nothing."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from applications.organs.models import Organ

    at = timezone.now() - timedelta(days=1)
    organs = [
        Organ.objects.create(
            code=f"bench-{number}",
            name=f"示例{number}市场监督管理局",
            kind=Organ.Kind.IDENTIFYING_UNIT,
            level=Organ.Level.CITY,
            uscc=with_check(f"11320100{number:09d}"),
            region="320100",
            document_prefix=f"示{number}市监信修",
        )
        for number in range(ORGANS)
    ]
    drafts = []
    for number in range(count):
        case, applicant = make_draft(number, organs[number % ORGANS], at)
        client = Client()
        client.force_login(applicant, settings.AUTHENTICATION_BACKENDS[0])
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        address = reverse("repairs:submit", args=[case.number])
        drafts.append(Draft(case.number, address, case.version, session))
    return drafts


def make_draft(number: int, organ: Any, at: datetime) -> tuple[Any, Any]:
    """The case and its applicant. The record is old enough to be repaired, and in publicity."""
    from django.utils.timezone import localdate

    from applications.accounts.models import User
    from applications.repairs import services
    from applications.subjects.models import Claim, Subject
    from tests.fixtures import make_record
    from tests.repairs.steps import paper

    subject = Subject.objects.create(
        kind=Subject.Kind.ORGANISATION,
        name=f"南京示例{number}食品有限公司",
        uscc=with_check(f"91320100{800_000_000 + number}"),
        legal_representative="陈示例",
        address="南京市玄武区示例路1号",
    )
    applicant = User.objects.create(email=f"bench-{number}@example.com", name="陈示例", date_joined=at)
    Claim.objects.create(user=applicant, subject=subject, status=Claim.Status.VERIFIED, made_at=at)
    decided_on = (localdate(at) - timedelta(days=200)).replace(day=1)
    record = make_record(
        subject, organ, document_number=f"宁市监处罚〔2026〕{number}号", decided_on=decided_on
    )
    case = services.start_case(record=record, organ=organ, applicant=applicant, at=at)
    services.save_contact(case=case, name="陈经办", phone="025-12345678", actor=applicant, at=at)
    fulfilled_on = decided_on + timedelta(days=20)
    services.save_fulfilment(
        case=case,
        corrected_on=fulfilled_on,
        fulfilled={duty.pk: fulfilled_on for duty in case.obligations.all()},
        actor=applicant,
        at=at,
    )
    for kind in ("licence", "fulfilment"):
        services.add_material(case=case, kind=kind, upload=paper(f"{kind}.pdf"), actor=applicant, at=at)
    services.sign_commitment(case=case, signatory="陈示例", publication_consent=True, actor=applicant, at=at)
    case.refresh_from_db()
    return case, applicant


def with_check(code: str) -> str:
    from rules.codes import uscc_check_character

    return code + uscc_check_character(code)


def submit_all(port: int, drafts: list[Draft]) -> tuple[float, list[float]]:
    """Seconds for all of them, and what each waited. Exits where one is not taken."""
    waits: list[float] = []
    refused: list[str] = []

    def submit(mine: list[Draft]) -> None:
        for draft in mine:
            started = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request(
                "POST",
                draft.address,
                urlencode({"version": draft.version, "csrfmiddlewaretoken": TOKEN}),
                {
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Cookie": f"sessionid={draft.session}; csrftoken={TOKEN}",
                },
            )
            answer = connection.getresponse()
            answer.read()
            connection.close()
            waits.append(time.perf_counter() - started)
            leads_to = answer.getheader("Location", "")
            if not leads_to.endswith("/submitted/"):
                refused.append(f"{draft.number}: {answer.status} {leads_to}")

    started = time.perf_counter()
    threads = [
        threading.Thread(target=submit, args=[drafts[n::APPLICANTS_AT_ONCE]])
        for n in range(APPLICANTS_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        sys.exit(f"{len(refused)} were not submitted, the first {refused[0]}")
    return time.perf_counter() - started, waits


def computed(portal: subprocess.Popen[bytes]) -> list[float]:
    """Seconds that the portal, the database and the applicants have computed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    own = resource.getrusage(resource.RUSAGE_SELF)
    return [
        computed_below(portal.pid),
        # Where the database is on another machine, nothing.
        computed_below(parent) if (parent := parent_of(backend)) else 0.0,
        own.ru_utime + own.ru_stime,
    ]


def parent_of(pid: int) -> int | None:
    fields = stat_of(Path(f"/proc/{pid}"))
    return int(fields[1]) if fields else None


def computed_below(pid: int) -> float:
    """A process with its children, those that have ended too."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        if fields := stat_of(folder):
            if int(folder.name) == pid:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == pid:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def stat_of(process: Path) -> list[str]:
    """Its state, parent and so on; nothing where there is no such process."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def check(drafts: list[Draft]) -> None:
    from collections import Counter

    from applications.documents.models import Document
    from applications.repairs.models import RepairCase

    numbers = {draft.number for draft in drafts}
    submitted = set(RepairCase.objects.filter(status="submitted").values_list("number", flat=True))
    receipts = Counter(Document.objects.filter(kind="receipt").values_list("about", flat=True))
    if submitted != numbers or receipts != Counter(numbers):
        sys.exit("not every case was submitted once, with one receipt")


def report(submissions: int, seconds: float, waits: list[float], computing: list[float]) -> None:
    rate = submissions / seconds
    portal, database, applicants = (1000 * each / submissions for each in computing)
    print(
        f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores"
    )
    print(
        f"{submissions} submissions by {APPLICANTS_AT_ONCE} at once: {rate:.1f} a second (wanted: {LIMIT_A_SECOND}); they waited "
        f"{statistics.median(waits) * 1000:.0f} ms (median), {sorted(waits)[int(len(waits) * 0.95)] * 1000:.0f} ms (p95)"
    )
    print(
        f"computing for each: portal {portal:.1f} ms, database {database:.1f} ms, the applicants {applicants:.1f} ms"
    )
    print(
        json.dumps(
            {
                "bench": "submit",
                "a_second": round(rate, 1),
                "wanted": LIMIT_A_SECOND,
                "computing_ms": {"portal": round(portal, 1), "database": round(database, 1)},
            }
        )
    )


if __name__ == "__main__":
    main()
