"""Two answers to one question: who gains, who loses, and by which article."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from rules.eligibility import Assessment

GAIN: Final = "gain"
LOSE: Final = "lose"
MIXED: Final = "mixed"
SAME: Final = "same"
# The policy has no such severity: it says nothing about this record.
SILENT: Final = "silent"
VERDICTS: Final[dict[str, str | Promise]] = {
    GAIN: gettext_lazy("受益"),
    LOSE: gettext_lazy("受损"),
    MIXED: gettext_lazy("有利有弊"),
    SAME: gettext_lazy("没有变化"),
    SILENT: gettext_lazy("无此等级"),
}
# How near a subject is to a clean record. Where publicity is over there is nothing left to repair.
NEARNESS: Final[dict[str, int]] = {
    "out_of_scope": 0,
    "barred": 0,
    "not_yet": 1,
    "eligible": 2,
    "not_needed": 2,
}
PUBLICITY: Final = "公示期限"
MET_RANK: Final = {False: 0, None: 1, True: 2}


class Point(NamedTuple):
    """What one finding said: its article, whether it is met, from which day it is."""

    article: str | None
    met: bool | None
    earliest_on: date | None


class Answer(NamedTuple):
    """An assessment as far as it is compared. `document` names the instrument of its articles."""

    document: str
    outcome: str
    earliest_on: date | None
    bar_ends_on: date | None
    points: Mapping[str, Point]


class Comparison(NamedTuple):
    """`better` and `worse` name the articles, with their instruments, that make the difference."""

    verdict: str
    better: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()


def answer_of(assessment: Assessment) -> Answer:
    """The answer of a fresh assessment."""
    return Answer(
        assessment.policy.document,
        assessment.outcome,
        assessment.earliest_on,
        assessment.bar_ends_on,
        {each.code: Point(each.article, each.met, each.earliest_on) for each in assessment.findings},
    )


def stored_answer(stored: Mapping[str, Any], document: str) -> Answer:
    """The answer of a stored assessment (its JSON)."""
    return Answer(
        document,
        stored["outcome"],
        _day(stored["earliest_on"]),
        _day(stored["bar_ends_on"]),
        {
            each["code"]: Point(each["article"], each["met"], _day(each["earliest_on"]))
            for each in stored["findings"]
        },
    )


def compare(before: Answer, after: Answer, on: date) -> Comparison:
    """What the second answer changes for the subject, compared with the first; both are of the day `on`.

    A change of outcome decides. Where both say "not yet", an earlier first day and fewer open conditions are
    gains, a later day and new open conditions are losses, and both together are mixed. Days that have passed
    by `on` are all the same.
    """
    gains, losses = _signals(before, after, on)
    if not gains and not losses:
        return Comparison(SAME)
    better = tuple(dict.fromkeys(_better(before, after)))
    worse = tuple(dict.fromkeys(_better(after, before)))
    if gains and losses:
        return Comparison(MIXED, better, worse)
    if gains:
        return Comparison(GAIN, better or (PUBLICITY,), ())
    return Comparison(LOSE, (), worse or (PUBLICITY,))


def _signals(before: Answer, after: Answer, on: date) -> tuple[bool, bool]:
    nearer = NEARNESS[after.outcome] - NEARNESS[before.outcome]
    if nearer:
        return nearer > 0, nearer < 0
    if before.outcome == after.outcome == "barred":
        return _earlier(after.bar_ends_on, before.bar_ends_on), _earlier(
            before.bar_ends_on, after.bar_ends_on
        )
    if after.outcome != "not_yet":
        return False, False
    was_open, is_open = _open(before), _open(after)
    was_from = before.earliest_on and max(before.earliest_on, on)
    is_from = after.earliest_on and max(after.earliest_on, on)
    return (
        _earlier(is_from, was_from) or bool(was_open - is_open),
        _earlier(was_from, is_from) or bool(is_open - was_open),
    )


def _open(answer: Answer) -> set[str]:
    return {code for code, point in answer.points.items() if point.met is not True}


def _better(one: Answer, other: Answer) -> Iterator[str]:
    """The articles of `one` that stand less in the way, or no more, in `other`."""
    for code, point in one.points.items():
        there = other.points.get(code)
        if there is None:
            eased = point.met is not True
        else:
            rank, rank_there = MET_RANK[point.met], MET_RANK[there.met]
            eased = rank_there > rank or (
                rank_there == rank and point.met is False and _earlier(there.earliest_on, point.earliest_on)
            )
        if eased:
            yield f"{one.document}第{point.article}条" if point.article else f"{one.document}（条号未核实）"


def _earlier(one: date | None, other: date | None) -> bool:
    """Whether both days are known and the first is before the second."""
    return one is not None and other is not None and one < other


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
