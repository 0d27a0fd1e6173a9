"""Two places that know nothing of each other, with the same organs, people, cases and papers in each.

What is private in a place bears the place's mark, so that whoever reads an answer can tell whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from allauth.mfa.models import Authenticator

from applications.accounts.models import Absence, Role, TypedText, User
from applications.accounts.resets import propose_reset
from applications.calendars.services import propose_closure
from applications.deadlines.models import Deadline, Escalation
from applications.documents.models import Document
from applications.documents.remedies import propose_remedies
from applications.documents.services import render_document
from applications.files.models import PagePicture
from applications.files.services import store_content
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.notifications.services import notify
from applications.objections.services import keep_evidence
from applications.objections.steps import file_objection
from applications.organs.models import Organ
from applications.policies import services as policies
from applications.records.models import ImportBatch, ImportRun
from applications.records.services import write_record
from applications.records.services.objections import object_to_information
from applications.records.services.source import propose_act
from applications.repairs import steps as repair_steps
from applications.repairs.services.inquiries import answer_inquiry, ask_unit, items_of
from applications.repairs.services.signing_links import make_link
from applications.repairs.steps import Defect
from applications.reports.services import issue_report
from applications.sample.codes import make_uscc
from applications.sharing.destinations import propose_destination
from applications.sharing.models import Delivery
from applications.subjects.changing import record_subject_change
from applications.subjects.models import Claim, CodeConfirmation, Subject
from applications.subjects.services import claim_subject, record_proof_reading
from tests.fixtures import make_record, make_user, moment
from tests.isolation.of_province import global_things
from tests.isolation.promising import promise_and_ask
from tests.isolation.receiving import received_things
from tests.isolation.sealing import seals
from tests.isolation.sittings import sittings
from tests.isolation.training_things import READERS, training_things
from tests.opening import answer_objection, approve_act, open_evidence, read_evidence
from tests.repairs import steps

NOW = moment("2026-11-27 10:00")
ROLES = [role.value for role in Role]
# Every role in a unit and in a bureau; in a department those that mean something there, and one that does not.
ROLES_IN = {"unit": ROLES, "bureau": ROLES, "department": ["supervisor", "intake"]}
KINDS = {
    "unit": Organ.Kind.IDENTIFYING_UNIT,
    "bureau": Organ.Kind.CREDIT_BUREAU,
    "department": Organ.Kind.CREDIT_MANAGEMENT,
}
DEFECT = {"material_kind": "licence", "defect": "没有盖章", "requirement": "请盖章"}


@dataclass
class Place:
    """``mark`` stands in every name and word that is nobody else's business. Objects by what they are."""

    mark: str
    region: str
    code: str
    organs: dict[str, Organ] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["things"][name]
        except KeyError:
            raise AttributeError(name) from None

    def markers(self) -> frozenset[str]:
        """The mark, and the numbers and codes that name a case, a document or a file of the place."""
        cases = [value for name, value in self.things.items() if name.startswith("case_")]
        found = {self.mark, *(case.number for case in cases)}
        about = [case.number for case in cases]
        for document in Document.objects.filter(about__in=about):
            found |= {document.number, str(document.pk), document.verification_code}
        found |= {self.report.number, self.report.document.verification_code, str(self.report.document_id)}
        found |= {person.email for person in self.people.values() if not person.is_staff}
        return frozenset(found)


@dataclass
class World:
    near: Place
    far: Place
    # Which place a person belongs to, the province's and nobody's people among them.
    people: dict[str, User]
    things: dict[str, Any]


