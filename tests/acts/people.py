"""Who acts in these tests, and on what: two subjects with four records, two bodies, and people of every kind.

What each may is written down here by hand, so that the code's own rules are held against something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from applications.accounts.models import User
from applications.files.examining import PDF
from applications.files.inspection import Inspected
from applications.organs.models import Organ
from applications.policies.reading import read_policy
from applications.policies.services import approve_adoption, propose_adoption
from applications.records.models import DishonestyRecord
from applications.repairs.models import RepairCase
from applications.sample.codes import make_uscc
from applications.subjects.models import Claim, Subject
from tests.fixtures import make_record, make_user, moment
from tests.policies.texts import policy_text
from tests.repairs.steps import pdf

BEGINS = moment("2026-11-20 09:00")
ADOPTED, DEEMED_FROM = moment("2026-11-19 10:00"), date(2026, 12, 7)
EVERY_ROLE = ("intake", "reviewer", "approver", "supervisor")
ORGANS = {
    "unit": ("南京市市场监督管理局", Organ.Kind.IDENTIFYING_UNIT, "320100"),
    "bureau": ("南京市公共信用信息中心", Organ.Kind.CREDIT_BUREAU, "320100"),
    "department": ("南京市发展和改革委员会", Organ.Kind.CREDIT_MANAGEMENT, "320100"),
    "elsewhere": ("苏州市生态环境局", Organ.Kind.IDENTIFYING_UNIT, "320500"),
}
# Name → organ and roles.
STAFF = {
    "wang": ("unit", ("intake",)),
    "ma": ("unit", ("intake", "supervisor")),
    "li": ("unit", ("reviewer",)),
    "zhao": ("unit", ("approver",)),
    "zhou": ("unit", ("approver",)),
    "duo": ("unit", ("reviewer", "approver")),
    "qian": ("bureau", ("intake", "reviewer")),
    "bao": ("bureau", ("reviewer", "approver")),
    "ban": ("bureau", ("approver", "supervisor")),
    "sun": ("department", ("supervisor",)),
    "wu": ("elsewhere", EVERY_ROLE),
    # Sees to the system alone.
    "xi": ("unit", ("system_admin",)),
    # Dismissed before the story begins, with all the rows of an officer.
    "gone": ("unit", EVERY_ROLE),
}
APPLICANTS = {"alice": "acme", "bob": "acme", "carol": "beta", "charlie": None}
SYSTEM = "system"
EVERYBODY = (*STAFF, *APPLICANTS)
# Who can be dismissed and called back while the story goes on.
MAY_LEAVE = ("li", "zhou", "duo", "wang")


@dataclass
class World:
    people: dict[str, User] = field(default_factory=dict)
    organs: dict[str, Organ] = field(default_factory=dict)
    records: list[DishonestyRecord] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    # What changes as the story goes on.
    at: datetime = BEGINS
    dismissed: set[str] = field(default_factory=lambda: {"gone"})
    # Cases as somebody read them long ago.
    remembered: dict[int, RepairCase] = field(default_factory=dict)

    def as_it_began(self) -> World:
        return World(self.people, self.organs, self.records, self.owners)

    def case(self, which: int) -> RepairCase | None:
        """One of the cases of a record: the latest, or the first where ``which`` is high."""
        cases = RepairCase.objects.filter(record=self.record(which))
        cases = cases.select_related(
            "record__subject", "record__identifying_unit", "organ", "filing__reception__organ"
        )
        return cases.order_by("pk" if which >= 3 * len(self.records) else "-pk").first()

    def record(self, which: int) -> DishonestyRecord:
        return DishonestyRecord.objects.get(pk=self.records[which % len(self.records)].pk)

    def records_beside(self, which: int) -> list[DishonestyRecord]:
        """All records of the subject of one."""
        owner = self.owners[which % len(self.records)]
        return [self.record(number) for number, name in enumerate(self.owners) if name == owner]

    def person(self, name: str) -> User | None:
        """Read anew, as each request does."""
        return None if name == SYSTEM else User.objects.get(pk=self.people[name].pk)

    def is_of(self, name: str, organ: Organ, *roles: str) -> bool:
        """Whether somebody holds one of the roles in that organ now."""
        if name not in STAFF or name in self.dismissed:
            return False
        own, held = STAFF[name]
        return self.organs[own].pk == organ.pk and bool({*roles} & {*held})

    def may_take(self, name: str, role: str, case: RepairCase) -> bool:
        """Whether a step that the table gives to a role is for this person."""
        if role == "system":
            return name == SYSTEM
        if role == "applicant":
            return self.fills_in(name, case)
        return self.is_of(name, case.organ, role)

    def fills_in(self, name: str, case: RepairCase) -> bool:
        """Whether somebody takes the applicant's part: who came on paper is entered by acceptors, alone until it is filed."""
        reception = case.filing.reception
        if name in STAFF:
            return reception is not None and self.is_of(name, reception.organ, "intake")
        return self.acts_for(name, case.record) and (reception is None or case.status != "draft")

    def are_alike(self, name: str, other: str) -> bool:
        """Whether two officers have a post in common."""
        (organ, roles), (others, held) = STAFF.get(name, ("", ())), STAFF.get(other, ("", ()))
        return organ == others and bool({*roles} & {*held})

    def acts_for(self, name: str, record: DishonestyRecord) -> bool:
        subjects = {kept.subject_id: owner for kept, owner in zip(self.records, self.owners, strict=True)}
        return APPLICANTS.get(name) == subjects[record.subject_id]


