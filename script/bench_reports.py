#!/usr/bin/env python3
"""What the PDF of a credit report costs, on PostgreSQL: beside WeasyPrint alone on the same HTML.

A report of each size in turns: what a worker does from the document's row to the stored, encrypted and noted PDF, and
WeasyPrint with the HTML that came of it. The two PDFs must be the same to the byte, or nothing is printed. Computing is
compared, which other work on the machine changes less than the clock.

Then those of the first sizes with the signature of the bureau: how long one takes, and how many a second two processes make.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from throwaway_postgres import scratch_database

REPORTS = 30
# prepare() has others set, which are those of a web process.
PYTHONS_OWN = gc.get_threshold()
# So many records a report lists.
SIZES = (1, 5, 30)
LIMIT_TIMES = 1.15
# So large are those that are signed, and what is wanted of the largest of these: milliseconds at the 95th percentile, unsigned and
# signed, and how many a second two processes make.
SIGNED = SIZES[:2]
LIMIT_MS, LIMIT_SIGNED_MS, LEAST_A_SECOND = 350, 600, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=REPORTS, help="of each size")
    reports = parser.parse_args().reports
    with scratch_database():
        from bench_pages import prepare

        prepare()
        officer = report_officer()
        subjects = {size: subject_with(size) for size in SIZES}
        took: dict[int, dict[str, list[Took]]] = {}
        # The first of a process loads the fonts.
        one_report(officer, subjects[SIZES[0]], defaultdict(list), alone_first=True)
        as_a_worker()
        for turn in range(reports):
            for size, subject in subjects.items():
                ways = took.setdefault(size, {"portal": [], "alone": []})
                one_report(officer, subject, ways, alone_first=turn % 2 == 1)
        signed = signed_reports(officer, {size: subjects[size] for size in SIGNED}, reports)
    report(reports, took, signed)


def as_a_worker() -> None:
    """Looks for garbage as one does after its first task (credit_repair/celery.py)."""
    from credit_repair.garbage import spare_what_is_loaded

    gc.set_threshold(*PYTHONS_OWN)
    spare_what_is_loaded()


def report_officer() -> Any:
    from django.utils import timezone

    from applications.accounts.models import Role, User
    from applications.organs.models import Organ

    bureau = Organ.objects.create(
        code="bench-bureau",
        name="南京市公共信用信息中心",
        kind=Organ.Kind.CREDIT_BUREAU,
        level=Organ.Level.CITY,
        uscc="12320100MB1886843H",
        region="320100",
        document_prefix="测信",
    )
    officer = User.objects.create(
        email="bench-reports@example.com",
        name="钱出具",
        is_staff=True,
        organ=bureau,
        date_joined=timezone.now(),
    )
    officer.staff_roles.create(role=Role.REPORT_OFFICER)
    return officer


def subject_with(records: int) -> Any:
    from django.utils import timezone

    from applications.organs.models import Organ
    from applications.subjects.models import Subject
    from rules.codes import uscc_check_character
    from tests.fixtures import make_record

    unit, _new = Organ.objects.get_or_create(
        code="bench-unit",
        defaults={
            "name": "南京市市场监督管理局",
            "kind": Organ.Kind.IDENTIFYING_UNIT,
            "level": Organ.Level.CITY,
            "uscc": "113201007000000010",
            "region": "320100",
            "document_prefix": "量市监信修",
        },
    )
    code = f"91320100{700_000_000 + records}"
    subject = Subject.objects.create(
        kind=Subject.Kind.ORGANISATION,
        name=f"南京示例{records}食品有限公司",
        uscc=code + uscc_check_character(code),
        legal_representative="陈示例",
        address="南京市玄武区示例路1号",
    )
    for number in range(records):
        make_record(
            subject,
            unit,
            document_number=f"宁市监处罚〔2026〕{records}{number:03d}号",
            # The first of a month: the same day exists a year later.
            decided_on=(timezone.localdate() - timedelta(days=100)).replace(day=1),
        )
    return subject


class Took(NamedTuple):
    """Seconds by the clock, and of computing."""

    clock: float
    computing: float


@contextmanager
def measured(into: list[Took]) -> Iterator[None]:
    # What the one before has left is not this one's to clear away.
    gc.collect()
    clock, computing = time.perf_counter(), time.process_time()
    yield
    into.append(Took(time.perf_counter() - clock, time.process_time() - computing))


def one_report(officer: Any, subject: Any, took: dict[str, list[Took]], *, alone_first: bool) -> None:
    from django.utils import timezone
    from weasyprint import HTML

    from applications.documents import archiving
    from applications.documents.models import Document
    from applications.documents.rendering import data_of, may_fetch, render_html
    from applications.documents.services import render_document

    document = Document.objects.get(pk=issued(officer, subject))
    html, data, pictures = render_html(document), data_of(document), may_fetch(document)

    def portal() -> bytes:
        with measured(took["portal"]):
            stored = render_document(document.pk, at=timezone.now())
        with stored.pdf.file.open("rb") as file:
            content: bytes = file.read()
        return content

    def alone() -> bytes:
        with measured(took["alone"]):
            content: bytes = HTML(string=html, url_fetcher=pictures).write_pdf(
                finisher=archiving.finish,
                pdf_identifier=document.pk.bytes,
                attachments=[data],
                **archiving.WRITTEN,
            )
        return content

    first, second = (alone, portal) if alone_first else (portal, alone)
    if first() != second():
        sys.exit("the portal's PDF is not that of WeasyPrint alone")


class Signed(NamedTuple):
    p95_ms: float
    a_second: float


def signed_reports(officer: Any, subjects: dict[int, Any], reports: int) -> dict[int, Signed]:
    """By size. Reports from row to stored file, signed: one after the other, then twice as many by two processes at once."""
    from tempfile import TemporaryDirectory

    from django.conf import settings
    from django.utils import timezone

    from applications.sample.certificates import load_certificates

    with TemporaryDirectory() as folder:
        settings.SIGNING_DIR = folder
        load_certificates(timezone.now())
        # The first of a process loads what signs.
        render(issued(officer, subjects[SIGNED[0]]))
        as_a_worker()
        return {size: signed_alike(officer, subject, reports) for size, subject in subjects.items()}


def signed_alike(officer: Any, subject: Any, reports: int) -> Signed:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from django.db import connections

    from applications.documents import signatures

    took: list[Took] = []
    for _ in range(reports):
        key = issued(officer, subject)
        with measured(took):
            document = render(key)
    if signatures.of_document(document).worth != "holds":
        sys.exit("the report is not signed")
    waiting = [issued(officer, subject) for _ in range(2 * reports + 2)]
    connections.close_all()
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        # The first of each process opens the database.
        list(pool.map(render, waiting[:2]))
        begun = time.perf_counter()
        list(pool.map(render, waiting[2:]))
        rate = len(waiting[2:]) / (time.perf_counter() - begun)
    return Signed(p95(took), rate)


def p95(took: list[Took]) -> float:
    """Milliseconds by the clock."""
    return statistics.quantiles([each.clock for each in took], n=20, method="inclusive")[-1] * 1000


def issued(officer: Any, subject: Any) -> Any:
    from django.utils import timezone

    from applications.reports.services import issue_report

    return issue_report(
        subject=subject,
        variant="repair",
        organ=officer.organ,
        purpose="申请信用修复",
        actor=officer,
        at=timezone.now(),
    ).document.pk


def render(key: Any) -> Any:
    from django.utils import timezone

    from applications.documents.services import render_document

    return render_document(key, at=timezone.now())


def report(reports: int, took: dict[int, dict[str, list[Took]]], signed: dict[int, Signed]) -> None:
    print(f"{reports} reports of each size")
    print(
        f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores"
    )
    print(f"{'':>8} {'portal, ms':>30} {'WeasyPrint alone, ms':>22}")
    print(
        f"{'records':>8} {'clock':>11} {'p95':>7} {'computing':>10} {'clock':>11} {'computing':>10} {'times':>7}"
    )
    times = {}
    for size, ways in took.items():
        portal, alone = (
            [statistics.median(column) * 1000 for column in zip(*ways[way], strict=True)]
            for way in ("portal", "alone")
        )
        times[size] = statistics.median(
            mine.computing / its.computing for mine, its in zip(ways["portal"], ways["alone"], strict=True)
        )
        print(
            f"{size:>8} {portal[0]:>11.1f} {p95(ways['portal']):>7.1f} {portal[1]:>10.1f}"
            f" {alone[0]:>11.1f} {alone[1]:>10.1f} {times[size]:>7.2f}"
        )
    for size, each in signed.items():
        print(f"signed, {size} records: p95 {each.p95_ms:.0f} ms; two processes {each.a_second:.1f} a second")
    unsigned, slowest = p95(took[SIGNED[-1]]["portal"]), signed[SIGNED[-1]]
    met = (
        max(times.values()) <= LIMIT_TIMES
        and unsigned <= LIMIT_MS
        and slowest.p95_ms <= LIMIT_SIGNED_MS
        and slowest.a_second >= LEAST_A_SECOND
    )
    print(
        json.dumps(
            {
                "bench": "reports",
                "times": {str(size): round(each, 3) for size, each in times.items()},
                "limit": LIMIT_TIMES,
                "records": SIGNED[-1],
                "p95_ms": round(unsigned),
                "limit_ms": LIMIT_MS,
                "signed_p95_ms": round(slowest.p95_ms),
                "signed_limit_ms": LIMIT_SIGNED_MS,
                "signed_a_second": round(slowest.a_second, 1),
                "least_a_second": LEAST_A_SECOND,
                "met": met,
            }
        )
    )
    sys.exit(not met)


if __name__ == "__main__":
    main()
