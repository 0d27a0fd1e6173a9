"""Applications in every state, filed and handled by the real services on the working days before today.

So the officers' queues show what is new, due today, overdue and done, and every letter exists. A decision is
never older than the time for sharing it: the worker pushes it to the sandbox when the demonstration starts.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pikepdf
from django.utils import timezone

from applications.accounts.four_eyes import read_evidence
from applications.accounts.models import User
from applications.calendars.selectors import calendar
from applications.files.examining import PDF
from applications.files.inspection import Inspected
from applications.objections.steps import file_objection, handle_objection
from applications.organs.models import Organ
from applications.policies.selectors import policy_in_force
from applications.records.models import DishonestyRecord, SourceAct
from applications.records.services.source import approve_act, propose_act
from applications.repairs import services, steps
from applications.repairs.assessing import Checklist, checklist_codes, duties_of
from applications.repairs.models import MaterialKind, RepairCase
from applications.repairs.record_list import assess_record
from applications.repairs.steps import Defect
from applications.sample.people import DOMAIN
from applications.sample.records import BUSY_UNIT
from applications.subjects.models import Subject

FIRST_APPLICANT = f"case01@{DOMAIN}"
UNIT, BUREAU = BUSY_UNIT, "nj-xyzx"
DEFECTS = (
    Defect("licence", "营业执照复印件没有加盖公章。", "请上传加盖公章的营业执照复印件。"),
    Defect(
        "fulfilment",
        "缴款凭证上没有决定书文号。",
        "请上传写明决定书文号的缴款凭证，或者认定单位出具的信用修复表。",
    ),
)
FAILED = "缴款凭证的金额与决定书不符，尚欠部分罚款。"


@dataclass
class Story:
    """One application: where it is filed, what the record's severity is, and what happened when.

    ``steps``: (name of a method of Teller, working days ago), oldest first.
    """

    channel: str
    severity: str
    steps: tuple[tuple[str, int], ...]


STORIES = (
    Story(UNIT, "general", (("prepare", 0),)),
    Story(UNIT, "general", (("prepare", 0), ("submit", 0))),
    Story(UNIT, "serious", (("prepare", 3), ("submit", 3))),
    Story(UNIT, "general", (("prepare", 5), ("submit", 5))),
    Story(UNIT, "general", (("prepare", 4), ("submit", 4), ("correct", 2))),
    Story(UNIT, "general", (("prepare", 6), ("submit", 6), ("correct", 4), ("resubmit", 1))),
    Story(UNIT, "general", (("prepare", 4), ("submit", 4), ("accept", 2))),
    Story(UNIT, "serious", (("prepare", 9), ("submit", 9), ("accept", 7))),
    Story(UNIT, "general", (("prepare", 12), ("submit", 12), ("accept", 9))),
    Story(UNIT, "general", (("prepare", 5), ("submit", 5), ("accept", 4), ("review", 1))),
    Story(UNIT, "general", (("prepare", 6), ("submit", 6), ("accept", 5), ("review", 3), ("grant", 1))),
    Story(UNIT, "serious", (("prepare", 8), ("submit", 8), ("accept", 6), ("reject", 3), ("refuse", 1))),
    Story(
        UNIT,
        "general",
        (("prepare", 7), ("submit", 7), ("accept", 5), ("reject", 3), ("refuse", 1), ("object", 0)),
    ),
    Story(
        UNIT,
        "general",
        (("prepare", 8), ("submit", 8), ("accept", 6), ("reject", 4), ("refuse", 2), ("object", 1), ("uphold", 0)),
    ),
    Story(UNIT, "general", (("prepare", 3), ("submit", 3), ("decline", 1))),
    # Taken back, and then applied for anew, until the penalty itself is gone.
    Story(
        UNIT,
        "general",
        (("prepare", 5), ("submit", 5), ("withdraw", 4), ("prepare", 3), ("submit", 3), ("accept", 2), ("revoke", 1)),
    ),
    Story(
        UNIT,
        "general",
        (("prepare", 9), ("submit", 9), ("accept", 8), ("review", 6), ("grant", 4), ("undo_repair", 1)),
    ),
    Story(BUREAU, "general", (("prepare", 1), ("submit", 1))),
    Story(BUREAU, "general", (("prepare", 3), ("submit", 3), ("accept", 1))),
    Story(BUREAU, "serious", (("prepare", 6), ("submit", 6), ("accept", 4), ("review", 2))),
    Story(BUREAU, "general", (("prepare", 7), ("submit", 7), ("accept", 5), ("review", 2), ("grant", 1))),
)  # fmt: skip


def load_cases(*, add_applicant: Callable[[str, str, Subject, datetime], User], at: datetime) -> int:
    """Tell every story; returns how many. Needs the organs, officers and records of the sample."""
    taken: set[int] = set()
    for number, story in enumerate(STORIES, start=1):
        teller = Teller(story, at)
        record = next(_fitting(story, teller.day(story.steps[0][1]), taken))
        taken.add(record.subject_id)
        subject = record.subject
        name = subject.legal_representative or subject.name
        applicant = add_applicant(f"case{number:02d}@{DOMAIN}", name, subject, teller.moment(20))
        teller.begin(record, applicant)
        for step, days_ago in story.steps:
            getattr(teller, step)(teller.moment(days_ago))
    return len(STORIES)


def _fitting(story: Story, day: date, taken: set[int]) -> Iterator[DishonestyRecord]:
    """Published records of the unit that can be applied for on the day, of subjects without accounts."""
    records = (
        DishonestyRecord.objects.filter(
            region__startswith="3201",
            severity=story.severity,
            publicity=DishonestyRecord.Publicity.PUBLISHED,
            subject__kind=Subject.Kind.ORGANISATION,
            subject__claims=None,
        )
        .exclude(subject_id__in=taken)
        .select_related("subject", "identifying_unit")
        .prefetch_related("obligations")
        .order_by("identifying_unit__code", "pk")
    )
    if story.channel == UNIT:
        records = records.filter(identifying_unit__code=UNIT)
    for record in records:
        assessment = assess_record(record, policy_in_force(on=day), day)
        period = assessment.finding("minimum_period")
        if assessment.outcome == "not_yet" and period is not None and period.met:
            yield record


class Teller:
    """Takes the steps of one story, each as the person whose turn it is."""

    case: RepairCase

    def __init__(self, story: Story, at: datetime) -> None:
        self.story, self.at = story, at

    def begin(self, record: DishonestyRecord, applicant: User) -> None:
        self.record, self.applicant = record, applicant
        self.organ = Organ.objects.get(code=self.story.channel)

    def day(self, working_days_ago: int) -> date:
        """That many working days before today; today itself where it is 0."""
        found = timezone.localdate(self.at)
        for _ in range(working_days_ago):
            found -= timedelta(days=1)
            while not calendar().is_working(found):
                found -= timedelta(days=1)
        return found

    def moment(self, working_days_ago: int) -> datetime:
        """The morning of that day; now where it is today, which may not have seen its morning yet."""
        if not working_days_ago:
            return self.at
        return timezone.make_aware(datetime.combine(self.day(working_days_ago), time(9, 30)))

    def officer(self, post: str) -> User:
        return User.objects.get(email=f"{post}.{self.story.channel}@{DOMAIN}")

    # -- Steps

    def prepare(self, at: datetime) -> None:
        applicant, today = self.applicant, timezone.localdate(at)
        case = services.start_case(record=self.record, organ=self.organ, applicant=applicant, at=at)
        services.save_contact(case=case, name=applicant.name, phone="025-00000000", actor=applicant, at=at)
        corrected_on = min(self.record.decided_on + timedelta(days=20), today)
        services.save_fulfilment(
            case=case,
            corrected_on=corrected_on,
            fulfilled={each.pk: each.fulfilled_on or corrected_on for each in case.obligations.all()},
            actor=applicant,
            at=at,
        )
        kinds = [MaterialKind(each.kinds[0]) for each in steps.required_materials(case)]
        if self.record.severity == "serious":
            services.save_training_and_report(
                case=case,
                training_completed_on=today - timedelta(days=20),
                training_certificate_number="示例培训〔2026〕1号",
                report_issued_on=today - timedelta(days=10),
                report_issuer="credit_bureau",
                report_number="示例报告1号",
                actor=applicant,
                at=at,
            )
        for kind in kinds:
            services.add_material(
                case=case, kind=kind, upload=_paper(f"{kind.label}.pdf"), actor=applicant, at=at
            )
        services.sign_commitment(
            case=case,
            signatory=self.record.subject.legal_representative,
            publication_consent=True,
            actor=applicant,
            at=at,
        )
        self.case = case

    def submit(self, at: datetime) -> None:
        self.case = steps.submit_case(case=self.case, actor=self.applicant, at=at)

    def correct(self, at: datetime) -> None:
        officer = self.officer("intake")
        steps.draft_correction(case=self.case, defects=DEFECTS, actor=officer, at=at)
        self.case = steps.ask_for_correction(case=self.case, actor=officer, at=at)

    def resubmit(self, at: datetime) -> None:
        for defect in DEFECTS:
            services.add_material(
                case=self.case,
                kind=defect.material_kind,
                upload=_paper(f"补正-{MaterialKind(defect.material_kind).label}.pdf"),
                actor=self.applicant,
                at=at,
            )
        self.case = steps.resubmit_case(case=self.case, actor=self.applicant, at=at)

    def withdraw(self, at: datetime) -> None:
        self.case = steps.withdraw_case(case=self.case, actor=self.applicant, at=at)

    def decline(self, at: datetime) -> None:
        self.case = steps.decline_case(
            case=self.case,
            ground="elsewhere",
            reason="经核对决定书原件，作出决定的是安徽省滁州市的行政机关，录入时误登记为本市认定。",
            actor=self.officer("intake"),
            at=at,
        )

    def accept(self, at: datetime) -> None:
        self.case = steps.accept_case(case=self.case, actor=self.officer("intake"), at=at)

    def review(self, at: datetime) -> None:
        self._review(self._checklist(at), at)

    def reject(self, at: datetime) -> None:
        self._review(self._checklist(at, obligations_fulfilled=FAILED), at)

    def _review(self, checklist: Checklist, at: datetime) -> None:
        reviewer = self.officer("reviewer")
        services.read_all(case=self.case, reader=reviewer, at=at)
        steps.review_case(case=self.case, checklist=checklist, actor=reviewer, at=at)
        self.case.refresh_from_db()

    def _checklist(self, at: datetime, **failed: str) -> Checklist:
        checklist: Checklist = {
            code: {"confirmed": code not in failed, "note": failed.get(code, "")}
            for code in checklist_codes(self.case, timezone.localdate(at))
        }
        if "obligations_fulfilled" in failed:
            checklist["obligations_fulfilled"]["unfulfilled"] = duties_of(self.case)[:1]
        return checklist

    def grant(self, at: datetime) -> None:
        self.case = steps.grant_case(case=self.case, actor=self.officer("approver"), at=at)

    def refuse(self, at: datetime) -> None:
        self.case = steps.refuse_case(case=self.case, actor=self.officer("approver"), at=at)

    def object(self, at: datetime) -> None:
        self.objection = file_objection(
            case=self.case,
            disputed=["obligations_fulfilled"],
            grounds="罚款已分两次缴清，第二张缴款凭证在首次申请时一并提交。",
            actor=self.applicant,
            at=at,
        )
        self.case.refresh_from_db()

    def uphold(self, at: datetime) -> None:
        handler = self.officer("approver2")
        services.read_all(case=self.case, reader=handler, at=at)
        handle_objection(
            objection=self.objection,
            overturn=False,
            checklist=self._checklist(at, obligations_fulfilled=FAILED),
            reasons="经向罚款收缴机构核实，第二笔款项没有到账。",
            actor=handler,
            at=at,
        )

    def undo_repair(self, at: datetime) -> None:
        """The proof of payment turns out to be forged."""
        proposal = steps.propose_revocation(
            case=self.case,
            facts="经向罚款收缴机构核实，申请时提交的缴款凭证系伪造，罚款没有缴纳。",
            statement="2日前当面告知，申请人承认凭证不实，没有提出其他意见。",
            evidence=_paper("罚款收缴机构回函.pdf"),
            actor=self.officer("reviewer"),
            at=at,
        )
        approver = self.officer("approver")
        read_evidence(proposal, reader=approver, at=at)
        self.case = steps.revoke_case(proposal=proposal, actor=approver, at=at)

    def revoke(self, at: datetime) -> None:
        """The penalty is revoked on administrative reconsideration, which ends the application."""
        act = propose_act(
            record=self.record,
            kind=SourceAct.Kind.REVOKE,
            grounds="行政复议决定认为主要事实不清、证据不足，撤销原行政处罚决定。",
            document=_paper("行政复议决定书.pdf"),
            document_number="宁政复〔2026〕3号",
            effective_on=timezone.localdate(at),
            actor=self.officer("intake"),
            at=at,
        )
        approver = self.officer("approver")
        read_evidence(act, reader=approver, at=at)
        approve_act(act=act, actor=approver, at=at)


def _paper(name: str) -> Inspected:
    """Nobody else has made it, so nobody examines it."""
    return Inspected(name, sample_paper(name), PDF, pages=1)


def sample_paper(title: str = "示例材料") -> bytes:
    """A one-page PDF that says that it is a sample."""
    document = pikepdf.Pdf.new()
    document.add_blank_page(page_size=(595, 842))
    page = document.pages[0]
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = document.make_stream(b"BT /F1 40 Tf 150 500 Td (SAMPLE PAPER) Tj ET")
    document.docinfo["/Title"] = title
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()
