"""In whose queue a case is: in exactly one person's, or in that of exactly one role.

- Whoever has charge of it has it alone; while that person is away, whoever stands in (accounts.absences).
- Without anybody in charge it is in the queue of the role whose turn it is: of those who are there and may take it up.
- Nobody has what would be a second hand of their own: neither the decision on their own examination, nor the objection
  to a decision in which they took part (Articles 9 and 13).
- What waits for the word of the organ's head, or for somebody who could take it up at all, is in the head's queue: of
  the heads who had no part in it, and where each had one, of all, so that somebody finds a person who can.
- Where an organ has no head, what nobody there could take up stands at the desk of the department over it (``stranded``).

All of it is asked of the case's row, so that an index bears the list and its count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from operator import and_, or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS
from django.db.models import BooleanField, F, Q, QuerySet
from django.db.models.expressions import RawSQL

from applications.accounts.absences import covers_on
from applications.accounts.models import Role as StaffRole
from applications.accounts.models import StaffRole as Post
from applications.accounts.models import User
from applications.organs.models import Organ
from applications.repairs.access import HANDLING_KINDS, HANDLING_ROLES
from applications.repairs.models import IN_HAND, CorrectionItem, RepairCase
from rules.procedure import State, states_in_turn

NOTHING = Q(pk__in=())
# An objection has two barred people at most, a decision one: three who could are one who may.
MOST_BARRED = 2

# Of these alone somebody may be barred.
DECIDED_BY_ANOTHER = frozenset({State.UNDER_REVIEW, State.OBJECTING})
OFFICER_BARRED = Q(status__in=sorted(DECIDED_BY_ANOTHER), officer=F("reviewed_by")) | Q(
    status=State.OBJECTING, officer=F("decided_by")
)


def any_of(parts: Iterable[Q]) -> Q:
    found = [*parts]
    return reduce(or_, found) if found else NOTHING


def barred(user_id: int) -> Q:
    """The cases which this person must not take up as they stand; the object form is access.barred_from."""
    return Q(status__in=sorted(DECIDED_BY_ANOTHER), reviewed_by=user_id) | Q(
        status=State.OBJECTING, decided_by=user_id
    )


def awaiting_reason() -> Q:
    """Cases with a drafted correction that asks again for something, and waits for the head to say why."""
    # Few items are ever unsent: found first, and not looked for case by case.
    unsaid = CorrectionItem.objects.filter(
        notice__round=F("notice__case__round"), sent_at=None, notice_round__gt=1
    ).filter(~Q(material_round=F("notice_round")), Q(exception_reason="") | Q(exception_by=None))
    return Q(pk__in=unsaid.values("notice__case"), status=State.SUBMITTED)


@dataclass(frozen=True)
class Desk:
    """Who is there in an organ on a day, and in which posts."""

    posts: dict[str, frozenset[int]]
    covers: dict[int, int]

    def there(self, role: str) -> frozenset[int]:
        """Those of a role who are not away. Of heads somebody always counts as there."""
        all_of = self.posts.get(role, frozenset())
        present = all_of - self.covers.keys()
        return all_of if role == StaffRole.SUPERVISOR and not present else present

    def stand_ins(self, role: str) -> dict[int, int]:
        """Of a role, who is away → who stands in and is there for the same role."""
        there = self.there(role)
        return {
            away: cover
            for away, cover in self.covers.items()
            if away in self.posts.get(role, ()) and cover in there
        }

    def of_person(self, user_id: int) -> Q:
        """The cases in this person's queue, of those of the organ."""
        mine = [self._of_role(role, user_id) for role in HANDLING_ROLES if user_id in self.there(role)]
        if user_id in self.there(StaffRole.SUPERVISOR):
            others = [barred(head) for head in self.there(StaffRole.SUPERVISOR)]
            mine.append(self._of_heads() & (~barred(user_id) | reduce(and_, others)))
        return any_of(mine)

    def _of_role(self, role: str, user_id: int) -> Q:
        """What of a role's turn no other has: a person's own cases, those of whom the person covers, and those that nobody has."""
        covers, states = self.stand_ins(role), states_in_turn(role)
        own = {user_id, *(away for away, cover in covers.items() if cover == user_id)}
        theirs = ~Q(officer__in=sorted({*self.there(role), *covers} - own))
        if DECIDED_BY_ANOTHER.intersection(states):
            # Where whoever would have it must not take it up, it is everybody's of the role again.
            theirs |= OFFICER_BARRED & ~Q(officer__in=sorted(covers)) if covers else OFFICER_BARRED
            theirs = any_of([theirs, *(Q(officer=away) & barred(cover) for away, cover in covers.items())])
            theirs &= ~barred(user_id)
        found = Q(status__in=states) & theirs
        return found & ~awaiting_reason() if role == StaffRole.INTAKE and self._has_heads else found

    @property
    def _has_heads(self) -> bool:
        return bool(self.there(StaffRole.SUPERVISOR))

    def _of_heads(self) -> Q:
        """What waits for the head's reason, and what nobody who is there may take up."""
        return awaiting_reason() | self.without_taker()

    def without_taker(self) -> Q:
        """What nobody who is there may take up: each had a part in it, or nobody has the post."""
        found = []
        for role in HANDLING_ROLES:
            people, states = self.there(role), states_in_turn(role)
            if not people or (len(people) <= MOST_BARRED and DECIDED_BY_ANOTHER.intersection(states)):
                found.append(reduce(and_, map(barred, people), Q(status__in=states)))
        return any_of(found)


