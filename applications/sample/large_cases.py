"""The cases of the large province: what happened to each, as rows of every table that it touches."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from django.utils import timezone

from applications.accounts.models import User
from applications.at_rest.fields import sealed
from applications.commitments.models import Commitment
from applications.commitments.wording import text_digest
from applications.objections.models import Objection
from applications.organs.models import Organ
from applications.records.models import Annotation, DishonestyRecord, Obligation
from applications.repairs.assessing import CHECKLIST
from applications.repairs.models import (
    CaseObligation,
    CorrectionItem,
    CorrectionNotice,
    Filing,
    Material,
    RepairCase,
    Review,
)
from applications.sample.large_records import Decision
from applications.sample.large_stories import FAILED, REASONS, Story
from applications.sample.large_subjects import Named
from applications.sample.large_tables import Tables
from applications.sharing.models import Delivery
from rules.procedure import Role, State

MATERIALS = ("licence", "fulfilment", "signed_commitment")


@dataclass(frozen=True)
class Desk:
    """An organ with its officers, by post."""

    organ: Organ
    intake: int
    reviewer: int
    approver: int


@dataclass
class Case:
    """A case under way to its rows."""

    id: int
    story: Story
    decision: Decision
    subject: Named
    desk: Desk
    applicant: User
    tables: Tables

    def write(self) -> None:
        story, tables, organ = self.story, self.tables, self.desk.organ
        self.number = tables.take_case_number(organ.region, story.submitted_on.year)
        self.due_on: date | None = None
        self.officer: int | None = None
        self.version, self.decision_number = 1, ""
        self.shared_at: datetime | None = None
        self._record()
        drafted = self.at(story.submitted_on, 8)
        self._event(
            "repair.drafted", drafted, {"record": self.decision.reference}, Role.APPLICANT, self.applicant.pk
        )
        commitment = self._commit(drafted)
        submitted = self.at(story.submitted_on, 9)
        self._step(
            "submitted", State.DRAFT, State.SUBMITTED, submitted, Role.APPLICANT, self.applicant.pk, "receipt"
        )
        last = self._accept(story.accepted_on) if story.accepted_on else self._answer(submitted)
        if story.reviewed_on:
            last = self.at(story.reviewed_on, 11)
            self._review(last)
        if story.decided_on:
            last = self._decide(story.decided_on)
        elif story.accepted_on and story.status != State.WITHDRAWN:
            self._time("decision", story.accepted_on, officer=self._in_charge())
        if story.status == State.WITHDRAWN:
            last = self._withdraw()
        if story.status == State.OBJECTING:
            last = self._object()
        self._rows(commitment, drafted, submitted, last)

    # -- What a case is

    def at(self, day: date, hour: int) -> datetime:
        """A moment of a day, other for every case; today's are those of the early morning."""
        return _moment(day, 0 if day >= self.tables.today else hour) + timedelta(seconds=self.id % 3600)

    def _event(
        self,
        verb: str,
        at: datetime,
        payload: dict[str, Any],
        role: str,
        actor: int | None,
        by_organ: bool = False,
    ) -> None:
        organ = self.desk.organ.pk if by_organ else None
        self.tables.happen(self.number, verb, at, payload, role, actor, organ)

    def _step(
        self,
        event: str,
        source: str,
        target: str,
        at: datetime,
        role: str,
        actor: int | None,
        document: str = "",
        **more: Any,
    ) -> str:
        """A step of the procedure: its document and its event; returns the document's number."""
        by_organ = role not in (Role.APPLICANT, Role.SYSTEM)
        number = ""
        if document:
            content = self._heading(at) | REASONS.get(document, {})
            issued = self.tables.issue(
                document, self.desk.organ, self.number, self.subject.name, content, at, actor
            )
            number, self.document = issued.number, issued
            more["documents"] = {document: number}
        self.version += 1
        payload = {"from": str(source), "to": str(target), **more}
        self._event(f"repair.{event}", at, payload, role, actor, by_organ)
        return number

    def _heading(self, at: datetime) -> dict[str, Any]:
        decision, organ = self.decision, self.desk.organ
        return {
            "case_number": self.number,
            "subject": {
                "name": self.subject.name,
                "code": self.subject.shown_code,
                "kind": self.subject.kind,
            },
            "record": {
                "document_number": decision.number,
                "decided_on": decision.decided_on.isoformat(),
                "identified_on": decision.decided_on.isoformat(),
                "identifying_unit": decision.unit.organ.name,
                "severity": decision.offence.template.severity + "失信",
                "violation": decision.offence.template.violation,
                "penalties": decision.offence.template.penalties.replace("；", "、"),
            },
            "organ": {"name": organ.name, "phone": organ.phone, "address": organ.address},
            "date": at.date().isoformat(),
        }

    def _time(
        self,
        kind: str,
        started_on: date,
        *,
        met_on: date | None = None,
        cancelled_on: date | None = None,
        officer: int | None = None,
    ) -> None:
        due_on = self.tables.time(
            kind,
            (self.id, self.number),
            self.desk.organ,
            started_on,
            met_on=met_on,
            cancelled_on=cancelled_on,
            officer=officer,
        )
        if due_on:
            self.due_on = min(due_on, self.due_on or due_on)
            self.officer = officer or self.officer

    def _in_charge(self) -> int | None:
        """One case of four has been taken by an officer."""
        if self.id % 4:
            return None
        return self.desk.approver if self.story.reviewed_on else self.desk.reviewer

    # -- What happens to it

    def _record(self) -> None:
        decision = self.decision
        paid_on = decision.decided_on + timedelta(days=20)
        self.tables.add(DishonestyRecord, *decision.row())
        for place, name in enumerate(decision.offence.duties):
            key = decision.id * 4 + place
            self.tables.add(Obligation, key, decision.id, name, "administrative", paid_on)
            self.tables.add(CaseObligation, self.id, key, paid_on)

    def _commit(self, at: datetime) -> uuid.UUID:
        content = self._heading(at)
        text = [f"{self.subject.name}就{self.decision.number}申请信用修复，承诺纠正失信行为，守信践诺。"]
        signatory = self.subject.representative or self.subject.name
        content |= {"paragraphs": text, "signatory": signatory, "consent": True}
        content["signed_at"] = at.isoformat(timespec="seconds")
        organ, tables = self.desk.organ, self.tables
        document = tables.issue(
            "commitment", organ, self.number, self.subject.name, content, at, self.applicant.pk
        )
        decided = self.story.decided_on if self.story.granted else None
        digest = text_digest(text)
        tables.add(
            Commitment,
            *(
                self.id,
                self.decision.subject,
                text,
                digest,
                signatory,
                self.applicant.pk,
                at,
                True,
                document.id,
            ),
            self.at(decided, 14) if decided else None,
        )
        tables.add(Commitment.records.through, self.id, self.decision.id)
        signed = {"document": document.number, "sha256": digest, "publication_consent": True}
        self._event("repair.commitment_signed", at, signed, Role.APPLICANT, self.applicant.pk)
        return document.id

    def _accept(self, on: date) -> datetime:
        at = self.at(on, 10)
        self._time("acceptance", self.story.submitted_on, met_on=on)
        self._step(
            *("accepted", State.SUBMITTED, State.ACCEPTED, at, Role.INTAKE, self.desk.intake),
            "acceptance_notice",
        )
        return at

    def _answer(self, submitted: datetime) -> datetime:
        """What came of a submission that was not accepted: nothing yet, a correction notice, a refusal to accept."""
        story, intake = self.story, self.desk.intake
        if story.ended_on is None:
            self._time("acceptance", story.submitted_on, officer=None if self.id % 4 else intake)
            return submitted
        if story.status == State.WITHDRAWN:
            self._time("acceptance", story.submitted_on, cancelled_on=story.ended_on)
            return submitted
        at = self.at(story.ended_on, 10)
        self._time("acceptance", story.submitted_on, met_on=story.ended_on)
        if story.status == State.NOT_ACCEPTED:
            self._step(
                *("declined", State.SUBMITTED, State.NOT_ACCEPTED, at, Role.INTAKE, intake),
                "non_acceptance_notice",
            )
            return at
        self._step(
            *("correction_requested", State.SUBMITTED, State.CORRECTING, at, Role.INTAKE, intake),
            "correction_notice",
            items=1,
        )
        self.tables.add(CorrectionNotice, self.id, self.id, 1, intake, at, at, self.document.id)
        self.tables.add(
            CorrectionItem,
            *(self.id, "licence", "营业执照复印件没有加盖公章。", "请上传加盖公章的营业执照复印件。"),
            *(1, 1, "", at, ""),
        )
        return at

    def _review(self, at: datetime) -> None:
        good = self.story.granted or self.story.decided_on is None
        checklist = {code: {"confirmed": True, "note": ""} for code in CHECKLIST}
        if not good:
            checklist["obligations_fulfilled"] = {"confirmed": False, "note": FAILED}
        proposal = "grant" if good else "refuse"
        self.tables.add(Review, self.id, self.desk.reviewer, at, checklist, proposal, "")
        self._step(
            *("reviewed", State.ACCEPTED, State.UNDER_REVIEW, at, Role.REVIEWER, self.desk.reviewer),
            proposal=proposal,
        )

    def _decide(self, on: date) -> datetime:
        story, tables, desk = self.story, self.tables, self.desk
        assert story.accepted_on
        at = self.at(on, 14)
        self._time("decision", story.accepted_on, met_on=on)
        verb, target, kind = (
            ("granted", State.GRANTED, "grant_decision")
            if story.granted
            else ("refused", State.REFUSED, "refusal_decision")
        )
        self.decision_number = self._step(
            verb, State.UNDER_REVIEW, target, at, Role.APPROVER, desk.approver, kind
        )
        if story.granted:
            tables.add(
                *(Annotation, self.decision.id, self.number, self.decision_number),
                *(desk.organ.pk, on, at),
            )
        delivery = uuid.UUID(int=tables.random.getrandbits(128), version=4)
        payload = {
            "message_id": str(delivery),
            "version": "1.0",
            "sent_at": at.isoformat(timespec="seconds"),
            "region": desk.organ.region,
            "case_number": self.number,
            "sequence": 1,
            "data_state": "new",
            "decision": "granted" if story.granted else "refused",
            "decision_number": self.decision_number,
            "decided_on": on.isoformat(),
            "record": {"reference": self.decision.reference, "document_number": self.decision.number},
        }
        organ = desk.organ
        where = (self.number, organ.pk, organ.region, tables.platform)
        sent = (delivery, "repair_decision", *where, self.number, 1, payload)
        self._time("sharing", on, met_on=story.shared_on)
        if story.shared_on is None:
            tables.add(Delivery, *sent, Delivery.Status.WAITING.value, 0, at, "", None, at)
            return at
        received = self.shared_at = self.at(story.shared_on, 15)
        receipt = f"P{self.id:010d}"
        confirmed = {"receipt_number": receipt, "received_at": received.isoformat(timespec="seconds")}
        tables.add(Delivery, *sent, Delivery.Status.DELIVERED.value, 1, None, "", confirmed, at, received)
        told = {"delivery": str(delivery), "position": 1, "receipt": receipt, "attempts": 1}
        self._event("delivery.delivered", received, told, Role.SYSTEM, None)
        self._step(
            *("shared", target, target, received, Role.SYSTEM, None),
            position=1,
            receipt=receipt,
            received_at=received.isoformat(timespec="seconds"),
        )
        return received

    def _withdraw(self) -> datetime:
        story = self.story
        assert story.ended_on
        at = self.at(story.ended_on, 16)
        if story.accepted_on:
            self._time("decision", story.accepted_on, cancelled_on=story.ended_on)
        source = State.ACCEPTED if story.accepted_on else State.SUBMITTED
        self._step("withdrawn", source, State.WITHDRAWN, at, Role.APPLICANT, self.applicant.pk)
        return at

    def _object(self) -> datetime:
        story = self.story
        assert story.ended_on
        at = self.at(story.ended_on, 16)
        self.tables.add(
            Objection,
            *(self.id, self.decision_number, ["obligations_fulfilled"], "罚款已分两次缴清。"),
            *(self.applicant.pk, at, "", {}, ""),
        )
        self._time("objection", story.ended_on)
        who = Role.APPLICANT, self.applicant.pk
        self._step("objected", State.REFUSED, State.OBJECTING, at, *who, "objection_receipt")
        return at

    def _rows(self, commitment: uuid.UUID, drafted: datetime, submitted: datetime, last: datetime) -> None:
        story, tables, decision = self.story, self.tables, self.decision
        serious = decision.offence.severity == "serious"
        tables.add(
            Filing,
            *(self.id, decision.subject, self.applicant.pk, self.applicant.name, sealed("025-00000000")),
            *(
                (drafted.date() - timedelta(days=20), "示例培训1号", drafted.date() - timedelta(days=10))
                if serious
                else (None, "", None)
            ),
            *(("credit_bureau", "示例报告1号") if serious else ("", "")),
            *(self.id, drafted),
        )
        tables.add(
            RepairCase,
            *(
                self.id,
                self.number,
                self.id,
                decision.id,
                self.desk.organ.pk,
                str(story.status),
                self.version,
                1,
            ),
            *(f"{self.id * 7919 % 1_000_000:06d}", decision.decided_on + timedelta(days=20), drafted, last),
            *(submitted, submitted, story.accepted_on, story.decided_on),
            *(
                self.desk.approver if story.decided_on else None,
                self.decision_number,
                self.shared_at,
                self.due_on,
                self.officer,
                self.desk.reviewer if story.reviewed_on else None,
            ),
        )
        for kind in MATERIALS:
            own = self.id if kind == "fulfilment" else None
            tables.add(Material, self.id, own, kind, tables.paper.pk, 1, drafted)


@cache
def _moment(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
