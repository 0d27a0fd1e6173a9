"""送达回证 (Article 19): whoever came to the window or wrote has no inbox; a letter reached that person when it was handed
over or signed for, and an officer says so."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.documents.models import Document
from applications.files.inspection import Upload
from applications.files.services import store_upload, storing
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.repairs import access
from applications.repairs.errors import NotAllowed
from applications.repairs.models import ProofOfService, RepairCase
from rules.procedure import Role


def letters_of(case: RepairCase) -> QuerySet[Document]:
    """The letters of a case that came at the window or by post which are to be served, in their order."""
    if case.filing.reception_id is None:
        return Document.objects.none()
    letters = Document.objects.filter(proof_of_service__case=case)
    return letters.select_related("proof_of_service").order_by("issued_at", "pk")


def unserved(user: User) -> QuerySet[Document]:
    """The letters of the organ that wait to be handed over."""
    if not access.may_receive(user):
        return Document.objects.none()
    return Document.objects.filter(
        proof_of_service__served_on=None,
        proof_of_service__case__organ=user.organ_id,
        status=Document.Status.VALID,
    )


def served_before(proof: ProofOfService) -> str:
    """Who noted before that the letter was served, and that nothing is noted twice."""
    assert proof.recorded_at is not None
    return _("%(who_acted)s登记这份文书的送达，没有重复登记。") % {
        "who_acted": who_acted(proof.recorded_by, proof.recorded_at)
    }


def record_service(
    *,
    document: Document,
    case: RepairCase,
    how: str,
    recipient: str,
    served_on: date,
    tracking_number: str,
    scan: Upload,
    actor: User,
    at: datetime,
) -> ProofOfService:
    """Note that a letter of a case reached somebody. ValidationError by field; without a field where it was noted before."""
    reception = case.filing.reception
    if reception is None or not access.may_receive_for(actor, reception):
        raise NotAllowed("not an acceptor of the organ that received the case")
    if not letters_of(case).filter(pk=document.pk).exists():
        raise NotAllowed("not a letter of this case")
    if served_on > localdate(at):
        raise ValidationError({"served_on": _("送达日期不能晚于今天。")})
    if served_on < localdate(document.issued_at):
        raise ValidationError(
            {
                "served_on": _("送达日期不能早于文书出具的日期（%(day)s）。")
                % {"day": localdate(document.issued_at).isoformat()}
            }
        )
    if how == ProofOfService.How.POSTED and not tracking_number.strip():
        raise ValidationError({"tracking_number": _("邮寄送达的，请填写邮件号。")})
    inspected = examined(scan, user=actor)
    with storing():
        lock_chain(case.number)
        proof = ProofOfService.objects.select_for_update().get(document=document)
        if proof.served_on is not None:
            raise ValidationError(served_before(proof))
        stored = store_upload(upload=inspected, user=actor, at=at)
        proof.how, proof.recipient, proof.served_on = how, recipient.strip(), served_on
        proof.tracking_number = tracking_number.strip() if how == ProofOfService.How.POSTED else ""
        proof.scan, proof.recorded_by, proof.recorded_at = stored, actor, at
        proof.save()
        record_event(
            chain=case.number,
            verb="repair.letter_served",
            at=at,
            actor=actor,
            role=Role.INTAKE,
            organ=case.organ,
            payload={
                "document": document.number,
                "how": how,
                "served_on": served_on.isoformat(),
                "sha256": stored.sha256,
            },
        )
    return proof
