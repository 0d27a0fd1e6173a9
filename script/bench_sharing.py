#!/usr/bin/env python3
"""Deliveries a second from one worker to the sharing sandbox, beside a bare HTTP client with the same messages.

Both in turns, each to a platform of its own that starts empty: a real process on loopback. The portal does all that follows
from a receipt (its own row, the case's step, clocks, archive, message to the applicant), on PostgreSQL. Where the two
platforms have not received the same, in each case's order, nothing is printed. Beside it, one delivery after the other by
its nudge: from the task's start to the receipt.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from throwaway_postgres import scratch_database

from tests.sharing_sandbox.process import KEY, SandboxProcess

DELIVERIES, ROUNDS, NUDGED = 2_000, 3, 100
SIZES = {"subjects": 3_000, "records": 10_000, "cases": 5_000}


class Run(NamedTuple):
    """One sending of all messages: seconds on the clock, and of computing here, by the database and by the platform."""

    wall: float
    cpu: float
    database_cpu: float
    platform_cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=DELIVERIES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        from bench_pages import fill, prepare

        prepare()
        fill(SIZES)
        runs: dict[str, list[Run]] = {"portal": [], "bare client": []}
        for number in range(arguments.rounds):
            rows = decide_again(arguments.deliveries)
            taken = {
                "portal": to_platform(Path(folder, f"portal-{number}"), partial(by_portal, rows)),
                "bare client": to_platform(Path(folder, f"bare-{number}"), partial(by_bare_client, rows)),
            }
            if taken["portal"][1] != taken["bare client"][1]:
                sys.exit("the two platforms have not received the same")
            for name, (run, _) in taken.items():
                runs[name].append(run)
        alone = nudged(decide_again(min(NUDGED, arguments.deliveries)), Path(folder, "nudged"))
    report(arguments.deliveries, runs, alone)


def decide_again(wanted: int) -> list[Any]:
    """One more decision about each of so many decided cases, as a step of the procedure writes it."""
    from django.db import transaction
    from django.utils import timezone

    from applications.deadlines.services import start_deadline
    from applications.repairs.models import RepairCase
    from applications.repairs.sharing import decision_payload
    from applications.sharing.models import Delivery
    from applications.sharing.services import enqueue

    Delivery.objects.exclude(status="delivered").delete()
    at = timezone.now()
    cases = RepairCase.objects.filter(status__in=["granted", "refused"], shared_at__isnull=False)
    chosen = cases.select_related("organ", "filing__commitment", "record__subject")[:wanted]
    rows = []
    for case in chosen:
        with transaction.atomic():
            delivery = enqueue(
                kind="repair_decision",
                about=case.number,
                organ=case.organ,
                payload=decision_payload(case, at=at),
                at=at,
            )
            start_deadline(
                kind="sharing",
                organ=case.organ,
                case_number=case.number,
                link="/admin/",
                round=delivery.position,
                started_on=timezone.localdate(at),
                working_days=2,
                article="十一",
            )
        rows.append(delivery)
    if len(rows) < wanted:
        sys.exit(f"there are only {len(rows)} decided cases")
    return rows


def to_platform(
    folder: Path, send: Callable[[str], None]
) -> tuple[Run, dict[str, list[tuple[int, dict[str, Any]]]]]:
    """Send to a fresh platform; what it took, and what it has: by case, the messages in their order."""
    platform = SandboxProcess(folder).start()
    try:
        before, database = cpu_of(platform), database_cpu()
        wall, cpu = time.perf_counter(), time.process_time()
        send(platform.url)
        run = Run(
            time.perf_counter() - wall,
            time.process_time() - cpu,
            database_cpu() - database,
            cpu_of(platform) - before,
        )
        has: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for message in platform.received():
            payload = message["payload"]
            has.setdefault(payload["case_number"], []).append((payload["sequence"], payload))
        return run, has
    finally:
        platform.stop()


def cpu_of(platform: SandboxProcess) -> float:
    """Seconds that the platform's processes have computed."""
    assert platform.process
    group = platform.process.pid
    return computed(lambda pid, its_group: its_group == group)