def build() -> World:
    """Both places, and the province above them. Call it on NOW, in a transaction."""
    near, far = Place("甲密印", "320100", "nj"), Place("乙密印", "320500", "sz")
    province = Organ.objects.create(
        code="js-fgw", name="江苏省发展和改革委员会", document_prefix="苏发改信", region="320000",
        kind=Organ.Kind.CREDIT_MANAGEMENT, level=Organ.Level.PROVINCE, uscc=make_uscc("11", "320000", 1),
    )  # fmt: skip
    proposer = make_user("proposer@example.com", "提议", province, Role.SUPERVISOR)
    for place in (near, far):
        _settle(place)
        _fill(place, proposer)
    people = {
        "province.supervisor": make_user("province@example.com", "省级负责人", province, Role.SUPERVISOR),
        "superuser": _superuser("root@example.com", near.organs["unit"]),
        "superuser without organ": _superuser("root2@example.com", None),
        "stranger": far.people["owner"],
        **near.people,
    }
    for place in (near, far):
        read_evidence(place.finding, reader=people["province.supervisor"], at=NOW)
    return World(near, far, people, global_things(proposer, _paper("名单.csv", proposer), NOW))


def _superuser(email: str, organ: Organ | None) -> User:
    user = make_user(email, "超级用户", organ)
    user.is_staff = user.is_superuser = True
    user.save()
    return user


def _settle(place: Place) -> None:
    for serial, (kind, value) in enumerate(KINDS.items(), 1):
        place.organs[kind] = organ = Organ.objects.create(
            code=f"{place.code}-{kind}", name=f"{place.region}{value.label}", document_prefix=f"{place.code}{kind}",
            kind=value, level=Organ.Level.CITY, region=place.region, uscc=make_uscc("11", place.region, serial),
        )  # fmt: skip
        for role in ROLES_IN[kind]:
            name = f"{kind}.{role}"
            place.people[name] = make_user(f"{name}@{place.code}.example.com", name, organ, role)
    unit = place.organs["unit"]
    # Decides the cases, so that the approver among the people of the matrix may handle an objection.
    place.things["decider"] = make_user(f"decider@{place.code}.example.com", "审批二", unit, Role.APPROVER)
    place.things["closer"] = make_user(
        f"closer@{place.code}.example.com", "提议二", place.organs["department"], Role.SUPERVISOR
    )
    subject = Subject.objects.create(
        kind=Subject.Kind.ORGANISATION, name=f"{place.mark}食品有限公司", uscc=make_uscc("91", place.region, 7),
        legal_representative="陈示例", address=f"{place.mark}路1号",
    )  # fmt: skip
    place.things["subject"] = subject
    for name in ("owner", "colleague"):
        place.people[name] = user = make_user(f"{name}@{place.code}.example.com", "陈示例")
        place.things[f"{name}_claim"] = Claim.objects.create(
            user=user, subject=subject, capacity="representative" if name == "owner" else "employee",
            status=Claim.Status.VERIFIED, made_at=moment("2026-01-05 09:00"),
        )  # fmt: skip
    place.people["claimant"] = make_user(f"claimant@{place.code}.example.com", "任认领")


