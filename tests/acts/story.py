"""Acts one after the other, judged after each; and of a story that goes wrong, the shortest one that does."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from django.core.cache import cache
from django.db import transaction

from applications.accounts.refusals import heard
from applications.repairs.models import RepairCase
from rules.procedure import CLOSED_STATES, State, steps_from
from tests.acts import judging
from tests.acts.acts import FRESH, KINDS, LONG_AGO, OVERTAKEN, Act, NothingThere, perform, tried
from tests.acts.people import EVERYBODY, World, undone

LENGTH = 60
MINUTES = timedelta(minutes=20)
# After these a case may be another person's while its state is the same.
HANDS_OVER = frozenset({"assign", "be_away", "be_back", "dismiss", "wait"})


@dataclass
class Tally:
    """What was tried: kind → done, refused, or nothing there to try it on."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    nothing: Counter[str] = field(default_factory=Counter)

    @property
    def acts(self) -> int:
        return sum(map(Counter.total, (self.done, self.refused, self.nothing)))


class Story:
    """``do`` raises AssertionError with what is wrong. Call it in a transaction that is rolled back."""

    def __init__(self, world: World, tally: Tally | None = None) -> None:
        self.world, self.tally = world, tally or Tally()
        self.before = judging.digest()
        cache.clear()

    def do(self, act: Act) -> None:
        world = self.world
        world.at += MINUTES
        it = tried(world, act)
        why_not = judging.must_be_refused(it)
        clock = world.at
        try:
            with heard() as noted, transaction.atomic():
                perform(it)
        except NothingThere:
            self.tally.nothing[act.kind] += 1
            return
        except Exception as error:
            self.tally.refused[act.kind] += 1
            wrong = judging.refusal_faults(it, error, noted)
            after = judging.digest()
            wrong += [f"refused, and {name} changed" for name in after if after[name] != self.before[name]]
            world.at = clock
        else:
            self.tally.done[act.kind] += 1
            wrong = [f"done, although {why_not}"] if why_not else []
            hands_over = act.kind in HANDS_OVER or self.tally.done.total() % 3 == 0
            wrong += judging.faults(world, queues=hands_over)
            self.before = judging.digest()
        if it.case is not None:
            world.remembered.setdefault(it.case.pk, it.case)
        assert not wrong, f"{act}: " + " / ".join(wrong)

    def end(self) -> None:
        wrong = judging.final_faults(self.world)
        assert not wrong, " / ".join(wrong)


# By whom the acts that are no step are likely to be allowed.
RIGHTFUL = {
    "sign": ("alice", "carol"),
    "assign": ("ma", "wang", "li", "zhao", "ban", "duo"),
    "be_away": ("wang", "li", "zhao", "duo", "bao"),
    "be_back": ("ma", "wang", "li", "zhao", "duo", "bao"),
    "dismiss": ("xi",),
    "propose_revocation": ("wang", "li", "zhao", "duo", "qian"),
    "reject_revocation": ("zhao", "zhou", "duo", "bao"),
    "ask": ("qian", "bao", "ban"),
    "answer": ("zhao", "zhou"),
    "propose_act_": ("wang", "li", "duo"),
    "approve_act_": ("zhao", "zhou", "duo"),
    "reject_act_": ("zhao", "zhou", "duo"),
    "object_information": ("alice", "carol", "bob"),
    "answer_information": ("zhao", "zhou"),
    "receipt": ("xi",),
    "lose": ("xi",),
    "wait": ("xi",),
}


def likely(world: World, which: int, lot: int, manner: int) -> Act:
    """The next step of the case of a record by somebody whose it is, so that the far states are reached too."""
    case = world.case(which)
    begin = Act("start", ("alice", "alice", "carol", "carol")[which % 4], which, manner % 3)
    if case is None:
        return begin
    if case.status == State.DRAFT and case.filing.commitment_id is None:
        return Act("sign", begin.who, which, manner)
    # What ends a case at once is left to chance.
    rows = [row for row in steps_from(case.status) if row.role != "system" and row.action != "withdraw"]
    if not rows or (case.status in CLOSED_STATES and lot % 3 == 0):
        return begin
    row = rows[lot % len(rows)]
    action, who = row.action, _somebody(world, row.role, case, lot)
    if action == "revoke" and not case.revocation_proposals.filter(state="proposed").exists():
        return Act("propose_revocation", _somebody(world, "intake", case, lot), which, 1)
    review = case.reviews.last()
    if review is not None and action in ("grant", "refuse"):
        action = review.proposal
    return Act(action, who, which, manner)


def _somebody(world: World, role: str, case: RepairCase, lot: int) -> str:
    able = [name for name in EVERYBODY if world.may_take(name, role, case)]
    return able[lot % len(able)] if able else "wu"


def beside(dice: Random) -> Act:
    """What is no step, by somebody who may as a rule."""
    kind = dice.choice([*RIGHTFUL])
    return Act(kind, dice.choice(RIGHTFUL[kind]), dice.randrange(4), dice.randrange(8))


def anything(dice: Random) -> Act:
    page = dice.choice([FRESH] * 6 + [OVERTAKEN, LONG_AGO, LONG_AGO])
    return Act(dice.choice(KINDS), dice.choice(EVERYBODY), dice.randrange(16), dice.randrange(8), page)


def drawn(world: World, dice: Random) -> Act:
    lot = dice.random()
    if lot < 0.5:
        return likely(world, dice.randrange(4), dice.randrange(100), dice.randrange(8))
    return beside(dice) if lot < 0.75 else anything(dice)


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
    while tally.acts < acts:
        dice = Random(f"{seed}-{number}")
        number += 1
        past: list[Act] = []
        wrong = ""
        with undone():
            world = make()
            story = Story(world, tally)
            try:
                for _turn in range(LENGTH):
                    past.append(act := drawn(world, dice))
                    story.do(act)
                story.end()
            except AssertionError as error:
                wrong = str(error)
        if wrong and wrong.partition("(")[2] not in {each["kind"] for each in found}:
            way = shortest(make, past)
            found.append(
                {"kind": wrong.partition("(")[2], "says": told(make, way), "way": list(map(str, way))}
            )
            say(json.dumps(found[-1], ensure_ascii=False))
        if number % 20 == 0:
            say(f"{tally.acts} acts, {len(found)} faults")
    return {
        "seed": seed,
        "acts": tally.acts,
        "stories": number,
        "done": dict(tally.done.most_common()),
        "refused": dict(tally.refused.most_common()),
        "nothing_there": dict(tally.nothing.most_common()),
        "faults": found,
    }
