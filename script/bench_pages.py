#!/usr/bin/env python3
"""What the pages of officers and of the public cost among 1,000,000 records and 200,000 cases, on PostgreSQL.

Each page beside its peer, in turns: Django's own change list over the same rows, in the same run. Django's test client
calls the whole portal, without a network. A page and its peer must name the same cases, or nothing is printed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from throwaway_postgres import scratch_database

REQUESTS = 50
SIZES = {"subjects": 300_000, "records": 1_000_000, "cases": 200_000}
# Milliseconds, at the 95th percentile, on a quiet machine of two cores.
LIMITS = {
    "queue": 60,
    "search by number": 30,
    "search by part of a name": 100,
    "start page": 60,
    "case page": 60,
    "public search": 50,
    "dashboard": 150,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, size in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    arguments = parser.parse_args()
    with scratch_database():
        prepare()
        made = fill({name: getattr(arguments, name) for name in SIZES})
        measured = measure(made, arguments.requests)
    report(made, measured)


def prepare() -> None:
    """Before anything is asked of Django."""
    from django.conf import settings

    # No sweep runs beside a benchmark, and every page says so.
    logging.disable()
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    # Nobody has gathered the static files of a benchmark.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def fill(sizes: dict[str, int]) -> dict[str, Any]:
    """The accounts and counts that make_province prints."""
    import io

    from django.core.management import call_command

    out = io.StringIO()
    options = [text for name, size in sizes.items() for text in (f"--{name}", str(size))]
    call_command("make_province", *options, "--seed", "1", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return found


def measure(made: dict[str, Any], requests: int) -> dict[str, dict[str, float]]:
    """Milliseconds by page: ``median`` and ``p95``."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from applications.accounts.models import User
    from applications.organs.models import Organ
    from applications.oversight.figures import keep_figures
    from applications.repairs.models import RepairCase

    organ = Organ.objects.get(code=made["organ"])
    cases = [
        *RepairCase.objects.filter(organ=organ)
        .select_related("record__subject")
        .order_by("-id")[::97][:requests]
    ]

    last_page = RepairCase.objects.filter(organ=organ).count() // 50

    def signed_in(post: str) -> Client:
        client = Client()
        client.force_login(
            User.objects.get(email=made["accounts"][post]), settings.AUTHENTICATION_BACKENDS[0]
        )
        return client

    intake, approver, supervisor = (signed_in(post) for post in ("intake", "approver", "supervisor"))
    queue = reverse("admin:repairs_repaircase_changelist")

    def listed(client: Client, **asked: str) -> Callable[[int], Any]:
        return lambda _: client.get(queue, asked)

    def searched(said: Callable[[RepairCase], str], client: Client = approver) -> Callable[[int], Any]:
        return lambda n: client.get(queue, {"q": said(cases[n % len(cases)])})

    visitors = itertools.count()

    def asked(said: Callable[[RepairCase], str]) -> Callable[[int], Any]:
        def page(n: int) -> Any:
            # An address may search a few times a minute only.
            address = f"10.0.{(visitor := next(visitors)) // 250}.{visitor % 250}"
            return Client().post("/search/", {"q": said(cases[n % len(cases)])}, REMOTE_ADDR=address)

        return page

    pages: dict[str, Callable[[int], Any]] = {
        **{f"queue: {name}": listed(approver, queue=name) for name in QUEUES},
        "queue: mine (intake)": listed(intake, queue="mine"),
        f"queue: all, page {last_page}": listed(approver, queue="all", p=str(last_page)),
        "queue: stock change list": stock(organ),
        "search by number: case": searched(lambda case: case.number),
        "search by number: document": searched(lambda case: case.record.document_number),
        "search by number: code": searched(lambda case: case.record.subject.uscc or case.number),
        "search by number: prefix of a code": searched(
            lambda case: (case.record.subject.uscc or case.number)[:15]
        ),
        "search by part of a name: 2 characters": searched(lambda case: case.record.subject.name[2:4]),
        "search by part of a name: 4 characters": searched(lambda case: case.record.subject.name[2:6]),
        "search by part of a name: a city": searched(lambda case: "南京"),
        "start page": lambda _: approver.get(reverse("admin:index")),
        "case page": lambda n: approver.get(
            reverse("admin:repairs_repaircase_change", args=[cases[n % len(cases)].pk])
        ),
        "public search: name": asked(lambda case: case.record.subject.name),
        "public search: part of a name": asked(lambda case: case.record.subject.name[2:6]),
        "public search: document": asked(lambda case: case.record.document_number),
        "dashboard": lambda _: supervisor.get(reverse("oversight:desk")),
    }
    shown = numbers_on(pages["queue: all"](0))
    if not shown or shown != numbers_on(pages["queue: stock change list"](0)):
        sys.exit("the queue and the stock change list show different cases")
    times: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(requests + 2):
        # A worker does this twice a minute.
        keep_figures(at=timezone.now())
        for name, page in pages.items():
            started = time.perf_counter()
            response = page(turn)
            took = (time.perf_counter() - started) * 1000
            if response.status_code != 200:
                sys.exit(f"{name}: status {response.status_code}")
            # The first requests of a process warm its caches up.
            if turn >= 2:
                times[name].append(took)
    return {
        name: {"median": statistics.median(each), "p95": sorted(each)[int(len(each) * 0.95)]}
        for name, each in times.items()
    }


