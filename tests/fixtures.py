"""The people and organs of the tests. Each is a function, so that a test names just whom it needs.

alice applies for Acme; bob acts for Acme too; charlie is a stranger. Of the market bureau of Nanjing: wang
takes in, li examines, zhao approves. qian examines and approves at the credit bureau, sun supervises.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from applications.accounts.models import Role, StaffRole, User
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord, Obligation
from applications.subjects.models import Claim, Subject
from credit_repair.celery import app as celery_app
from tests.papers import examined_once

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "correct horse battery"
TODAY = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _time_stands_still() -> Iterator[None]:
    """It is Monday, 23 November 2026, 10:00, whatever the day and however slow the machine.

    A test with another day travels there. Tests that meet other processes live in the machine's time, as those
    do: their folder overrides this fixture.
    """
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path):
    """Files that a test stores go where pytest cleans up, and no test sees another's rate limits."""
    from django.core.cache import cache

    settings.MEDIA_ROOT = tmp_path / "files"
    # Files of signed heads among them.
    settings.DATA_DIR = tmp_path
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _nothing_waits_for_the_disk() -> Iterator[None]:
    """What outlives no test need not survive a power cut: a case keeps several files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(autouse=True)
def _a_paper_is_examined_once(request) -> Iterator[None]:
    """Hundreds of tests upload the same papers. Where the examining itself is tried (tests/files, and
    tests/accounts/test_examining.py), a process looks at each every time."""
    if "examining" in request.path.name or request.path.parent.name == "files":
        yield
    else:
        with examined_once():
            yield


@pytest.fixture(autouse=True, scope="session")
def _flush_passes_append_only_tables() -> Iterator[None]:
    """A test with real transactions ends by emptying every table, also those whose rows may never go."""
    from django.db import connection

    operations = type(connection.ops)
    flush = operations.sql_flush

    def flush_everything(self, style, tables, **options):
        if connection.vendor == "postgresql":
            # To truncate all of some hundred tables takes a second, and most of them are empty.
            filled = " UNION ALL ".join(f"SELECT '{each}' WHERE EXISTS (TABLE \"{each}\")" for each in tables)
            with connection.cursor() as cursor:
                cursor.execute(filled)
                statements = [f'DELETE FROM "{name}"' for (name,) in cursor.fetchall()]
            off, on = ["SET session_replication_role = replica"], ["SET session_replication_role = DEFAULT"]
        else:
            statements = flush(self, style, tables, **options)
            with connection.cursor() as cursor:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                triggers = cursor.fetchall()
            off, on = [f'DROP TRIGGER "{name}"' for name, _ in triggers], [sql for _, sql in triggers]
        return [*off, *statements, *on] if statements else statements

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", flush_everything)
        yield


def moment(text: str) -> datetime:
    """An aware moment in Shanghai: moment("2026-11-20 10:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def make_user(email: str, name: str, organ: Organ | None = None, *roles: str) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, organ=organ, is_staff=organ is not None)
    user.emailaddress_set.create(email=email, verified=True, primary=True)
    for role in roles:
        StaffRole.objects.create(user=user, role=role)
    return user


@pytest.fixture
def market_bureau(db) -> Organ:
    return Organ.objects.create(
        code="nj-scjg",
        name="南京市市场监督管理局",
        document_prefix="宁市监信修",
        kind=Organ.Kind.IDENTIFYING_UNIT,
        level=Organ.Level.CITY,
        region="320100",
        uscc="11320100MB1886843H",
        phone="025-00000001",
        remedies="不服本决定的，可以自知道之日起60日内申请行政复议，也可以在6个月内提起行政诉讼。",
    )


@pytest.fixture
def ecology_bureau(db) -> Organ:
    return Organ.objects.create(
        code="sz-sthj",
        name="苏州市生态环境局",
        document_prefix="苏环信修",
        kind=Organ.Kind.IDENTIFYING_UNIT,
        level=Organ.Level.CITY,
        region="320500",
        uscc="11320500000000001A",
    )


@pytest.fixture
def credit_bureau(db) -> Organ:
    return Organ.objects.create(
        code="nj-xyzx",
        name="南京市公共信用信息中心",
        document_prefix="宁信中心信修",
        kind=Organ.Kind.CREDIT_BUREAU,
        level=Organ.Level.CITY,
        region="320100",
        uscc="12320100000000002B",
        phone="025-00000002",
    )


@pytest.fixture
def credit_department(db) -> Organ:
    return Organ.objects.create(
        code="nj-fgw",
        name="南京市发展和改革委员会",
        document_prefix="宁发改信",
        kind=Organ.Kind.CREDIT_MANAGEMENT,
        level=Organ.Level.CITY,
        region="320100",
        uscc="11320100000000003C",
    )


@pytest.fixture
def province_department(db) -> Organ:
    """It decides about notices of the State Council and about policies."""
    return Organ.objects.create(
        code="js-fgw",
        name="江苏省发展和改革委员会",
        document_prefix="苏发改信",
        kind=Organ.Kind.CREDIT_MANAGEMENT,
        level=Organ.Level.PROVINCE,
        region="320000",
        uscc="11320000000000004D",
    )


@pytest.fixture
def suzhou_department(db) -> Organ:
    return Organ.objects.create(
        code="sz-fgw",
        name="苏州市发展和改革委员会",
        document_prefix="苏州发改信",
        kind=Organ.Kind.CREDIT_MANAGEMENT,
        level=Organ.Level.CITY,
        region="320500",
        uscc="11320500000000005E",
    )


@pytest.fixture
def wang(market_bureau) -> User:
    return make_user("wang@example.com", "王受理", market_bureau, Role.INTAKE)


@pytest.fixture
def li(market_bureau) -> User:
    return make_user("li@example.com", "李审查", market_bureau, Role.REVIEWER)


@pytest.fixture
def zhao(market_bureau) -> User:
    return make_user("zhao@example.com", "赵审批", market_bureau, Role.APPROVER, Role.SUPERVISOR)


@pytest.fixture
def second_approver(market_bureau) -> User:
    return make_user("zhou@example.com", "周审批", market_bureau, Role.APPROVER)


@pytest.fixture
def qian(credit_bureau) -> User:
    return make_user(
        "qian@example.com", "钱信用", credit_bureau, Role.INTAKE, Role.REVIEWER, Role.REPORT_OFFICER
    )


@pytest.fixture
def sun(credit_department) -> User:
    return make_user("sun@example.com", "孙监督", credit_department, Role.SUPERVISOR)


@pytest.fixture
def zheng(province_department) -> User:
    """Supervises for the province, as feng does: one proposes and one approves."""
    return make_user("zheng@example.com", "郑省级", province_department, Role.SUPERVISOR)


@pytest.fixture
def feng(province_department) -> User:
    return make_user("feng@example.com", "冯省级", province_department, Role.SUPERVISOR)


@pytest.fixture
def outsider(ecology_bureau) -> User:
    """An officer of another unit, with every role there."""
    return make_user(
        "wu@example.com",
        "吴外单位",
        ecology_bureau,
        Role.INTAKE,
        Role.REVIEWER,
        Role.APPROVER,
        Role.SUPERVISOR,
    )


@pytest.fixture
def acme(db) -> Subject:
    return Subject.objects.create(
        kind=Subject.Kind.ORGANISATION,
        name="南京示例食品有限公司",
        uscc="91350100M000100Y43",
        legal_representative="陈示例",
        address="南京市玄武区示例路1号",
    )


@pytest.fixture
def alice(acme) -> User:
    user = make_user("alice@example.com", "陈示例")
    Claim.objects.create(
        user=user,
        subject=acme,
        capacity="representative",
        status=Claim.Status.VERIFIED,
        made_at=moment("2026-01-05 09:00"),
    )
    return user


@pytest.fixture
def bob(acme) -> User:
    user = make_user("bob@example.com", "鲍经办")
    Claim.objects.create(
        user=user,
        subject=acme,
        capacity="employee",
        status=Claim.Status.VERIFIED,
        made_at=moment("2026-01-06 09:00"),
    )
    return user


@pytest.fixture
def charlie(db) -> User:
    return make_user("charlie@example.com", "查路人")


def make_record(
    subject: Subject,
    unit: Organ,
    *,
    document_number: str = "宁市监处罚〔2026〕15号",
    decided_on: date = date(2026, 5, 1),
    severity: str = "general",
    penalties: tuple[str, ...] = ("fine",),
    obligations: tuple[str, ...] = ("罚款",),
    **fields: object,
) -> DishonestyRecord:
    record = DishonestyRecord.objects.create(
        subject=subject,
        identifying_unit=unit,
        region=unit.region,
        severity=severity,
        document_number=document_number,
        violation_type="违反食品标签管理规定",
        facts="标签未标明生产日期。",
        legal_basis="《中华人民共和国食品安全法》第一百二十五条",
        penalties=list(penalties),
        penalty_content="罚款5000元",
        fine_amount="0.5",
        decided_on=decided_on,
        identified_on=decided_on,
        publicity_until=date(
            decided_on.year + (1 if severity == "general" else 3), decided_on.month, decided_on.day
        ),
        penalising_organ=unit.name,
        penalising_organ_uscc=unit.uscc,
        source_organ=unit.name,
        source_organ_uscc=unit.uscc,
        **fields,
    )
    for name in obligations:
        Obligation.objects.create(record=record, name=name)
    return record


@pytest.fixture
def general_record(acme, market_bureau) -> DishonestyRecord:
    """A general record of 2026-05-01: repairable from 2026-08-02, in publicity through 2027-05-01."""
    return make_record(acme, market_bureau)


@pytest.fixture
def serious_record(acme, market_bureau) -> DishonestyRecord:
    """A serious record of 2026-03-02: repairable from 2026-09-03."""
    return make_record(
        acme,
        market_bureau,
        document_number="宁市监处罚〔2026〕7号",
        decided_on=date(2026, 3, 2),
        severity="serious",
    )


@dataclass
class Broker:
    """What was sent over the broker: (task, arguments). ``down`` is the error that it answers with."""

    nudges: list[tuple[str, list[str]]]
    down: Exception | None = None


@pytest.fixture
def broker(monkeypatch) -> Broker:
    """A broker of whose nudges a test hears."""
    heard = Broker([])

    def send_task(name: str, args: Sequence[str] = (), **options: object) -> None:
        if heard.down:
            raise heard.down
        heard.nudges.append((name, list(args)))

    monkeypatch.setattr(celery_app, "send_task", send_task)
    return heard


@pytest.fixture
def shen(province_department) -> User:
    """A supervisor of the province's department."""
    return make_user("shen@example.com", "沈复核", province_department, Role.SUPERVISOR)


@pytest.fixture
def yuan(province_department) -> User:
    """The province's second supervisor."""
    return make_user("yuan@example.com", "袁复核", province_department, Role.SUPERVISOR)


@pytest.fixture
def ling(credit_department) -> User:
    """The second supervisor of the department of Nanjing."""
    return make_user("ling@example.com", "凌复核", credit_department, Role.SUPERVISOR)


@pytest.fixture
def xu(suzhou_department) -> User:
    """A supervisor of the department of Suzhou."""
    return make_user("xu@example.com", "徐苏州", suzhou_department, Role.SUPERVISOR)
