"""One application of a rehearsal: whoever's turn it is takes the next step through the portal's own services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from applications.accounts.models import Role, User
from applications.objections.models import Objection
from applications.objections.steps import file_objection, handle_objection
from applications.rehearsal import people
from applications.rehearsal.drafts import kinds_of, paper
from applications.rehearsal.people import Lots, moment
from applications.rehearsal.planning import Action, Plans
from applications.rehearsal.province import Plot
from applications.repairs import services, steps
from applications.repairs.assessing import checklist_codes, duties_of
from applications.repairs.steps import Defect

UNPAID = "缴款凭证的金额与决定书不符，尚欠部分罚款。"
# How long people may take, in working days, as they know it from the guide.
ANSWER, DECIDE, HANDLE = 3, 7, 5
OPEN_STATES = ("submitted", "correcting", "accepted", "under_review")


class Application:
    """The steps of one case. Each plans the next one and returns; a step that came too late does nothing."""

    objection: Objection

    def __init__(self, run: Plans, plot: Plot, number: int) -> None:
        self.run, self.case = run, plot.case
        self.lots = Lots(run.seed, "case", number)
        self.record, self.organ, self.applicant = (
            plot.case.record,
            plot.case.organ,
            plot.case.filing.applicant,
        )
        self.brought = kinds_of(self.record)
        self.returned = False

    # -- The applicant

    def file(self, at: datetime) -> None:
        self.case = steps.submit_case(case=self.case, actor=self.applicant, at=at)
        self._did("submit", at)
        if self.lots.happens(people.WITHDRAW_SHARE):
            self._applicant(at, self.withdraw)
        self._answer(at)

    def resubmit(self, at: datetime) -> None:
        if self.case.status != "correcting":
            return
        for kind in self.asked:
            services.add_material(
                case=self.case,
                kind=kind,
                upload=paper(str(kind.label)),
                actor=self.applicant,
                at=at - timedelta(minutes=5),
            )
        self.brought = self.asked
        self.case = steps.resubmit_case(case=self.case, actor=self.applicant, at=at)
        self._did("resubmit", at)
        self._answer(at)

    def withdraw(self, at: datetime) -> None:
        if self.case.status in OPEN_STATES:
            self.case = steps.withdraw_case(case=self.case, actor=self.applicant, at=at)
            self._did("withdraw", at)

    def object(self, at: datetime) -> None:
        self.objection = file_objection(
            case=self.case,
            disputed=["obligations_fulfilled"],
            grounds="罚款已分两次缴清，第二张缴款凭证在申请时一并提交。",
            actor=self.applicant,
            at=at,
        )
        self._did("object", at)
        self._officer(at, self.lots.answer_after(HANDLE), Role.APPROVER, self.handle)

    # -- The officers

    def _answer(self, at: datetime) -> None:
        """Let the intake officer accept, ask for correction, or decline."""
        step: Action = self.accept
        asks = people.CORRECTION_SHARE
        if self.case.round <= len(asks) and self.lots.happens(asks[self.case.round - 1]):
            step = self.ask_for_correction
        elif self.lots.happens(people.DECLINE_SHARE):
            step = self.decline
        self._officer(at, self.lots.answer_after(ANSWER), Role.INTAKE, step)

    def ask_for_correction(self, at: datetime) -> None:
        if self.case.status != "submitted":
            return
        officer = self._one(Role.INTAKE)
        self.asked = self.brought[:1]
        steps.draft_correction(
            case=self.case,
            defects=[Defect(kind, "复印件没有加盖公章。", "请上传加盖公章的复印件。") for kind in self.asked],
            actor=officer,
            at=at - timedelta(minutes=10),
        )
        self.case = steps.ask_for_correction(case=self.case, actor=officer, at=at)
        self._did("request_correction", at)
        if not self.lots.happens(people.SILENT_SHARE):
            self._applicant(at, self.resubmit)

    def decline(self, at: datetime) -> None:
        if self.case.status != "submitted":
            return
        self.case = steps.decline_case(
            case=self.case,
            ground="elsewhere",
            reason="作出处罚的机关在外省。",
            actor=self._one(Role.INTAKE),
            at=at,
        )
        self._did("decline", at)

    def accept(self, at: datetime) -> None:
        if self.case.status != "submitted":
            return
        self.case = steps.accept_case(case=self.case, actor=self._one(Role.INTAKE), at=at)
        self._did("accept", at)
        self._examine(at, self.lots.answer_after(DECIDE))

    def _examine(self, at: datetime, within: int | None) -> None:
        """The reviewer takes a part of the days that the decision takes altogether."""
        self.accepted_at, self.within = at, within
        if within is not None:
            self._officer(at, self.lots.pick(0, within), Role.REVIEWER, self.review)

    def review(self, at: datetime) -> None:
        if self.case.status != "accepted":
            return
        self.refuses = self.lots.happens(people.REJECT_SHARE)
        reviewer = self._one(Role.REVIEWER)
        services.read_all(case=self.case, reader=reviewer, at=at)
        self.case = steps.review_case(
            case=self.case,
            checklist=self._checklist(at.date(), not self.refuses),
            actor=reviewer,
            at=at,
        ).case
        self._did("review", at)
        self._officer(self.accepted_at, self.within, Role.APPROVER, self.decide, not_before=at)

    def decide(self, at: datetime) -> None:
        if self.case.status != "under_review":
            return
        officer = self._one(Role.APPROVER)
        if not self.returned and self.lots.happens(people.RETURN_SHARE):
            self.returned = True
            self.case = steps.return_case(case=self.case, reason="请补充核对缴款凭证。", actor=officer, at=at)
            self._did("return", at)
            self._officer(at, 1, Role.REVIEWER, self.review)
            return
        step = steps.refuse_case if self.refuses else steps.grant_case
        self.case = step(case=self.case, actor=officer, at=at)
        self._did("refuse" if self.refuses else "grant", at)
        if self.refuses and self.lots.happens(people.OBJECT_SHARE):
            self._applicant(at, self.object)

    def handle(self, at: datetime) -> None:
        overturn = self.lots.happens(people.OVERTURN_SHARE)
        handler = self._one(Role.APPROVER, second=True)
        services.read_all(case=self.case, reader=handler, at=at)
        self.objection = handle_objection(
            objection=self.objection,
            overturn=overturn,
            checklist=self._checklist(at.date(), overturn),
            reasons="经向罚款收缴机构核实。",
            actor=handler,
            at=at,
        )
        self.case = self.objection.case
        self._did("overturn" if overturn else "uphold", at)

    # -- Who, and when

    def _did(self, action: str, at: datetime) -> None:
        self.run.journal.write(self.case.number, action, at)
        self.run.decisions += action in ("grant", "refuse", "overturn")

    def _one(self, role: str, *, second: bool = False) -> User:
        return self.run.province.officers[self.organ.pk, role][1 if second else 0]

    def _checklist(self, on: date, confirmed: bool) -> Mapping[str, Mapping[str, Any]]:
        codes = self.run.checklists.get(self.record.severity)
        if codes is None:
            codes = checklist_codes(self.case, on)
            self.run.checklists[self.record.severity] = codes
        return {
            code: {"confirmed": True, "note": ""}
            if confirmed or code != "obligations_fulfilled"
            else {"confirmed": False, "note": UNPAID, "unfulfilled": duties_of(self.case)[:1]}
            for code in codes
        }

    def _applicant(self, at: datetime, step: Action) -> None:
        day = at.date() + timedelta(days=self.lots.pick(1, people.APPLICANT_DAYS))
        self.run.plan(moment(day, self.lots.waking_hour()), step)

    def _officer(
        self, at: datetime, after: int | None, role: str, step: Action, *, not_before: datetime | None = None
    ) -> None:
        """Plan an officer's step for the office hours of that working day after ``at``."""
        if after is None:
            return
        organ, hour = self.organ, self.lots.office_hour()
        planned = moment(self.run.workday(organ.region, at.date(), after), hour)
        earliest = max(at, not_before or at)
        if planned <= earliest:
            # The hour is over: later on the same working day, or on the next one.
            planned = moment(self.run.workday(organ.region, earliest.date(), 1), hour)
        self.run.plan_at_office(planned, organ, role, step)
