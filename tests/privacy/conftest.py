"""One natural person about whom everything there is exists, and every address at which any of it might be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
import time_machine
from django.contrib import admin
from django.urls import URLResolver, get_resolver

from applications.accounts.models import Role, User
from applications.commitments.models import SigningWay
from applications.documents.models import Document
from applications.files.services import store_upload
from applications.objections import services as evidence
from applications.objections import steps as objections
from applications.organs.models import Organ
from applications.records.services import import_records
from applications.repairs import services, steps
from applications.repairs.models import MaterialKind
from applications.reports.services import issue_report
from applications.subjects.identity import identity_digest
from applications.subjects.models import Claim, Subject
from applications.subjects.services import claim_subject
from tests.fixtures import make_record, make_user, moment
from tests.records.files import as_csv
from tests.records.files import person as person_row
from tests.repairs.steps import all_confirmed, open_papers, paper, pdf

NUMBER = "11010519491231002X"
# What must not be read without a trace; none of it is an officer's.
SECRETS = ("周示安", "1101**********002X", NUMBER, "示例路9号", "吕代办", "13912345678", "lv@example.com")
# What officers see masked.
MASKED = PHONE, EMAIL, HOME, NUMBER = "13912345678", "lv@example.com", "示例路9号", NUMBER


@pytest.fixture
def today():
    with time_machine.travel(moment("2026-11-27 14:00"), tick=False):
        yield


class World(NamedTuple):
    officers: dict[str, User]
    agent: User
    arguments: dict[str, Any]
    objects: dict[type, Any]


@pytest.fixture
def world(
    today, market_bureau, credit_bureau, credit_department, wang, li, zhao, second_approver, qian, sun
) -> World:
    subject = Subject.objects.create(
        kind=Subject.Kind.NATURAL_PERSON,
        name="周示安",
        identity_type="resident_id",
        identity_number=NUMBER,
        identity_digest=identity_digest("resident_id", NUMBER),
        address="南京市示例路9号",
    )
    agent = make_user("lv@example.com", "吕代办")
    Claim.objects.create(
        user=agent, subject=subject, status=Claim.Status.VERIFIED, made_at=moment("2026-11-01 09:00")
    )
    record = make_record(subject, market_bureau)
    case = _objected(record, market_bureau, agent, wang, li, zhao)
    claim_subject(
        user=agent,
        kind=Subject.Kind.ORGANISATION,
        capacity="employee",
        at=moment("2026-11-27 11:00"),
        code="91350100M000100Y43",
        name="南京示例食品有限公司",
        proof=store_upload(upload=paper("授权书.pdf"), user=agent, at=moment("2026-11-27 11:00")),
    )
    batch, _new = import_records(
        content=as_csv(person_row(失信严重程度="较重")),
        file_name="市监.csv",
        organ=market_bureau,
        at=moment("2026-11-27 11:00"),
        actor=wang,
    )
    report = issue_report(
        subject=subject,
        variant="repair",
        organ=credit_bureau,
        purpose="申请信用修复",
        actor=qian,
        at=moment("2026-11-27 12:00"),
    )
    claim = Claim.objects.exclude(proof=None).get()
    objects = {type(each): each for each in (record, case, case.objection, subject, claim, batch, report)}
    keepers = {
        "auditor": make_user("feng@example.com", "冯审计", credit_bureau, Role.AUDIT_ADMIN),
        "security": make_user("an@example.com", "安保密", credit_bureau, Role.SECURITY_ADMIN),
        "system": make_user("ke@example.com", "柯系统", credit_bureau, Role.SYSTEM_ADMIN),
    }
    officers = {
        "wang": wang, "li": li, "zhao": zhao, "other": second_approver, "qian": qian, "sun": sun, **keepers,
    }  # fmt: skip
    arguments = {
        "day": "2026-12-02",
        "number": case.number,
        "record_id": record.pk,
        "subject_id": subject.pk,
        "file_id": claim.proof_id,
        "document_id": Document.objects.get(about=case.number, number=case.decision_number).pk,
        "material_id": case.materials.first().pk,
        "evidence_id": case.objection_evidence.get().pk,
        "code": Document.objects.get(about=case.number, number=case.decision_number).verification_code,
        "kind": "identity",
        "action": "accept",
        "shown": "open",
        "state": "open",
        "slug": "severity",
        "content_type_id": 1,
        "app_label": "repairs",
        "uidb36": "1",
        "key": "x",
        "url": "nowhere",
    }
    return World(officers, agent, arguments, objects)


def _objected(record, organ: Organ, agent: User, intake: User, reviewer: User, approver: User):
    at = moment("2026-11-20 09:00")
    case = services.start_case(record=record, organ=organ, applicant=agent, at=at)
    services.save_contact(case=case, name="吕代办", phone="13912345678", actor=agent, at=at)
    services.save_fulfilment(
        case=case,
        corrected_on=date(2026, 6, 1),
        fulfilled={duty.pk: date(2026, 6, 1) for duty in case.obligations.all()},
        actor=agent,
        at=at,
    )
    for kind in (MaterialKind.IDENTITY, MaterialKind.FULFILMENT, MaterialKind.AUTHORISATION):
        services.add_material(case=case, kind=kind, upload=paper(f"{kind.label}.pdf"), actor=agent, at=at)
    services.sign_commitment(
        case=case,
        signatory="吕代办",
        publication_consent=True,
        actor=agent,
        at=at,
        how=SigningWay.AGENT,
    )
    steps.submit_case(case=case, actor=agent, at=moment("2026-11-20 10:00"))
    steps.accept_case(case=case, actor=intake, at=moment("2026-11-23 10:00"))
    checklist = all_confirmed(case, obligations_fulfilled="缴款凭证金额与决定书不符。")
    open_papers(case, reviewer)
    steps.review_case(case=case, checklist=checklist, actor=reviewer, at=moment("2026-11-24 10:00"))
    case.refresh_from_db()
    case = steps.refuse_case(case=case, actor=approver, at=moment("2026-11-25 10:00"))
    evidence.keep_evidence(case=case, upload=pdf("银行回单.pdf"), actor=agent, at=moment("2026-11-27 10:00"))
    objections.file_objection(
        case=case,
        disputed=["obligations_fulfilled"],
        grounds="罚款已于6月1日全额缴清。",
        actor=agent,
        at=moment("2026-11-27 10:00"),
    )
    case.refresh_from_db()
    return case


class Page(NamedTuple):
    name: str
    # With the parts that stand for something, as the pattern names them: "a/<slug:number>/".
    route: str


def pages(resolver: Any = None, prefix: str = "", space: str = "") -> Iterator[Page]:
    """Every URL pattern of the portal under the name that reverse() knows, nameless ones under their route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from pages(pattern, route, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield Page(f"{space}{pattern.name}" if pattern.name else route, route)


_PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^\]]*\]|[^()])*\)")


def address(page: Page, world: World) -> str:
    """The page's address with what there is in the world: in an admin's, its own objects."""
    prefix = re.match(r"admin/(\w+)/(\w+)/", page.route)
    model = next(
        (
            each
            for each in admin.site._registry
            if prefix and each._meta.label_lower == ".".join(prefix.groups())
        ),
        None,
    )

    def part(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if model and name not in ("subject_id", "action", "item_id"):
            obj = world.objects.get(model) or model._default_manager.order_by("pk").first()
            return str(obj.pk) if obj else "1"
        return str(world.arguments.get(name, 1))

    return "/" + _PART.sub(part, page.route).replace("^", "").replace("$", "").replace("//", "/")
