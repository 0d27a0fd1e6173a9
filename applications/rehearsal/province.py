"""The people, organs and records of a rehearsal: thirteen cities, each with two units, a bureau, a department."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from stdnum.cn import uscc

from applications.accounts.models import Role, StaffRole, User
from applications.organs import regions
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord, Obligation
from applications.rehearsal.drafts import write_drafts
from applications.rehearsal.journal import Post
from applications.rehearsal.people import Lots, moment
from applications.repairs.models import RepairCase
from applications.sharing.destinations import register_destination
from applications.subjects.models import Claim, Subject

TRADES = (("scjg", "市场监督管理局"), ("sthj", "生态环境局"))
STAFF: tuple[tuple[str, ...], ...] = (
    (Role.INTAKE,),
    (Role.REVIEWER,),
    (Role.APPROVER,),
    (Role.APPROVER,),
    (Role.SUPERVISOR,),
)
SERIOUS_SHARE = 0.15
BUREAU_SHARE = 0.25


@dataclass
class Plot:
    """An application that lacks nothing, and when it will be filed."""

    case: RepairCase
    filed_at: datetime


@dataclass
class Province:
    cities: list[str]
    organs: list[Organ]
    # (organ id, role) → its officers.
    officers: dict[tuple[int, str], list[User]]
    # Two supervisors of the province's department: one proposes what the other puts into effect.
    proposer: User
    approver: User
    system_admin: User
    plots: list[Plot]

    def posts(self) -> dict[int, Post]:
        """Who is to be told about the clocks of each organ."""
        departments = {
            organ.region: frozenset(user.pk for user in self.officers[organ.pk, Role.SUPERVISOR])
            for organ in self.organs
            if organ.kind == Organ.Kind.CREDIT_MANAGEMENT
        }
        return {
            organ.pk: Post(
                organ.region,
                {
                    role: frozenset(user.pk for user in self.officers.get((organ.pk, role), []))
                    for role in Role.values
                },
                departments[organ.region],
            )
            for organ in self.organs
        }


@transaction.atomic
def set_up_province(*, cities: list[str], first_day: date, days: int, cases: int, lots: Lots) -> Province:
    """Write organs, officers, and an applicant with a repairable record for every case."""
    organs = Organ.objects.bulk_create(_organs(cities))
    officers = _officers(organs, first_day)
    top = next(organ for organ in organs if organ.level == Organ.Level.PROVINCE)
    proposer, approver = officers[top.pk, Role.SUPERVISOR]
    (system_admin,) = officers[top.pk, Role.SYSTEM_ADMIN]
    register_destination(
        name="演练共享平台",
        region=regions.PROVINCE,
        address="http://platform.rehearsal.invalid",
        key="rehearsal",
        at=moment(first_day, timedelta(0)),
    )
    plots = _plots(organs, first_day, days, cases, lots)
    return Province(cities, organs, officers, proposer, approver, system_admin, plots)


def _code(kind: str, region: str, serial: int) -> str:
    body = f"{kind}{region}{serial:09d}"
    return body + uscc.calc_check_digit(body)


def _organs(cities: list[str]) -> list[Organ]:
    organs = [
        _organ(
            "js-fgw", "江苏省发展和改革委员会", "苏发改信", Organ.Kind.CREDIT_MANAGEMENT, regions.PROVINCE, 1
        )
    ]
    for city, region in enumerate(cities):
        name = regions.name(region)
        for number, (trade, title) in enumerate(TRADES):
            organs.append(
                _organ(
                    f"{trade}-{region}",
                    name + title,
                    f"{name[:2]}{trade}",
                    Organ.Kind.IDENTIFYING_UNIT,
                    region,
                    10 + 10 * city + number,
                )
            )
        organs += [
            _organ(
                f"xyzx-{region}", f"{name}公共信用信息中心", f"{name[:2]}信中心", Organ.Kind.CREDIT_BUREAU, region,
                10 + 10 * city + 8,
            ),
            _organ(
                f"fgw-{region}", f"{name}发展和改革委员会", f"{name[:2]}发改", Organ.Kind.CREDIT_MANAGEMENT, region,
                10 + 10 * city + 9,
            ),
        ]  # fmt: skip
    return organs


def _organ(code: str, name: str, prefix: str, kind: str, region: str, serial: int) -> Organ:
    level = Organ.Level.PROVINCE if region == regions.PROVINCE else Organ.Level.CITY
    return Organ(
        code=code,
        name=name,
        document_prefix=prefix,
        kind=kind,
        level=level,
        region=region,
        uscc=_code("11", region, serial),
    )


def _officers(organs: list[Organ], first_day: date) -> dict[tuple[int, str], list[User]]:
    posts: list[tuple[Organ, tuple[str, ...]]] = []
    for organ in organs:
        if organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
            posts += [(organ, (Role.SUPERVISOR,))] * (2 if organ.level == Organ.Level.PROVINCE else 1)
        else:
            posts += [(organ, roles) for roles in STAFF]
        if organ.level == Organ.Level.PROVINCE:
            posts.append((organ, (Role.SYSTEM_ADMIN,)))
    # Nobody signs in to a rehearsal.
    locked, joined = make_password(None), moment(first_day, timedelta(0))
    users = User.objects.bulk_create(
        User(
            email=f"officer{number}@rehearsal.invalid",
            name=f"{organ.name}{number}",
            organ=organ,
            is_staff=True,
            password=locked,
            date_joined=joined,
        )
        for number, (organ, _) in enumerate(posts)
    )
    StaffRole.objects.bulk_create(
        StaffRole(user=user, role=role)
        for user, (_, roles) in zip(users, posts, strict=True)
        for role in roles
    )
    found: dict[tuple[int, str], list[User]] = {}
    for user, (organ, roles) in zip(users, posts, strict=True):
        for role in roles:
            found.setdefault((organ.pk, role), []).append(user)
    return found


def _plots(organs: list[Organ], first_day: date, days: int, cases: int, lots: Lots) -> list[Plot]:
    units = [organ for organ in organs if organ.kind == Organ.Kind.IDENTIFYING_UNIT]
    bureaus = {organ.region: organ for organ in organs if organ.kind == Organ.Kind.CREDIT_BUREAU}
    locked, joined = make_password(None), moment(first_day, timedelta(0))
    users = User.objects.bulk_create(
        User(
            email=f"applicant{number}@rehearsal.invalid",
            name=f"经办人{number}",
            phone="0000-00000000",
            password=locked,
            date_joined=joined,
        )
        for number in range(cases)
    )
    subjects = Subject.objects.bulk_create(
        Subject(
            kind=Subject.Kind.ORGANISATION,
            name=f"演练企业{number}有限公司",
            uscc=_code("91", regions.PROVINCE, number + 1),
            legal_representative=f"法人{number}",
        )
        for number in range(cases)
    )
    Claim.objects.bulk_create(
        Claim(user=user, subject=subject, status=Claim.Status.VERIFIED, made_at=joined, decided_at=joined)
        for user, subject in zip(users, subjects, strict=True)
    )
    filed = [
        moment(first_day + timedelta(days=lots.pick(0, days - 1)), lots.waking_hour()) for _ in range(cases)
    ]
    records = DishonestyRecord.objects.bulk_create(
        _record(number, subject, units[lots.pick(0, len(units) - 1)], at.date(), lots)
        for number, (subject, at) in enumerate(zip(subjects, filed, strict=True))
    )
    Obligation.objects.bulk_create(Obligation(record=record, name="罚款") for record in records)
    wishes = [
        (user, record, bureaus[record.region] if lots.happens(BUREAU_SHARE) else record.identifying_unit)
        for user, record in zip(users, records, strict=True)
    ]
    drafts = write_drafts(wishes=wishes, at=joined)
    return [Plot(case, at) for case, at in zip(drafts, filed, strict=True)]


def _record(number: int, subject: Subject, unit: Organ, filed_on: date, lots: Lots) -> DishonestyRecord:
    """A record that can be repaired on the day of filing, and whose publicity outlasts any delay."""
    serious = lots.happens(SERIOUS_SHARE)
    decided_on = filed_on - timedelta(days=lots.pick(200, 400) if serious else lots.pick(100, 160))
    return DishonestyRecord(
        subject=subject,
        identifying_unit=unit,
        region=unit.region,
        severity="serious" if serious else "general",
        document_number=f"演练处罚〔{decided_on.year}〕{number}号",
        violation_type="违反标签管理规定",
        facts="标签未标明生产日期。",
        legal_basis="《中华人民共和国食品安全法》第一百二十五条",
        penalties=["fine"],
        penalty_content="罚款5000元",
        fine_amount="0.5",
        decided_on=decided_on,
        identified_on=decided_on,
        publicity_until=decided_on + timedelta(days=3 * 365 if serious else 365),
        penalising_organ=unit.name,
        penalising_organ_uscc=unit.uscc,
        source_organ=unit.name,
        source_organ_uscc=unit.uscc,
    )
