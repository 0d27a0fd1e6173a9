"""Drafts that nobody went on with (rules/retention.toml): their applicant is told, then what was filled in and handed in goes.

The row of the case stays, with its number; nothing of a draft is in the archive of Article 11.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.documents.models import Document
from applications.files.services import discard
from applications.language import as_kept, day_in_words
from applications.ledger.locking import lock_chain
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.models import Message
from applications.notifications.services import notify
from applications.repairs.models import CaseObligation, Filing, Material, RepairCase
from applications.repairs.services.drafts import why_kept
from rules.procedure import State
from rules.retention import kinds, period_of

KIND = "draft"
EMPTY = {
    "contact_name": "",
    "contact_phone": "",
    "training_completed_on": None,
    "training_certificate_number": "",
    "report_issued_on": None,
    "report_issuer": "",
    "report_institution": "",
    "report_number": "",
}


def _untouched(since: datetime) -> QuerySet[Filing]:
    """Filings online, all cases of which are drafts that were saved last before, and in which something is left."""
    others = RepairCase.objects.filter(filing=OuterRef("pk")).exclude(status=State.DRAFT, edited_at__lt=since)
    left = Exists(Material.objects.filter(filing=OuterRef("pk"))) | ~Q(contact_name="") | ~Q(contact_phone="")
    old = RepairCase.objects.filter(status=State.DRAFT, edited_at__lt=since).values("filing")
    filings = Filing.objects.filter(left, ~Exists(others), pk__in=old, reception=None)
    return filings.annotate(edited_at=Max("cases__edited_at"))


def _key(filing: Filing) -> str:
    """Of the notice; a draft that is saved again begins anew."""
    return f"draft-expires/{filing.pk}/{filing.edited_at:%Y%m%d%H%M%S}"  # type: ignore[attr-defined]


def _notice() -> timedelta:
    before = kinds()[KIND].told_before
    assert before is not None
    return before


@as_kept()
def tell_of_old_drafts(at: datetime) -> int:
    """Tell each applicant, once, on which day the draft will be erased; how many messages are new."""
    told = 0
    drafts = _untouched(at - period_of(KIND) + _notice())
    for filing in drafts.select_related("applicant", "subject").iterator(chunk_size=500):
        numbers = "、".join(filing.cases.order_by("number").values_list("number", flat=True))
        last = localdate(max(filing.edited_at + period_of(KIND), at + _notice()))  # type: ignore[attr-defined]
        told += notify(
            key=_key(filing),
            recipients=[filing.applicant],
            subject=_("申请草稿将要删除：%(numbers)s") % {"numbers": numbers},
            body=_(
                "您为“%(subject)s”填写的申请%(numbers)s一直没有提交。到%(day)s还没有再保存的，系统删除填写的内容和上传的材料。"
                "还要办理的，请在此之前打开并保存；不再办理的，不必处理。"
            )
            % {"subject": filing.subject.public_name, "numbers": numbers, "day": day_in_words(last)},
            link=link_to("case", filing.cases.order_by("number").values_list("number", flat=True)[0]),
            at=at,
        )
    return told


def old_drafts(at: datetime) -> QuerySet[Filing]:
    """Those that are to be erased: their applicants were told long enough ago."""
    told = [
        filing.pk
        for filing in _untouched(at - period_of(KIND)).iterator(chunk_size=500)
        if Message.objects.filter(
            key=f"{_key(filing)}/{filing.applicant_id}/inbox", written_at__lte=at - _notice()
        ).exists()
    ]
    return Filing.objects.filter(pk__in=told)


def empty_drafts(filings: QuerySet[Filing], at: datetime) -> int:
    """What was filled in and handed in; a file on which a signed commitment rests stays with it."""
    count = 0
    for pk in filings.values_list("pk", flat=True):
        with transaction.atomic():
            for number in (
                RepairCase.objects.filter(filing=pk).order_by("number").values_list("number", flat=True)
            ):
                lock_chain(number)
            cases = list(RepairCase.objects.select_for_update().filter(filing=pk).order_by("number"))
            filing = Filing.objects.select_for_update().get(pk=pk)
            if all(case.status == State.DRAFT and case.edited_at < at - period_of(KIND) for case in cases):
                _empty(filing, cases, at)
                count += 1
    return count


def _empty(filing: Filing, cases: list[RepairCase], at: datetime) -> None:
    files = 0
    for material in Material.objects.filter(filing=filing).select_related("file"):
        if any(why_kept(case, material) for case in cases):
            continue
        stored = material.file
        material.delete()
        files += 1
        if not (
            Material.objects.filter(file=stored).exists() or Document.objects.filter(pdf=stored).exists()
        ):
            discard(stored)
    Filing.objects.filter(pk=filing.pk).update(**EMPTY)
    CaseObligation.objects.filter(case__in=cases).update(fulfilled_on=None)
    RepairCase.objects.filter(filing=filing).update(improvements="", corrected_on=None)
    for case in cases:
        record_event(
            chain=case.number,
            verb="repair.draft_emptied",
            at=at,
            organ=case.organ,
            payload={"files": files},
        )
