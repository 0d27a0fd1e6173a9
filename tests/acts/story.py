"""Acts one after the other, judged after each; and of a story that goes wrong, the shortest one that does."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from random import Random
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction

from applications.accounts.refusals import heard
from rules.procedure import TABLE
from tests.acts import judging
from tests.acts.acts import OTHERS, SEVERAL, Act, NothingThere, perform, tried
from tests.acts.drawing import drawn
from tests.acts.people import World, undone
from tests.acts.seen import Past
from tests.isolation.visiting import WRITES

LENGTH = 60
MINUTES = timedelta(minutes=20)
# After these a case may be another person's while its state is the same.
HANDS_OVER = frozenset({"assign", "be_away", "be_back", "dismiss", "wait"})
# Of other acts one in so many is followed by the question whose cases are whose.
QUEUES_EVERY = 8
# On PostgreSQL many rows of these are inserted by another command than INSERT.
STREAMED = frozenset({"ledger_event", "notifications_message"})
# So many acts are enough for each to come about.
LONG = 5_000


@dataclass
class Tally:
    """What was tried: kind → done, refused, or nothing there to try it on."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    nothing: Counter[str] = field(default_factory=Counter)
    # Of the procedure, as the ledger has it at the end of each story: "state action" → how often.
    steps: Counter[str] = field(default_factory=Counter)

    @property
    def acts(self) -> int:
        return sum(map(Counter.total, (self.done, self.refused, self.nothing)))


class Story:
    """``do`` raises AssertionError with what is wrong. Call it in a transaction that is rolled back."""

    def __init__(self, world: World, tally: Tally | None = None) -> None:
        self.world, self.tally, self.past = world, tally or Tally(), Past()
        self.known = judging.digest(judging.tables())
        cache.clear()

    def do(self, act: Act) -> None:
        world = self.world
        world.at += MINUTES
        it = tried(world, act)
        why_not = judging.must_be_refused(it)
        clock = world.at
        written: set[str] = set()

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            written.update(WRITES.findall(sql))
            return execute(sql, params, many, context)

        try:
            whole = transaction.atomic() if act.kind in SEVERAL else nullcontext()
            with heard() as noted, connection.execute_wrapper(note), whole:
                perform(it)
        except NothingThere:
            self.tally.nothing[act.kind] += 1
            return
        except Exception as error:
            self.tally.refused[act.kind] += 1
            wrong = judging.refusal_faults(it, error, noted)
            after = judging.digest(self.known.keys() & written)
            wrong += [f"refused, and {name} changed" for name in after if after[name] != self.known[name]]
            world.at = clock
        else:
            self.tally.done[act.kind] += 1
            wrong = [f"done, although {why_not}"] if why_not else []
            hands_over = act.kind in HANDS_OVER or self.tally.done.total() % QUEUES_EVERY == 0
            with connection.execute_wrapper(note):
                wrong += judging.faults(world, self.past, queues=hands_over)
            self.known |= judging.digest(self.known.keys() & (written | STREAMED))
        if it.case is not None:
            world.remembered.setdefault(it.case.pk, it.case)
        assert not wrong, f"{act}: " + " / ".join(wrong)

    def end(self) -> None:
        wrong = judging.final_faults(self.world, self.past)
        for event in chain.from_iterable(self.past.of.values()):
            way = (event.verb, event.payload.get("from"), event.payload.get("to"))
            self.tally.steps.update([ROWS[way]] if way in ROWS else [])
        assert not wrong, " / ".join(wrong)


ROWS = {(row.event, row.source.value, row.target.value): f"{row.source} {row.action}" for row in TABLE}


def told(make: Callable[[], World], acts: Sequence[Act]) -> str:
    """What goes wrong in a story; nothing where nothing does."""
    with undone():
        story = Story(make())
        try:
            for act in acts:
                story.do(act)
            story.end()
        except AssertionError as wrong:
            return str(wrong)
    return ""


def shortest(make: Callable[[], World], acts: Sequence[Act]) -> list[Act]:
    """Of a story that goes wrong, what is left when no act can be left out any more."""
    left, size = list(acts), max(1, len(acts) // 2)
    while True:
        for start in range(len(left) - 1, -1, -size):
            fewer = left[: max(0, start - size + 1)] + left[start + 1 :]
            if told(make, fewer):
                left = fewer
        if size == 1:
            return left
        size //= 2


def run(
    make: Callable[[], World], *, acts: int, seed: int, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """So many acts in stories of LENGTH, each beginning anew; what was done and refused, and each fault once."""
    # What is refused on purpose is in the report; of thousands the log would only be long.
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        return _run(make, acts, seed, say)
    finally:
        logging.disable(before)


def _run(make: Callable[[], World], acts: int, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    tally, found = Tally(), []
    number = 0
    # The people are the same in all stories: nothing that one does to them outlives it.
    with undone():
        people = make()
        while tally.acts < acts:
            dice = Random(f"{seed}-{number}")
            number += 1
            past: list[Act] = []
            wrong = ""
            with undone():
                world = people.as_it_began()
                story = Story(world, tally)
                try:
                    for _turn in range(LENGTH):
                        past.append(act := drawn(world, dice))
                        story.do(act)
                    story.end()
                except AssertionError as error:
                    wrong = str(error)
            kind = f"{past[-1].kind} {_without_names(wrong)}"
            if wrong and kind not in {each["kind"] for each in found}:
                way = shortest(people.as_it_began, past)
                says = told(people.as_it_began, way)
                found.append({"kind": kind, "says": says, "way": list(map(str, way))})
                say(json.dumps(found[-1], ensure_ascii=False))
            if number % 20 == 0:
                say(f"{tally.acts} acts, {len(found)} faults")
    return {
        "seed": seed,
        "acts": tally.acts,
        "stories": number,
        "long": tally.acts >= LONG,
        "done": dict(tally.done.most_common()),
        "refused": dict(tally.refused.most_common()),
        "nothing_there": dict(tally.nothing.most_common()),
        "steps": dict(tally.steps.most_common()),
        "never": never(tally),
        "faults": found,
    }


def _without_names(wrong: str) -> str:
    """What is wrong, whoever it was and whatever it was about."""
    return re.sub(r"\d+", "…", wrong.partition("): ")[2] or wrong)


def never(tally: Tally) -> list[str]:
    """What nobody ever carried out: rows of the procedure, and acts beside it."""
    return sorted({*ROWS.values()} - {*tally.steps}) + sorted({*OTHERS} - {*tally.done})
