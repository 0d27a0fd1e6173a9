"""Article 13: keep an objection's words and evidence, and have it handled within 5 working days of receipt."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from applications.accounts.examining import examined
from applications.accounts.models import User
from applications.files.inspection import Upload
from applications.files.services import discard, store_upload, storing
from applications.ledger.services import record_event
from applications.objections.models import Evidence, Objection
from applications.repairs import access
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.locking import lock_case
from applications.repairs.models import RepairCase
from rules.procedure import Role, State

MAX_EVIDENCE = 10


def keep_evidence(*, case: RepairCase, upload: Upload, actor: User, at: datetime) -> Evidence:
    """Keep a file for an objection that is not filed yet. ValidationError names the file and the remedy.

    It is examined before the transaction, and only if the objection can take one more.
    """
    _refuse_more(case, upload.name)
    inspected = examined(upload, user=actor)
    with storing():
        _before_filing(case, actor)
        # Counted again: another request may have been quicker.
        _refuse_more(case, upload.name)
        evidence = Evidence.objects.create(case=case, file=store_upload(upload=inspected, user=actor, at=at))
        _record(evidence, "objection.evidence_added", actor, at)
        return evidence


def _refuse_more(case: RepairCase, name: str | None) -> None:
    if Evidence.objects.filter(case=case, objection=None).count() >= MAX_EVIDENCE:
        raise NotReady(
            _("证据最多%(most)s个文件，“%(name)s”没有保存。请先删除不需要的文件。")
            % {"most": MAX_EVIDENCE, "name": name}
        )


@transaction.atomic
def remove_evidence(*, evidence: Evidence, actor: User, at: datetime) -> None:
    """Take back a file before the objection is filed; what was filed stays in the archive (Article 11)."""
    _before_filing(evidence.case, actor)
    kept = Evidence.objects.select_related("file", "case").filter(pk=evidence.pk, objection=None).first()
    if kept is None:
        raise NotReady(_("这个文件已经删除或者提交。"))
    _record(kept, "objection.evidence_removed", actor, at)
    stored = kept.file
    kept.delete()
    discard(stored)


def _before_filing(case: RepairCase, actor: User) -> None:
    """Lock a case whose refusal its applicant may still object to."""
    locked = lock_case(case)
    if not access.may_fill_in(actor, locked):
        access.refuse_former(actor, locked.record.subject)
        raise NotAllowed("the subject is not the applicant's")
    if locked.status != State.REFUSED or Objection.objects.filter(case=locked).exists():
        raise NotReady(
            _("申请%(number)s现为“%(status)s”，不能再增减异议的证据。")
            % {"number": locked.number, "status": locked.get_status_display()}
        )


def _record(evidence: Evidence, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=evidence.case.number,
        verb=verb,
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={"file": str(evidence.file_id), "sha256": evidence.file.sha256},
    )