def database_cpu() -> float:
    """The same of the server process behind our connection; 0 where the server is on another machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    return computed(lambda pid, its_group: pid == backend)


def computed(is_meant: Callable[[int, int], bool]) -> float:
    """Seconds of the processes of which this is so, by their number and that of their group."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if is_meant(int(entry.parent.name), int(fields[2])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def nudged(rows: list[Any], folder: Path) -> list[float]:
    """Seconds that each takes by itself, as a worker takes it when a decision is made."""
    from django.utils import timezone

    from applications.sharing.services import push_delivery

    platform, taken = SandboxProcess(folder).start(), []
    try:
        put_in_force(platform.url)
        for row in rows:
            start = time.perf_counter()
            if push_delivery(delivery_id=row.pk, at=timezone.now()) != "delivered":
                sys.exit("not all was delivered by its nudge")
            taken.append(time.perf_counter() - start)
    finally:
        platform.stop()
    return taken


def put_in_force(url: str) -> None:
    from applications import at_rest
    from applications.sharing.models import Destination

    Destination.objects.update(address=url, sealed_key=at_rest.encrypt(KEY.encode()).decode())


def by_portal(rows: list[Any], url: str) -> None:
    """One worker's sweep."""
    from django.utils import timezone

    from applications.sharing.models import Delivery
    from applications.sharing.services import push_deliveries

    put_in_force(url)
    outcome = push_deliveries(at=timezone.now())
    if outcome != {Delivery.Status.DELIVERED.value: len(rows)}:
        sys.exit(f"not all was delivered: {dict(outcome)}")


def by_bare_client(rows: list[Any], url: str) -> None:
    """The same bodies with the same headers over as many kept connections, and nothing else."""
    from applications.outbox.signed import body_of, sign
    from applications.sharing.adapters import HttpAdapter
    from applications.sharing.kinds import KINDS

    messages = [(KINDS[row.kind].path, str(row.pk), body_of(row.payload)) for row in rows]

    def send(mine: list[tuple[str, str, bytes]]) -> None:
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        for path, key, body in mine:
            timestamp = str(int(time.time()))
            connection.request(
                "POST",
                path,
                body,
                {
                    "Content-Type": "application/json; charset=utf-8",
                    "Accept": "application/json",
                    "Idempotency-Key": key,
                    "X-Timestamp": timestamp,
                    "X-Signature": sign(KEY, timestamp, body),
                },
            )
            response = connection.getresponse()
            response.read()
            if response.status != 201:
                sys.exit(f"the platform answered {response.status}")

    at_once = HttpAdapter.at_once
    threads = [threading.Thread(target=send, args=[messages[n::at_once]]) for n in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(deliveries: int, runs: dict[str, list[Run]], alone: list[float]) -> None:
    print(
        f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores"
    )
    print(
        f"{'':<12} {'a second':>10} {'ms each':>10} {'cpu ms':>10} {'database cpu ms':>16} {'platform cpu ms':>16}"
    )
    rates = {}
    for name, of in runs.items():
        medians = [statistics.median(column) for column in zip(*of, strict=True)]
        rates[name] = deliveries / medians[0]
        each = (1000 * seconds / deliveries for seconds in medians)
        print(
            f"{name:<12} {rates[name]:>10.0f} "
            + " ".join(f"{n:>{w}.2f}" for n, w in zip(each, (10, 10, 16, 16), strict=True))
        )
    times = rates["bare client"] / rates["portal"]
    print(f"the bare client is {times:.1f} times as fast")
    quick, slow = statistics.median(alone), statistics.quantiles(alone, n=20)[-1]
    print(f"by its nudge, one alone: median {1000 * quick:.0f} ms, 95th percentile {1000 * slow:.0f} ms")
    print(
        json.dumps(
            {
                "bench": "sharing",
                "deliveries": deliveries,
                "a_second": {name: round(rate) for name, rate in rates.items()},
                "times": round(times, 2),
                "nudge_ms": round(1000 * quick),
            }
        )
    )


if __name__ == "__main__":
    main()
