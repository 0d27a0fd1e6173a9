"""What a subject did of its own accord to mend its credit (Article 16): training for the public good, volunteering,
charity. It is shown to whoever reviews and decides; no rule reads it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.ledger.services import record_event
from applications.repairs.access import may_work_on
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.locking import lock_case
from applications.repairs.models import RepairCase
from applications.repairs.services.drafts import save
from applications.subjects.identity import mask_numbers


@transaction.atomic
def note_improvements(*, case: RepairCase, words: str, actor: User, at: datetime) -> RepairCase:
    """Keep what an officer notes, in place of what was noted before, which stays in the ledger.

    NotAllowed; NotReady where the case is not before officers any more.
    """
    if not may_work_on(actor, case):
        raise NotAllowed("it is not theirs to note")
    locked = lock_case(case)
    if not may_work_on(actor, locked):
        raise NotReady(
            _("申请%(number)s现为“%(status)s”，没有登记。")
            % {"number": locked.number, "status": locked.get_status_display()}
        )
    words = mask_numbers(words.strip())
    record_event(
        chain=locked.number,
        verb="repair.improvements_noted",
        at=at,
        actor=actor,
        organ=locked.organ,
        payload={"before": locked.noted_improvements, "words": words},
    )
    save(locked, at, noted_improvements=words)
    return locked