def build() -> World:
    """In a transaction."""
    world = World()
    _adopt_deeming()
    for serial, (code, (name, kind, region)) in enumerate(ORGANS.items(), 1):
        world.organs[code] = Organ.objects.create(
            code=code, name=name, document_prefix=f"{code}信修", kind=kind, level=Organ.Level.CITY, region=region,
            uscc=make_uscc("11", region, serial), remedies="可以申请行政复议，也可以提起行政诉讼。",
        )  # fmt: skip
    for name, (organ, roles) in STAFF.items():
        world.people[name] = make_user(f"{name}@example.com", name, world.organs[organ], *roles)
    User.objects.filter(pk=world.people["gone"].pk).update(is_active=False)
    subjects = {
        name: Subject.objects.create(
            kind=Subject.Kind.ORGANISATION, name=f"南京{name}有限公司", uscc=make_uscc("91", "320100", serial),
            legal_representative="陈示例", address="南京市示例路1号",
        )
        for serial, name in enumerate(("acme", "beta"), 7)
    }  # fmt: skip
    for name, subject in APPLICANTS.items():
        # Of the name of the representative, whose commitment they sign.
        world.people[name] = user = make_user(f"{name}@example.com", "陈示例")
        if subject:
            Claim.objects.create(
                user=user, subject=subjects[subject], status=Claim.Status.VERIFIED, made_at=BEGINS
            )
    for number, (owner, severity) in enumerate(
        [("acme", "general"), ("acme", "serious"), ("beta", "general"), ("beta", "general")], 1
    ):
        world.owners.append(owner)
        world.records.append(
            make_record(
                subjects[owner], world.organs["unit"], document_number=f"宁市监处罚〔2026〕{number}号",
                severity=severity, decided_on=date(2026, 3, 2),
            )
        )  # fmt: skip
    return world


def _adopt_deeming() -> None:
    """The province adopts a policy in which silence is acceptance: what is left lying from then on is accepted by law."""
    province = Organ.objects.create(
        code="province", name="江苏省发展和改革委员会", document_prefix="苏发改信", region="320000",
        kind=Organ.Kind.CREDIT_MANAGEMENT, level=Organ.Level.PROVINCE, uscc=make_uscc("11", "320000", 1),
    )  # fmt: skip
    zheng, feng = (
        make_user(f"{name}@example.com", name, province, "supervisor") for name in ("zheng", "feng")
    )
    policy = read_policy(
        policy_text(
            ('on_missed_correction_notice = "escalate"', 'on_missed_correction_notice = "deemed_accepted"'),
            ("2027-01-01", DEEMED_FROM.isoformat()),
        )
    )
    adoption = propose_adoption(policy=policy, starts_on=DEEMED_FROM, replay={}, actor=zheng, at=ADOPTED)
    approve_adoption(adoption=adoption, actor=feng, at=ADOPTED)


_BLANK = pdf().read()
_numbers = iter(range(10**9))


def paper(name: str = "证明.pdf") -> Inspected:
    """With its own bytes, made in no time."""
    return Inspected(name, _BLANK + b"\n%%%d" % next(_numbers), PDF, pages=1)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done meanwhile never was."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def words(error: Exception) -> str:
    """What somebody who is refused reads."""
    said: Any = getattr(error, "problems", None) or getattr(error, "messages", None) or [str(error)]
    return "".join(str(each) for each in said)