def numbers_on(response: Any) -> list[str]:
    """The cases of a list, in its order."""
    return list(dict.fromkeys(re.findall(r">(XF-[0-9-]+)<", response.content.decode())))


QUEUES = ("mine", "taken", "open", "today", "overdue", "correcting", "closed", "all")


def stock(organ: Any) -> Callable[[int], Any]:
    """Django's own change list over the organ's submitted cases, with the columns of the queue that are the case's own."""
    from django.contrib import admin
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    from applications.repairs.models import RepairCase

    class Stock(admin.ModelAdmin):  # type: ignore[type-arg]
        list_display = ("due_on", "number", "record", "status")
        list_select_related = ("record__subject", "organ")
        list_filter = ("status",)
        list_per_page = 50
        show_full_result_count = False
        ordering = ("due_on", "-id")
        search_fields = ("number",)

        def get_queryset(self, request: Any) -> Any:
            return RepairCase.objects.filter(organ=organ, submitted_at__isnull=False).order_by(*self.ordering)

        def has_view_permission(self, request: Any, obj: Any = None) -> bool:
            return True

        has_module_permission = has_view_permission  # type: ignore[assignment]

        def has_add_permission(self, request: Any) -> bool:
            return False

        def has_change_permission(self, request: Any, obj: Any = None) -> bool:
            return False

        has_delete_permission = has_change_permission

    site = admin.AdminSite(name="admin")
    model_admin = Stock(RepairCase, site)

    def page(_: int) -> Any:
        request = RequestFactory().get("/")
        request.user = AnonymousUser()
        return model_admin.changelist_view(request).render()

    return page


def report(made: dict[str, Any], measured: dict[str, dict[str, float]]) -> None:
    print(
        f"{made['records']:,} records, {made['cases']:,} cases, {made['open']:,} open, made in {made['seconds']} s"
    )
    print(
        f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores"
    )
    print(f"{'page':<42} {'median, ms':>10} {'p95, ms':>10} {'wanted':>8}")
    for name, each in measured.items():
        limit = next((limit for start, limit in LIMITS.items() if name.startswith(start)), None)
        limit = None if name == "queue: stock change list" else limit
        print(f"{name:<42} {each['median']:>10.1f} {each['p95']:>10.1f} {limit or '':>8}")
    counts = {name: made[name] for name in (*SIZES, "open", "seconds")}
    print(
        json.dumps(
            {"bench": "pages", **counts, "pages": {n: round(t["p95"], 1) for n, t in measured.items()}}
        )
    )


if __name__ == "__main__":
    main()
