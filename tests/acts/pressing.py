"""Two people press at the same moment: each in a thread and a connection of its own, on a world that is really stored.

Both wait where they are about to lock or write for the first time, until the other one is there too or has its answer. So each
has read what the other is about to change, however fast the machine is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Barrier, BrokenBarrierError
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from applications.accounts.models import User
from applications.ledger.models import Event
from tests.isolation.visiting import KEPT, WRITES

LOCKS = re.compile(r"FOR (?:NO KEY )?UPDATE|pg_advisory_xact_lock|\b(?:INSERT INTO|UPDATE|DELETE FROM)\s")
# What a person's own session and text is nobody else's business.
OWN = re.compile("|".join(KEPT))
# On PostgreSQL many rows of these are inserted by another command than INSERT.
STREAMED = frozenset({"ledger_event", "notifications_message"})
# These only say that somebody looked, or was refused.
BESIDE = ("reading-", "refused-")
# Events are counted by verb; whoever looks at clocks leaves a row that says so.
UNCOUNTED = KEPT | {"ledger_event", "deadlines_sweep"}
SECONDS = 60


@dataclass(frozen=True)
class Press:
    """Somebody's button: where it is, and what the form says."""

    who: User
    address: str
    form: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


@dataclass
class Outcome:
    """What both saw, and what was done: events by verb and person, and rows that there are more by table."""

    answers: list[Answer]
    verbs: Counter[str]
    by: set[int]
    rows: Counter[str]
    refusals: Counter[int]
    who: list[User]

    @property
    def effect(self) -> tuple[Counter[str], Counter[str]]:
        return self.verbs, self.rows


class Stage:
    """The stored world, which after each act is as it was before."""

    def __init__(self) -> None:
        self.cookies: dict[int, dict[str, str]] = {}
        self.tables = set(connection.introspection.table_names())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA kept")
            for table in sorted(self.tables):
                cursor.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"')

    def close(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA kept CASCADE")

    def play(self, scene: Callable[[], Sequence[Press]], *who: int) -> Outcome:
        """What the scene's people do at once, or only some of them; then it never was. The scene may prepare more."""
        written: set[str] = set(STREAMED)
        cache.clear()
        try:
            with connection.execute_wrapper(_noting(written)):
                presses = scene()
                presses = [presses[number] for number in who or range(len(presses))]
                for press in presses:
                    self._sign_in(press.who)
            begun = Event.objects.latest("pk").pk
            cache.clear()
            meeting = Barrier(len(presses))
            with ThreadPoolExecutor(len(presses)) as pool:
                answers = list(pool.map(lambda press: self._press(press, meeting, written), presses))
            return self._outcome([press.who for press in presses], answers, written, begun)
        finally:
            self._restore(written)

    def _sign_in(self, user: User) -> None:
        if user.pk not in self.cookies:
            client = Client()
            client.force_login(user)
            # The first page of a session has more to write than the others.
            client.get("/accounts/logout/")
            self.cookies[user.pk] = {name: morsel.value for name, morsel in client.cookies.items()}

    def _press(self, press: Press, meeting: Barrier, written: set[str]) -> Answer:
        client = Client()
        client.cookies.load(self.cookies[press.who.pk])
        waited = False

        def wait(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal waited
            written.update(WRITES.findall(sql))
            if not waited and LOCKS.search(sql) and not OWN.search(sql):
                waited = True
                with suppress(BrokenBarrierError):
                    meeting.wait(timeout=SECONDS)
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(wait):
                response = client.post(press.address, press.form, follow=True)
                content = b"".join(response) if response.streaming else response.content
            return Answer(response.status_code, content.decode(errors="replace"))
        finally:
            # Whoever is refused before any lock is not waited for.
            if not waited:
                meeting.abort()
            connection.close()

    def _outcome(self, who: list[User], answers: list[Answer], written: set[str], begun: int) -> Outcome:
        verbs: Counter[str] = Counter()
        refusals: Counter[int] = Counter()
        by: set[int] = set()
        for event in Event.objects.filter(pk__gt=begun):
            if event.chain.startswith("refused-"):
                refusals[event.actor_id or 0] += 1
            elif not event.chain.startswith(BESIDE):
                verbs[event.verb] += 1
                by.add(event.actor_id or 0)
        rows: Counter[str] = Counter()
        with connection.cursor() as cursor:
            for table in sorted((written & self.tables) - UNCOUNTED):
                cursor.execute(
                    f'SELECT (SELECT count(*) FROM public."{table}") - (SELECT count(*) FROM kept."{table}")'
                )
                if more := cursor.fetchone()[0]:
                    rows[table] = more
        return Outcome(answers, verbs, by, rows, refusals, who)

    def _restore(self, written: Iterable[str]) -> None:
        # Rows that may never change are put back past the triggers, like the foreign keys.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in sorted(self.tables.intersection(written)):
                cursor.execute(
                    f'DELETE FROM public."{table}"; INSERT INTO public."{table}" SELECT * FROM kept."{table}"'
                )


def _noting(written: set[str]) -> Callable[..., Any]:
    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        written.update(WRITES.findall(sql))
        return execute(sql, params, many, context)

    return note


@contextmanager
def staged() -> Iterator[Stage]:
    stage = Stage()
    try:
        yield stage
    finally:
        stage.close()