def _fill(place: Place, proposer: User) -> None:
    unit, owner, mark, things = place.organs["unit"], place.people["owner"], place.mark, place.things
    intake, reviewer = place.people["unit.intake"], place.people["unit.reviewer"]
    decider = place.decider
    serial = iter(range(1, 100))

    def record(**more: Any) -> Any:
        return make_record(place.subject, unit, document_number=f"{mark}罚〔2026〕{next(serial)}号", **more)

    things["subject_change"] = record_subject_change(
        subject=place.subject, kind="deregister", changed_on=date(2026, 11, 20),
        proof=steps.paper(f"{mark}证明.pdf"), actor=place.people["bureau.intake"], at=NOW,
    )  # fmt: skip
    things["record"], things["young_record"] = record(), record(decided_on=date(2026, 11, 1))
    things["changed_record"], disputed = record(), record()
    things["change"] = write_record(
        record=place.changed_record,
        values={"remarks": f"{mark}备注"},
        verb="record.updated",
        at=NOW,
        actor=intake,
    )
    things["act"] = propose_act(
        record=disputed, kind="revoke", grounds=f"{mark}复议撤销", document=steps.paper(f"{mark}复议.pdf"),
        effective_on=date(2026, 11, 20), actor=intake, at=NOW,
    )  # fmt: skip
    things |= sittings(record, unit, owner)
    things["case_draft"] = steps.prepared(record(), unit, owner)
    things["case_signing"] = steps.prepared(record(), unit, owner)
    link = {"signatory": "陈示例", "email": "", "actor": owner, "at": NOW}
    things["signing_link"] = make_link(case=place.case_signing, **link)
    things["case_serious"] = steps.prepared(
        record(severity="serious", decided_on=date(2026, 3, 2)), unit, owner
    )
    things["case_submitted"] = case = steps.submitted(record(), unit, owner)
    # A second round, whose item asks again for what could have been asked for at once.
    things["case_again"] = _asked_again(steps.submitted(record(), unit, owner), intake, owner)
    things["exception"] = things["case_again"].correction_notices.last().items.get()
    things["case_correcting"] = steps.submitted(record(), unit, owner)
    repair_steps.draft_correction(
        case=place.case_correcting, defects=[Defect(**DEFECT)], actor=intake, at=NOW
    )
    things["case_correcting"] = repair_steps.ask_for_correction(
        case=place.case_correcting, actor=intake, at=NOW
    )
    things["case_accepted"] = steps.accepted(record(), unit, owner, intake)
    # Verdicts are for those who opened the papers.
    steps.open_papers(place.case_accepted, reviewer)
    things["case_reviewed"] = steps.reviewed(steps.accepted(record(), unit, owner, intake), reviewer)
    failing = steps.accepted(record(), unit, owner, intake)
    things["case_failing"] = steps.reviewed(failing, reviewer, obligations_fulfilled=f"{mark}尚欠罚款")
    things["case_granted"] = steps.granted(record(), unit, owner, intake, reviewer, decider)
    things["case_refused"] = steps.refused(record(), unit, owner, intake, reviewer, decider)
    things["revocation"] = repair_steps.propose_revocation(
        case=steps.granted(record(), unit, owner, intake, reviewer, decider), facts=f"{mark}凭证不实",
        statement=f"{mark}没有异议", evidence=steps.paper("复函.pdf"), actor=intake, at=NOW,
    )  # fmt: skip
    asker = place.people["bureau.intake"]
    # These two are the bureau's.
    asked, answered = (steps.accepted(record(), place.organs["bureau"], owner, asker) for _each in range(2))
    things["inquiry"], things["answered_inquiry"] = (
        ask_unit(case=each, question=f"{mark}请核实", actor=asker, at=NOW) for each in (asked, answered)
    )
    things["answered_inquiry"] = answer_inquiry(
        inquiry=things["answered_inquiry"], done=dict.fromkeys(items_of(answered), date(2026, 6, 2)),
        evidence=steps.paper("入库单.pdf"), actor=decider, at=NOW,
    )  # fmt: skip
    things |= received_things(record, mark, intake, reviewer, decider, NOW)
    things["kept"] = keep_evidence(
        case=place.case_refused, upload=steps.pdf(f"{mark}回单.pdf"), actor=owner, at=NOW
    )
    things["case_objecting"] = steps.refused(record(), unit, owner, intake, reviewer, decider)
    keep_evidence(case=place.case_objecting, upload=steps.pdf(f"{mark}证据.pdf"), actor=owner, at=NOW)
    things["objection"] = file_objection(
        case=place.case_objecting, disputed=["obligations_fulfilled"], grounds=f"{mark}已缴清",
        actor=owner, at=NOW,
    )  # fmt: skip
    place.case_objecting.refresh_from_db()
    things["evidence"] = place.objection.evidence.get()
    approver = place.people["unit.approver"]
    steps.open_papers(place.case_objecting, approver, "2026-11-24 09:00", place.evidence.file)
    things["material"] = case.materials.first()
    things["draft_material"] = place.case_draft.materials.first()
    PagePicture.objects.create(file=place.draft_material.file, page=1, jpeg=b"small")
    things["decision"] = Document.objects.get(number=place.case_granted.decision_number)
    render_document(place.decision.pk, at=NOW)
    things["report"] = issue_report(
        subject=place.subject, variant="repair", organ=place.organs["bureau"], purpose=f"{mark}用途",
        actor=place.people["bureau.report_officer"], at=NOW,
    )  # fmt: skip
    render_document(place.report.document_id, at=NOW)
    bureau = {name: place.people[f"bureau.{name}"] for name in READERS}
    things |= training_things(mark, place.subject, owner, bureau, NOW)
    promise_and_ask(place, owner, NOW)
    things["claim"] = claim_subject(
        user=place.people["claimant"], kind=Subject.Kind.ORGANISATION, capacity="employee", name=f"{mark}商贸有限公司",
        code=make_uscc("91", place.region, 8), proof=_paper(f"{mark}执照.pdf", place.people["claimant"]), at=NOW,
    )  # fmt: skip
    for role in ("intake", "reviewer"):
        record_proof_reading(
            claim=place.claim, file=place.claim.proof, actor=place.people[f"bureau.{role}"], at=NOW
        )
    things["failing_code"] = CodeConfirmation.objects.create(
        code=f"91{place.region}MF0001236P", name=f"{mark}老厂", organ=unit, licence=_paper(f"{mark}老照.pdf", intake),
        proposed_by=intake, proposed_at=NOW,
    )  # fmt: skip
    things["absence"] = Absence.objects.create(
        user=intake, cover=place.people["unit.reviewer"], first_on=date(2030, 1, 1), last_on=date(2030, 1, 2),
        made_by=intake, made_at=NOW,
    )  # fmt: skip
    notify(key=f"a-{mark}", recipients=[owner], subject=f"{mark}消息", body=mark, at=NOW)
    things["typed"] = TypedText.objects.create(
        writer=owner, action=f"/{mark}/", pages=[], content=f"{mark}所写", kept_at=NOW
    )
    things["message"] = Message.objects.get(key=f"a-{mark}/{owner.pk}/inbox")
    supervisor = place.people["unit.supervisor"]
    things["rules_in_force"] = policies.confirm_rules(
        rules=_rules(place, 1, supervisor), actor=supervisor, at=NOW
    )
    things["rules_draft"] = _rules(place, 2, supervisor)
    things["batch"] = ImportBatch.objects.create(
        organ=unit, file_name=f"{mark}.csv", sha256=mark, imported_at=NOW, imported_by=intake,
        created=1, updated=0, unchanged=0, rejected=1, errors=_paper(f"{mark}退回.xlsx", intake),
    )  # fmt: skip
    objected = record()
    things["information_objection"] = object_to_information(
        subject=place.subject, record=objected, unit=unit, wanted={"facts": f"{mark}没有"}, grounds=f"{mark}不属实",
        evidence=[steps.paper(f"{mark}决定书.pdf")], actor=owner, at=NOW,
    )  # fmt: skip
    # Nor is anything else decided by who has not opened what it rests on.
    for name, role in (("act", "approver"), ("revocation", "approver"), ("failing_code", "reviewer")):
        read_evidence(things[name], reader=place.people[f"unit.{role}"], at=NOW)
    read_evidence(place.finding, reader=place.people["department.supervisor"], at=NOW)
    open_evidence(place.information_objection, approver, NOW)
    things["answer"] = _answered(record(), unit, owner, decider)
    things["revoked_record"] = _revoked(record(), intake, decider)
    things["batch_of_records"] = ImportBatch.objects.create(
        organ=unit,
        file_name=f"{mark}2.csv",
        sha256=f"{mark}2",
        imported_at=NOW,
        imported_by=intake,
        created=1,
    )
    record(batch=place.batch_of_records)
    things["import_run"], things["ready_run"] = (
        ImportRun.objects.create(
            organ=unit, file_name=f"{mark}长.csv", token="x", requested_by=intake, requested_at=NOW, state=state,
            preview={"created": 1, "doubtful": []},
        )
        for state in (ImportRun.State.WAITING, ImportRun.State.READY)
    )  # fmt: skip
    things["closure"] = propose_closure(
        region=place.region, first_on=date(2026, 12, 1), last_on=date(2026, 12, 2), name="台风",
        document_number="防〔2026〕1号", proposed_by=place.closer, at=NOW,
    )  # fmt: skip
    things["platform"] = propose_destination(
        name="共享平台",
        region=place.region,
        address="https://share.example.cn",
        key="密",
        actor=place.closer,
        at=NOW,
    )
    things["remedies"] = propose_remedies(
        organ=unit, authority="市政府", court="区法院", effective_from=date(2026, 12, 1),
        actor=place.people["unit.system_admin"], at=NOW,
    )  # fmt: skip
    Authenticator.objects.create(user=reviewer, type=Authenticator.Type.TOTP, data={})
    things["reset"] = propose_reset(
        email=reviewer.email, grounds=f"{mark}本人到场", actor=place.people["unit.security_admin"], at=NOW
    )
    things.update(seals(place.decider, supervisor, NOW))
    things["clock"] = Deadline.objects.get(case_number=case.number)
    things["escalation"] = Escalation.objects.create(
        deadline=place.clock, level="breach", on=date(2026, 11, 26), raised_at=NOW, recipients=1
    )
    things["delivery"] = Delivery.objects.get(stream=place.case_granted.number)
    things["intake"] = intake
    things["correction_item"] = place.case_correcting.correction_notices.get().items.get()
    things["rules_text"] = _rules_text(place, 3)
    things["event"] = (
        Event.objects.filter(chain=case.number, organ=unit).first()
        or Event.objects.filter(chain=place.case_granted.number, organ=unit).first()
    )


