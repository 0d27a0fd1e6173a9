"""What a subject did of its own accord to mend its credit (Article 16): training for the public good, volunteering,
charity. It is shown to whoever reviews and decides; no rule reads it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.models import User
from applications.ledger.models import Event
from applications.ledger.services import record_event
from applications.masking import mask_numbers
from applications.repairs.access import may_work_on
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.locking import lock_case
from applications.repairs.models import RepairCase
from applications.repairs.services.drafts import save
from applications.repairs.shown import digest_of

NOTED = "repair.improvements_noted"


@transaction.atomic
def note_improvements(
    *, case: RepairCase, words: str, actor: User, at: datetime, seen: str | None = None
) -> RepairCase:
    """Keep what an officer notes, in place of what was noted before, which stays in the ledger. ``seen``: the digest of what
    the page showed; None where there was no page.

    NotAllowed; NotReady where the case is not before officers any more, or somebody has noted something else meanwhile.
    """
    if not may_work_on(actor, case):
        raise NotAllowed("it is not theirs to note")
    locked = lock_case(case)
    if not may_work_on(actor, locked):
        raise NotReady(
            _("申请%(number)s现为“%(status)s”，没有登记。")
            % {"number": locked.number, "status": locked.get_status_display()}
        )
    if seen is not None and seen != digest_of(locked.noted_improvements):
        raise NotReady(_noted_meanwhile(locked))
    words = mask_numbers(words.strip())
    record_event(
        chain=locked.number,
        verb=NOTED,
        at=at,
        actor=actor,
        organ=locked.organ,
        payload={"before": locked.noted_improvements, "words": words},
    )
    save(locked, at, noted_improvements=words)
    return locked


def _noted_meanwhile(case: RepairCase) -> str:
    last = (
        Event.objects.filter(chain=case.number, verb=NOTED)
        .select_related("actor")
        .order_by("position")
        .last()
    )
    if last is None:
        # What no page of ours showed: nothing was noted yet.
        return _("您打开的页面不是最新的，您填写的没有登记。请核对后再登记。")
    who = who_acted(last.actor, last.at)
    if not case.noted_improvements:
        return _("%(who_acted)s取消了登记。您填写的没有登记，请核对后再登记。") % {"who_acted": who}
    return _("%(who_acted)s登记：“%(words)s”。您填写的没有登记，请把两者合在一起后再登记。") % {
        "who_acted": who,
        "words": case.noted_improvements,
    }
