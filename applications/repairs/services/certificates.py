"""信用修复证明: what a subject shows others of a repair (Article 9). It says of the record no more than its subject chooses, and
what is true at its moment; it is void when the repair is revoked. Only its holder can lead others to it: by its code."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.models import User
from applications.documents.models import Document, Kind
from applications.documents.services import issue_document, void_document
from applications.language import as_kept
from applications.records.models import Annotation, DishonestyRecord
from applications.records.wording import record_lines
from applications.repairs import access, letters
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.locking import lock_case
from applications.repairs.models import RepairCase
from rules.procedure import State

# What is said of the record in any case: without it nobody knows which one it is.
ALWAYS = ("document_number", "decided_on", "identifying_unit")
# What is said where the subject wants it.
MAY_SHOW = {
    "severity": gettext_lazy("失信严重程度"),
    "violation": gettext_lazy("失信行为"),
    "penalties": gettext_lazy("处罚类别"),
}


def certificates_of(case: RepairCase) -> QuerySet[Document]:
    """Those that were issued, the latest first."""
    return Document.objects.filter(about=case.number, kind=Kind.REPAIR_CERTIFICATE).order_by("-issued_at")


def why_no_certificate(case: RepairCase) -> str:
    """Why there is nothing to certify now; empty where there is."""
    if case.status != State.GRANTED:
        return _("申请%(number)s现为“%(status)s”，没有可以证明的信用修复。") % {
            "number": case.number,
            "status": case.get_status_display(),
        }
    if case.record.source_state == DishonestyRecord.SourceState.REVOKED:
        return _("该信息所依据的处罚已被撤销，信息已经撤回，不需要修复证明。")
    if not _stands(case.number, case.decision_number):
        return _("该信息现在没有这件申请的修复标注，不能出具证明。")
    return ""


def _stands(case_number: str, decision_number: str) -> bool:
    return Annotation.objects.filter(case_number=case_number, decision_number=decision_number).exists()


@letters.issuing()
@transaction.atomic
def issue_certificate(*, case: RepairCase, show: Collection[str], actor: User, at: datetime) -> Document:
    """Issue what its subject asks for, with what of MAY_SHOW it wants shown; the same asked for twice on a day is one.

    NotAllowed: somebody else asks. NotReady: the repair does not stand.
    """
    locked = lock_case(case)
    if actor.is_staff or not access.may_fill_in(actor, locked):
        raise NotAllowed("the subject is not the applicant's")
    if why := why_no_certificate(locked):
        raise NotReady(why)
    with as_kept():
        return _issue(locked, show, actor, at)


def _issue(case: RepairCase, show: Collection[str], actor: User, at: datetime) -> Document:
    lines = record_lines(case.record)
    shown = {name: lines[name] for name in (*ALWAYS, *(name for name in MAY_SHOW if name in show))}
    for known in certificates_of(case).filter(status=Document.Status.VALID):
        if localdate(known.issued_at) == localdate(at) and known.content["record"] == shown:
            return known
    heading = letters.heading(case, at)
    return issue_document(
        kind=Kind.REPAIR_CERTIFICATE,
        organ=case.organ,
        about=case.number,
        addressee=case.record.subject.name,
        content={
            "subject": {name: heading["subject"][name] for name in ("name", "code", "kind")},
            "record": shown,
            "decision": {
                "number": case.decision_number,
                "organ": case.organ.name,
                "decided_on": case.decided_on.isoformat() if case.decided_on else "",
            },
            "stated_at": at.isoformat(timespec="seconds"),
            "policy": heading["policy"],
        },
        at=at,
        issued_by=actor,
    )


def void_certificates(*, case: RepairCase, actor: User | None, at: datetime) -> None:
    """What was certified does not hold any more: the repair is revoked. In the transaction of that."""
    for document in certificates_of(case).filter(status=Document.Status.VALID):
        void_document(document=document, reason=str(_("所证明的信用修复已被撤销。")), actor=actor, at=at)