def _answered(record: Any, unit: Organ, owner: User, approver: User) -> Document:
    """The letter that answers an objection."""
    objection = object_to_information(
        subject=record.subject, record=record, unit=unit, wanted={"facts": "没有"}, grounds="不属实", actor=owner, at=NOW
    )  # fmt: skip
    answer_objection(objection=objection, accepted={}, reasons="属实", actor=approver, at=NOW)
    return render_document(Document.objects.get(about=objection.number).pk, at=NOW)


def _revoked(record: Any, intake: User, approver: User) -> Any:
    act = propose_act(
        record=record, kind="revoke", grounds="复议撤销", document=steps.paper("复议.pdf"),
        effective_on=date(2026, 11, 20), actor=intake, at=NOW,
    )  # fmt: skip
    approve_act(act=act, actor=approver, at=NOW)
    return record


def _asked_again(case: Any, intake: User, owner: User) -> Any:
    repair_steps.draft_correction(
        case=case, defects=[Defect(**DEFECT)], actor=intake, at=moment("2026-11-23 10:00")
    )
    case = repair_steps.ask_for_correction(case=case, actor=intake, at=moment("2026-11-23 11:00"))
    item = case.correction_notices.get().items.get()
    repair_steps.answer_correction(item=item, answer="已补", actor=owner, at=moment("2026-11-24 10:00"))
    case = repair_steps.resubmit_case(case=case, actor=owner, at=moment("2026-11-24 11:00"))
    again = Defect("fulfilment", "没有文号", "请写明文号")
    repair_steps.draft_correction(case=case, defects=[again], actor=intake, at=moment("2026-11-25 10:00"))
    return case


def _paper(name: str, user: User) -> Any:
    return store_content(name=name, content=b"%PDF-1.4", content_type="application/pdf", at=NOW, user=user)


def _rules_text(place: Place, number: int) -> str:
    return (
        f'id = "{place.code}-unit-{number}"\ntitle = "{place.mark}细则"\n'
        f'document = "{place.mark}规〔2026〕{number}号"\n'
        f'base = "jiangsu-2020-4"\neffective_from = 2026-12-{number:02d}\n[severities.general.minimum]\n'
        f'amount = {4 + number}\nunit = "months"\nsource = {{ article = "三" }}\n'
    )


def _rules(place: Place, number: int, supervisor: User) -> Any:
    text, document = _rules_text(place, number), _paper(f"{place.mark}细则.pdf", supervisor)
    return policies.hand_in_rules(
        unit=place.organs["unit"], text=text, document=document, actor=supervisor, at=NOW
    )
