"""Who is told of a clock: the officer, the head of the organ, the credit-management department."""

from collections.abc import Iterable
from datetime import date

from applications.accounts.absences import covers_on
from applications.accounts.models import Role, User
from applications.accounts.selectors import staff_of
from applications.deadlines.models import Deadline, Escalation
from applications.organs import regions
from applications.organs.models import Organ
from rules.procedure import CLOCKS, Clock


class Recipients:
    """Answers for one sweep on a day; what it has looked up once it does not look up again."""

    def __init__(self, on: date) -> None:
        self.on = on
        self._covers: dict[int, dict[int, int]] = {}
        self._staff: dict[tuple[int, tuple[str, ...]], list[User]] = {}
        self._departments: dict[str, list[User]] = {}

    def of(self, clock: Deadline, level: str) -> list[User]:
        """Whoever is to be told at this level: those of the level before, and further up."""
        people = self.responsible(clock)
        if level != Escalation.Level.REMINDER:
            people = people + self._staff_of(clock.organ_id, Role.SUPERVISOR)
        if level in (Escalation.Level.BREACH, Escalation.Level.DAILY):
            people = people + self.department(clock.organ)
        return list({user.pk: user for user in people}.values())

    def responsible(self, clock: Deadline) -> list[User]:
        return self.in_turn(clock.organ_id, clock.kind, clock.officer_id)

    def in_turn(self, organ_id: int, kind: str, officer_id: int | None) -> list[User]:
        """The officer, as long as it is that person's turn; else the staff whose turn it is; without any, the head.

        Where the officer is away, everybody of the role who is there, and so whoever stands in: that one may be barred from
        this case. Those who are away themselves only where nobody else is there.
        """
        people = self._staff_of(organ_id, *CLOCKS[Clock(kind)].turn) or self._staff_of(
            organ_id, Role.SUPERVISOR
        )
        if organ_id not in self._covers:
            self._covers[organ_id] = covers_on(organ_id, self.on)
        away = self._covers[organ_id]
        people = [person for person in people if person.pk not in away] or people
        in_charge = None if officer_id in away else officer_id
        return [person for person in people if person.pk == in_charge] or people

    def department(self, organ: Organ) -> list[User]:
        """The supervisors of the nearest credit-management department above an organ that has any."""
        if organ.region not in self._departments:
            self._departments[organ.region] = next(
                (
                    people
                    for department in departments_over(organ.region)
                    if (people := self._staff_of(department.pk, Role.SUPERVISOR))
                ),
                [],
            )
        return self._departments[organ.region]

    def _staff_of(self, organ_id: int, *roles: str) -> list[User]:
        key = organ_id, roles
        if key not in self._staff:
            self._staff[key] = list(staff_of(Organ(pk=organ_id), *roles).only("pk").order_by("pk"))
        return self._staff[key]


def departments_over(region: str) -> list[Organ]:
    """The credit-management departments in charge of a region, the nearest first."""
    nearest = list(dict.fromkeys((region, regions.city_of(region), regions.PROVINCE)))
    found = Organ.objects.filter(kind=Organ.Kind.CREDIT_MANAGEMENT, region__in=nearest)
    return sorted(found, key=lambda organ: (nearest.index(organ.region), organ.pk))


def all_department_supervisors() -> Iterable[User]:
    return User.objects.filter(
        organ__kind=Organ.Kind.CREDIT_MANAGEMENT,
        is_staff=True,
        is_active=True,
        staff_roles__role=Role.SUPERVISOR,
    ).distinct()
