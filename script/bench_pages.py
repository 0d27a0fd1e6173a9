#!/usr/bin/env python3
"""What the pages of officers and of the department cost among 1,000,000 records and 200,000 cases, on PostgreSQL.

Each page beside its peer, in turns: Django's own change list over the same rows, in the same run. Django's test client
calls the whole portal, without a network. A page and its peer must name the same cases, or nothing is printed.
What is searched for has a benchmark of its own (bench_search).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from throwaway_postgres import scratch_database

if TYPE_CHECKING:
    from django.test import Client

# Asks for it for the n-th time.
Page = Callable[[int], Any]
REQUESTS = 50
# The first requests of a process warm its caches up.
WARM_UP = 2
SIZES = {"subjects": 300_000, "records": 1_000_000, "cases": 200_000}
QUEUES = ("mine", "taken", "open", "today", "overdue", "correcting", "closed", "all")
PEER = "queue: stock change list"
# Ends the name of a peer that runs a page's own questions (bench_search).
BARE = ", bare view"
# Milliseconds, at the 95th percentile, on a quiet machine of two cores.
LIMITS = {
    "queue": 60,
    "start page": 60,
    "case page": 60,
    "dashboard": 150,
}


def main() -> None:
    arguments = arguments_of(__doc__)
    with scratch_database():
        prepare()
        made = fill({name: getattr(arguments, name) for name in SIZES})
        pages = pages_of(made)
        shown = numbers_on(pages["queue: all"](0))
        if not shown or shown != numbers_on(pages[PEER](0)):
            sys.exit("the queue and the stock change list show different cases")
        measured = in_turns(pages, arguments.requests)
    report("pages", made, measured, LIMITS)


def arguments_of(says: str | None) -> argparse.Namespace:
    """How large the province shall be, and how often each page is asked for."""
    parser = argparse.ArgumentParser(description=says)
    for name, size in SIZES.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    return parser.parse_args()


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
    # As a web process begins.
    import_module("credit_repair.wsgi")


def fill(sizes: dict[str, int]) -> dict[str, Any]:
    """The accounts and counts that make_province prints."""
    import io

    from django.core.management import call_command
    from django.db import connection

    out = io.StringIO()
    options = [text for name, size in sizes.items() for text in (f"--{name}", str(size))]
    call_command("make_province", *options, "--seed", "1", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    # As the database itself does it before the day is over.
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return found


def pages_of(made: dict[str, Any]) -> dict[str, Page]:
    """By name, what asks for a page for the n-th time. The stock change list is among them."""
    from django.urls import reverse

    from applications.organs.models import Organ
    from applications.repairs.models import RepairCase

    organ = Organ.objects.get(code=made["organ"])
    cases = some_cases(organ)
    last_page = RepairCase.objects.filter(organ=organ).count() // 50
    intake, approver, supervisor = (signed_in(made, post) for post in ("intake", "approver", "supervisor"))
    queue = reverse("admin:repairs_repaircase_changelist")

    def listed(client: Client, **asked: str) -> Page:
        return lambda _: client.get(queue, asked)

    return {
        **{f"queue: {name}": listed(approver, queue=name) for name in QUEUES},
        "queue: mine (intake)": listed(intake, queue="mine"),
        "queue: all, last page": listed(approver, queue="all", p=str(last_page)),
        PEER: stock(organ),
        "start page": lambda _: approver.get(reverse("admin:index")),
        "case page": lambda n: approver.get(
            reverse("admin:repairs_repaircase_change", args=[cases[n % len(cases)].pk])
        ),
        "dashboard": lambda _: supervisor.get(reverse("oversight:desk")),
    }


def some_cases(organ: Any) -> list[Any]:
    from applications.repairs.models import RepairCase

    cases = RepairCase.objects.filter(organ=organ).select_related("record__subject")
    return [*cases.order_by("-id")[::97][:REQUESTS]]


def signed_in(made: dict[str, Any], post: str) -> Client:
    from django.conf import settings
    from django.test import Client

    from applications.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=made["accounts"][post]), settings.AUTHENTICATION_BACKENDS[0])
    return client


def in_turns(pages: dict[str, Page], requests: int) -> dict[str, dict[str, float]]:
    """Milliseconds by page: ``median`` and ``p95``."""
    from django.utils import timezone

    from applications.oversight.figures import keep_figures

    times: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(requests + WARM_UP):
        # A worker does this twice a minute.
        keep_figures(at=timezone.now())
        for name, page in pages.items():
            started = time.perf_counter()
            response = page(turn)
            took = (time.perf_counter() - started) * 1000
            if response.status_code != 200:
                sys.exit(f"{name}: status {response.status_code}")
            if turn >= WARM_UP:
                times[name].append(took)
    return {
        name: {"median": statistics.median(each), "p95": sorted(each)[int(len(each) * 0.95)]}
        for name, each in times.items()
    }


def numbers_on(response: Any) -> list[str]:
    """The cases of a list, in its order."""
    return list(dict.fromkeys(re.findall(r">(XF-[0-9-]+)<", response.content.decode())))


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


def report(
    bench: str, made: dict[str, Any], measured: dict[str, dict[str, float]], limits: dict[str, int]
) -> None:
    print(
        f"{made['records']:,} records, {made['cases']:,} cases, {made['open']:,} open, made in {made['seconds']} s"
    )
    print(
        f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores"
    )
    print(f"{'page':<56} {'median, ms':>10} {'p95, ms':>10} {'wanted':>8}")
    for name, each in measured.items():
        print(f"{name:<56} {each['median']:>10.1f} {each['p95']:>10.1f} {limit_of(name, limits) or '':>8}")
    counts = {name: made[name] for name in (*SIZES, "open", "seconds")}
    print(
        json.dumps({"bench": bench, **counts, "pages": {n: round(t["p95"], 1) for n, t in measured.items()}})
    )


def limit_of(name: str, limits: dict[str, int]) -> int | None:
    """None for a peer, and for what has none."""
    if name == PEER or name.endswith(BARE):
        return None
    return next((limit for start, limit in limits.items() if name.startswith(start)), None)


if __name__ == "__main__":
    main()
