"""What is held about applications for repair (accounts.holdings)."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.accounts import retention
from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, Rows, register
from applications.accounts.models import User
from applications.accounts.retention import Erasure
from applications.masking import mask_email, mask_name, mask_phone
from applications.repairs.access import visible_to
from applications.repairs.exporting import COLUMNS, with_all
from applications.repairs.models import (
    CaseObligation,
    CorrectionItem,
    CorrectionNotice,
    Filing,
    Inquiry,
    Material,
    ProofOfService,
    Reception,
    RepairCase,
    Review,
    RevocationProposal,
    SigningLink,
    StoredAssessment,
)
from applications.repairs.services.old_drafts import empty_drafts, old_drafts, tell_of_old_drafts
from rules.retention import period_of

CASE = Column(_("办件编号"), lambda row: row.case.number)
STATED = [
    "training_completed_on",
    "training_certificate_number",
    "report_issued_on",
    "report_issuer",
    "report_institution",
    "report_number",
    "created_at",
]


def _cases(subject: Any, person: User) -> Any:
    return visible_to(person).filter(record__subject=subject)


def _of_cases(model: Any, *related: str, **condition: Any) -> Any:
    def rows(subject: Any, person: User) -> Rows:
        found = model.objects.filter(case__in=_cases(subject, person), **condition)
        return found.select_related("case", *related).order_by("pk")  # type: ignore[no-any-return]

    return rows


def _filings(subject: Any, person: User) -> Rows:
    filings = Filing.objects.filter(cases__in=_cases(subject, person)).distinct()
    return filings.select_related("reception").order_by("pk")


def _materials(subject: Any, person: User) -> Rows:
    cases = _cases(subject, person)
    # By the filing, which an index finds; of what it holds, what is of these cases or of all of them.
    found = Material.objects.filter(Q(case=None) | Q(case__in=cases), filing__in=cases.values("filing"))
    return (
        found.select_related("case", "filing", "file__scan").prefetch_related("filing__cases").order_by("pk")
    )


def _receptions(subject: Any, person: User) -> Rows:
    found = Reception.objects.filter(filings__cases__in=_cases(subject, person)).distinct()
    return found.select_related("organ").order_by("pk")


def _ended_links(at: datetime) -> Any:
    before = at - period_of("signing_link")
    ended = Q(expires_at__lt=before) | Q(used_at__lt=before) | Q(revoked_at__lt=before)
    return SigningLink.objects.filter(ended, ~Q(token="") | ~Q(sent_to=""))


retention.register(
    Erasure("signing_link", _ended_links, lambda rows, _at: rows.update(token="", sent_to="")),
    Erasure("draft", old_drafts, empty_drafts, tell=tell_of_old_drafts),
)
register(
    Holding(
        Filing,
        [
            Column(_("信用主体"), lambda row: row.subject.name),
            "contact_name",
            "contact_phone",
            Column(_("办件编号"), lambda row: [case.number for case in row.cases.all()]),
            "created_at",
        ],
        # Of what an officer entered at the window nothing is that officer's.
        of_person=lambda person: (
            Filing.objects.filter(applicant=person, reception=None)
            .select_related("subject")
            .prefetch_related("cases")
            .order_by("pk")
        ),
        title=_("我经办的申请"),
    ),
    Holding(
        RepairCase,
        [*COLUMNS, "corrected_on", "improvements", "noted_improvements", "created_at"],
        of_subject=lambda subject, person: with_all(_cases(subject, person)).order_by("pk"),
    ),
    Holding(
        Filing,
        [
            Column(_("办件编号"), lambda row: [case.number for case in row.cases.all()]),
            Column(_("渠道"), lambda row: row.channel),
            Column(
                _("经办人姓名（遮盖）"), lambda row: mask_name(row.contact_name) if row.contact_name else ""
            ),
            Column(_("联系电话（遮盖）"), lambda row: mask_phone(row.contact_phone)),
            *STATED,
        ],
        of_subject=lambda subject, person: _filings(subject, person).prefetch_related("cases"),  # type: ignore[attr-defined]
    ),
    Holding(
        CaseObligation,
        [CASE, Column(_("义务"), lambda row: str(row.obligation)), "fulfilled_on"],
        of_subject=_of_cases(CaseObligation, "obligation__record"),
        title=_("填报的履行情况"),
    ),
    Holding(
        Material,
        [
            # What is of no one application is of all that were filed with it.
            Column(
                _("办件编号"),
                lambda row: [each.number for each in ([row.case] if row.case else row.filing.cases.all())],
            ),
            "kind",
            "round",
            "added_at",
            Column(_("原文件名"), lambda row: row.file.name),
            Column(_("SHA-256"), lambda row: row.file.sha256),
        ],
        of_subject=_materials,
        files=lambda row: [row.file],
    ),
    Holding(
        CorrectionItem,
        [
            Column(_("办件编号"), lambda row: row.notice.case.number),
            "material_kind",
            "defect",
            "requirement",
            "exception_reason",
            "sent_at",
            "answer",
        ],
        of_subject=lambda subject, person: (
            CorrectionItem.objects.filter(notice__case__in=_cases(subject, person), sent_at__isnull=False)
            .select_related("notice__case")
            .order_by("pk")
        ),
        also=[CorrectionNotice],
    ),
    Holding(
        Inquiry,
        [CASE, "number", "unit", "state", "question", "asked_at", "answers", "note", "answered_at"],
        of_subject=_of_cases(Inquiry, "unit"),
    ),
    Holding(
        Reception,
        [
            "organ",
            "channel",
            "received_on",
            "came_as",
            Column(_("来人（寄件人）姓名（遮盖）"), lambda row: mask_name(row.came_name)),
            "identity_type",
            Column(_("证件号码（遮盖）"), lambda row: row.masked_number),
        ],
        of_subject=_receptions,
    ),
    Holding(
        ProofOfService,
        [
            CASE,
            Column(_("文书"), lambda row: row.document.number),
            "how",
            Column(_("签收人（遮盖）"), lambda row: mask_name(row.recipient) if row.recipient else ""),
            "served_on",
            "tracking_number",
        ],
        of_subject=_of_cases(ProofOfService, "document", recorded_at__isnull=False),
    ),
    Holding(
        SigningLink,
        [
            CASE,
            Column(_("邮箱（遮盖）"), lambda row: mask_email(row.sent_to)),
            "signatory",
            "made_at",
            "expires_at",
            "used_at",
            "revoked_at",
        ],
        of_subject=_of_cases(SigningLink),
    ),
    Holding(
        StoredAssessment,
        [CASE, "stage", "on", "policy", "facts", "assessment", "stored_at"],
        of_subject=_of_cases(StoredAssessment),
    ),
    Holding(
        RevocationProposal,
        [CASE, "facts", "statement", "decided_at"],
        of_subject=_of_cases(RevocationProposal, state="approved"),
    ),
    nothing={
        Review: "the opinion with which one officer prepares another's decision; what was found is in the decision and the assessment",
    },
)
