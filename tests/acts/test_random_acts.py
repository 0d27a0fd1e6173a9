"""People who try anything at any time, in several cases at once: only what the law allows happens, and always all of it.

A short part of it with every run; ``script/acts`` tries more. Its stories are made of the same acts.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from random import Random
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.acts import judging
from tests.acts.acts import FRESH, KINDS, LONG_AGO, OVERTAKEN, Act
from tests.acts.drawing import anything, likely
from tests.acts.people import EVERYBODY, build
from tests.acts.story import LONG, Story, run, shortest, told

pytestmark = pytest.mark.django_db

ACTS = int(os.environ.get("ACTS") or 60)
SEED = int(os.environ.get("ACTS_SEED") or 8)
RECORDS = st.integers(0, 3)
MANNERS = st.integers(0, 7)


class Office(RuleBasedStateMachine):
    """The two bodies, their people and the applicants, each time from the beginning."""

    done: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.story = Story(build())

    @rule(which=RECORDS, lot=st.integers(0, 99), manner=MANNERS)
    def somebody_goes_on(self, which: int, lot: int, manner: int) -> None:
        self.story.do(likely(self.story.world, which, lot, manner))

    @rule(
        act=st.builds(
            Act, st.sampled_from(KINDS), st.sampled_from(EVERYBODY), st.integers(0, 15), MANNERS,
            st.sampled_from([FRESH, OVERTAKEN, LONG_AGO]),
        )
    )  # fmt: skip
    def anybody_tries_anything(self, act: Act) -> None:
        self.story.do(act)

    def teardown(self) -> None:
        self.done.update(self.story.tally.done)
        try:
            self.story.end()
        finally:
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)


def test_whatever_is_tried_only_the_law_happens():
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=8, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert {"start", "submit"} <= Office.done


def test_a_story_of_the_script_reaches_far_and_finds_nothing():
    report = run(build, acts=ACTS, seed=SEED, say=lambda line: print(line, file=sys.stderr))
    if path := os.environ.get("ACTS_REPORT"):
        Path(path).write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
    assert report["acts"] >= ACTS and report["faults"] == []
    assert ACTS < LONG or report["never"] == []
    assert {"submit", "accept"} <= {*report["done"]}


def test_a_fault_that_is_planted_is_found_with_the_shortest_way_to_it(monkeypatch):
    """As if accepting an application left something undone."""
    seen = judging._of_case
    monkeypatch.setattr(
        judging,
        "_of_case",
        lambda world, case: [*seen(world, case), *(["planted"] if case.status == "accepted" else [])],
    )
    way = [
        Act("start", "alice"),
        Act("start", "carol", 2),
        Act("withdraw", "charlie"),
        Act("submit", "bob"),
        Act("be_back", "ma"),
        Act("accept", "wang"),
    ]
    assert "planted" in told(build, way)
    assert [act.kind for act in shortest(build, way)] == ["start", "submit", "accept"]


def test_the_same_seed_draws_the_same_acts():
    one, other = Random("8"), Random("8")
    assert [anything(one) for _each in range(20)] == [anything(other) for _each in range(20)]
