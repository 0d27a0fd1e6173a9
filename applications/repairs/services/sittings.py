"""Several records in one sitting (一并申请): which records a filing asks about, while officers have none of its cases."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.ledger.services import record_event
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord
from applications.repairs import access
from applications.repairs.errors import NotReady
from applications.repairs.locking import in_order_of_numbers, locked_filing
from applications.repairs.models import Filing, RepairCase
from applications.repairs.services.drafts import edit, save, start_case, was_submitted
from applications.repairs.services.filings import own_filing
from applications.repairs.services.reuse import attach_certificate, attach_report, reuse_materials
from rules.procedure import Role, State


@transaction.atomic
def start_filing(
    *,
    choices: Sequence[tuple[DishonestyRecord, Organ]],
    applicant: User,
    at: datetime,
    filing: Filing | None = None,
    again: Collection[str] = (),
) -> Filing:
    """One draft for each record, all in one filing, or all of them added to ``filing``: all or none.

    The records are of one subject, at least one, and each goes to the organ beside it; severity, identifying unit and organ
    may differ (Article 7 asks each of one record). ``again`` are the keys of what is used again (services.reuse); a report
    and a training certificate of ours attach themselves. Raises what start_case() and reuse_materials() raise.
    """
    if not choices:
        raise NotReady(_("请至少选择一条要申请修复的失信行为信息。"))
    choices = in_order_of_numbers(((record, organ), organ, record.pk) for record, organ in choices)
    for record, organ in choices:
        case = start_case(record=record, organ=organ, applicant=applicant, at=at, filing=filing)
        filing = case.filing
        attach_report(case=case, actor=applicant, at=at)
        attach_certificate(case=case, actor=applicant, at=at)
        if again:
            reuse_materials(case=case, keys=again, actor=applicant, at=at)
    assert filing is not None
    return filing


@transaction.atomic
def take_out(*, case: RepairCase, actor: User, at: datetime) -> Filing:
    """Let a draft go on alone, in a filing of its own with all that was filled in and handed in; the others stay.

    What was signed about all is signed anew by both: the text lists what is asked for. NotReady where officers have one of
    the cases, or nothing else would be left.
    """
    locked = edit(case, actor)
    filing = locked_filing(locked)
    if was_submitted(filing.cases.all()):
        raise NotReady(_("这次申请已经提交，不能再移出其中的失信行为信息；不需要的，可以撤回该件申请。"))
    if not drafts_of(filing).exclude(pk=locked.pk).exists():
        raise NotReady(
            _("这次申请只剩%(record)s一条，不用移出；不需要的，可以放弃这份草稿。")
            % {"record": locked.record}
        )
    left = filing.pk
    filing.commitment = None
    own = own_filing(locked, filing)
    record_event(
        chain=locked.number,
        verb="repair.taken_out",
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={"filing": left},
    )
    save(locked, at)
    return own


def drafts_of(filing: Filing) -> QuerySet[RepairCase]:
    """The cases that a filing would submit now, in the order in which its commitment lists them."""
    return filing.cases.filter(status=State.DRAFT).order_by("pk")


def filed_in(filing: Filing) -> QuerySet[RepairCase]:
    """The cases that were submitted in this sitting, also those that have a filing of their own since."""
    sitting = access.filings_of_sitting(filing.origin_id or filing.pk)
    # Read first: they are few, and each finds its cases by an index.
    filings = list(sitting.values_list("pk", flat=True))
    return RepairCase.objects.filter(filing__in=filings).exclude(first_submitted_at=None).order_by("pk")


def filed_together(case: RepairCase, user: User) -> list[RepairCase]:
    """The other cases that were submitted in one sitting with this one, as far as the user may see them."""
    others = filed_in(case.filing).exclude(pk=case.pk)
    # Most have none, and then nobody is asked what the user may see.
    if not others.exists():
        return []
    return list((others & access.visible_to(user)).select_related("record", "organ"))
