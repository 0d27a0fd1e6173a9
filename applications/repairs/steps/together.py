"""The frame of a step that the system takes in many cases at once: a platform signs for hundreds of decisions in seconds.

It writes of all of them together what ``frame.take`` writes of one. So it is for steps that leave a case in its state and
are followed by nothing but their event, the answer to a clock and a message.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise

from applications.database.updating import update_many
from applications.deadlines.services import Answer, meet_deadlines
from applications.ledger.locking import lock_chain
from applications.ledger.services import Entry, record_in_locked
from applications.repairs import messages
from applications.repairs.due_days import write_due_days
from applications.repairs.models import RepairCase
from applications.repairs.steps.frame import Transition, open_step
from rules.procedure import Role, Step


@contextmanager
def take_together(
    *, numbers: Collection[str], action: str, at: datetime, message: str | Promise
) -> Iterator[dict[str, Transition]]:
    """One step under way in each of the cases with these numbers, by number; their rows are read anew and locked.

    All is one transaction: raises what ``take`` raises, for the first case of which it is so, and nothing is written.
    RepairCase.DoesNotExist: a number is of no case.
    """
    with transaction.atomic():
        # In one order, where the caller has not locked them.
        for number in sorted(numbers):
            lock_chain(number)
        # Of these nothing is asked but for whom the case is, and about what: they need no lock.
        cases = RepairCase.objects.filter(number__in=numbers).select_related(
            "filing", "organ", "record__subject"
        )
        under_way = {
            case.number: open_step(case=case, action=action, actor=None, at=at, message=message)
            for case in cases.select_for_update(of=("self",)).order_by("pk")
        }
        if unknown := set(numbers) - set(under_way):
            raise RepairCase.DoesNotExist(f"no case is called {min(unknown)}")
        yield under_way
        _finish(list(under_way.values()), at)


def _finish(done: list[Transition], at: datetime) -> None:
    if not_here := [each.step.action for each in done if not _is_simple(each.step)]:
        raise AssertionError(f"{not_here[0]} is to be taken in one case at a time")
    changed = sorted({name for each in done for name in each.changes})
    for each in done:
        each.case.version, each.case.edited_at = each.case.version + 1, at
        for name, value in each.changes.items():
            setattr(each.case, name, value)
    columns = ("version", "edited_at", *changed)
    update_many(
        RepairCase,
        columns,
        [(each.case.pk, *(getattr(each.case, name) for name in columns)) for each in done],
    )
    record_in_locked(
        entries=[
            Entry(chain=each.case.number, verb=each.step.event, role=each.step.role, payload=each.said)
            for each in done
        ],
        at=at,
    )
    answers = [
        Answer(each.case.number, clock, each.counting[clock].met_on or each.on, each.counting[clock].round)
        for each in done
        for clock in each.step.meets
    ]
    meet_deadlines(answers=answers)
    write_due_days({answer.case_number for answer in answers})
    messages.tell_applicants(
        told=[(each.case, each.step, str(each.message)) for each in done if each.step.tells and each.message],
        at=at,
    )


def _is_simple(step: Step) -> bool:
    plain = Step(
        step.source, step.action, Role.SYSTEM, step.source, step.label, step.event, step.article,
        meets=step.meets, tells=step.tells,
    )  # fmt: skip
    return step == plain