def desk_of(organ_id: int, on: date) -> Desk:
    posts: dict[str, set[int]] = {}
    held = Post.objects.filter(user__organ=organ_id, user__is_staff=True, user__is_active=True)
    for role, user_id in held.values_list("role", "user"):
        posts.setdefault(role, set()).add(user_id)
    return Desk({role: frozenset(people) for role, people in posts.items()}, covers_on(organ_id, on))


def stranded(on: date, prefix: str = "") -> QuerySet[RepairCase]:
    """The cases in nobody's queue on a day, of the organs whose region begins so: they have no head, and nobody who is there
    may take the case up."""
    heads = Post.objects.filter(
        role=StaffRole.SUPERVISOR,
        user__organ__isnull=False,
        user__is_staff=True,
        user__is_active=True,
    )
    headless = (
        Organ.objects.filter(kind__in=HANDLING_KINDS, region__startswith=prefix)
        .exclude(pk__in=heads.values("user__organ"))
        .values_list("pk", flat=True)
    )
    found = any_of(
        Q(organ=organ, status__in=sorted(IN_HAND)) & desk_of(organ, on).without_taker() for organ in headless
    )
    return RepairCase.objects.filter(found)


def waiting_for(user: User, on: date) -> Q:
    """The cases in a person's own queue on a day, for a query whose rows are cases."""
    if user.organ_id is None:
        return NOTHING
    desk = desk_of(user.organ_id, on)
    said = _in_sql(user.organ_id, user.pk, frozenset(desk.posts.items()), frozenset(desk.covers.items()))
    return Q(RawSQL(*said, output_field=BooleanField())) if said else NOTHING


@lru_cache(maxsize=1_000)
def _in_sql(
    organ_id: int,
    user_id: int,
    posts: frozenset[tuple[str, frozenset[int]]],
    covers: frozenset[tuple[int, int]],
) -> tuple[str, tuple[Any, ...]] | None:
    """What a case in the person's queue is, in SQL with its values; None where no case can be in it. Put together once for
    who is there: composing it took Django a seventh of a list's page."""
    # The states said once more: that is what the index of cases in hand asks for, whatever else is asked of each.
    in_hand = Q(organ=organ_id, status__in=sorted(IN_HAND))
    query = RepairCase.objects.filter(in_hand & Desk(dict(posts), dict(covers)).of_person(user_id)).query
    try:
        sql, values = query.get_compiler(DEFAULT_DB_ALIAS).compile(query.where)
    except EmptyResultSet:
        return None
    assert [name for name, used in query.alias_refcount.items() if used] == [RepairCase._meta.db_table]
    return sql, tuple(values)
