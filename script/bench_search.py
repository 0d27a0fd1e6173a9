#!/usr/bin/env python3
"""What searches cost officers and the public among 1,000,000 records and 200,000 cases, on PostgreSQL.

Each beside its peer, in turns of the same run: a bare Django view that asks the database the same questions and puts the
rows into a table, with nothing around it. A page and its peer must name the same cases or documents, or nothing is printed.
What is looked for is looked for once before, so that both find the rows at hand.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from bench_pages import (
    BARE,
    SIZES,
    WARM_UP,
    Page,
    arguments_of,
    fill,
    in_turns,
    prepare,
    report,
    signed_in,
    some_cases,
)
from throwaway_postgres import scratch_database

# Milliseconds, at the 95th percentile, on a quiet machine of two cores.
LIMITS = {"search by number": 30, "search by part of a name": 100, "public search": 50}
# What the lists name, in a cell of its own; a commitment has a number too, which no list shows.
NAMED = {
    "search": re.compile(r">\s*(XF-[0-9-]+)\s*<"),
    "public search": re.compile(r">\s*([^<>\s]+(?<!承)〔\d{4}〕\d+号)\s*<"),
}
Said = Callable[[Any], str]


def main() -> None:
    arguments = arguments_of(__doc__)
    with scratch_database():
        prepare()
        made = fill({name: getattr(arguments, name) for name in SIZES})
        measured = in_turns(beside_peers(searches(made), arguments.requests + WARM_UP), arguments.requests)
    report("search", made, measured, LIMITS)


def searches(made: dict[str, Any]) -> dict[str, Page]:
    """By name, what looks for something of the n-th case."""
    from django.test import Client
    from django.urls import reverse

    from applications.organs.models import Organ

    cases = some_cases(Organ.objects.get(code=made["organ"]))
    approver = signed_in(made, "approver")
    queue = reverse("admin:repairs_repaircase_changelist")
    visitors = itertools.count()

    def by_officer(said: Said) -> Page:
        return lambda n: approver.get(queue, {"q": said(cases[n % len(cases)])})

    def by_visitor(said: Said) -> Page:
        def page(n: int) -> Any:
            # An address may search a few times a minute only.
            address = f"10.{(visitor := next(visitors)) // 62_500}.{visitor // 250 % 250}.{visitor % 250}"
            return Client().post("/search/", {"q": said(cases[n % len(cases)])}, REMOTE_ADDR=address)

        return page

    return {
        "search by number: case": by_officer(lambda case: case.number),
        "search by number: document": by_officer(lambda case: case.record.document_number),
        "search by number: code": by_officer(lambda case: case.record.subject.uscc or case.number),
        "search by number: prefix of a code": by_officer(
            lambda case: (case.record.subject.uscc or case.number)[:15]
        ),
        "search by part of a name: 2 characters": by_officer(lambda case: case.record.subject.name[2:4]),
        "search by part of a name: 4 characters": by_officer(lambda case: case.record.subject.name[2:6]),
        "search by part of a name: a city": by_officer(lambda case: "南京"),
        "public search: name": by_visitor(lambda case: case.record.subject.name),
        "public search: part of a name": by_visitor(lambda case: case.record.subject.name[2:6]),
        "public search: document": by_visitor(lambda case: case.record.document_number),
    }


def beside_peers(pages: dict[str, Page], times: int) -> dict[str, Page]:
    """Each page with its bare view behind it, both of which may be asked for so many times. Exits where they name
    something else, and where nothing is found at all."""
    beside: dict[str, Page] = {}
    for name, page in pages.items():
        named = NAMED[name.partition(" by ")[0].partition(":")[0]]
        asked, found = [], False
        for n in range(times):
            shown, questions = answer_and_questions(page, n)
            asked.append(questions)
            names = set(named.findall(shown))
            found |= bool(names)
            if names != set(named.findall(bare_view(questions).content.decode())):
                sys.exit(f"{name}: the page and the bare view name different things")
        if not found:
            sys.exit(f"{name}: nothing was found")
        beside |= {name: page, f"{name}{BARE}": lambda n, asked=asked: bare_view(asked[n])}
    return beside


def answer_and_questions(page: Page, n: int) -> tuple[str, list[str]]:
    """The page's text, and what it read from the database for it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as heard:
        shown = page(n).content.decode()
    questions = [query["sql"] for query in heard.captured_queries]
    return shown, [sql for sql in questions if sql.startswith("SELECT ") and " FOR UPDATE" not in sql]


def bare_view(questions: list[str]) -> Any:
    from django.db import connection
    from django.http import HttpResponse
    from django.template import Context

    rows = []
    with connection.cursor() as cursor:
        for question in questions:
            cursor.execute(question)
            rows += cursor.fetchall()
    return HttpResponse(table().render(Context({"rows": rows})))


@cache
def table() -> Any:
    from django.template import Template

    return Template(
        "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
    )


if __name__ == "__main__":
    main()
