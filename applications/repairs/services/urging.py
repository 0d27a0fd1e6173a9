"""催办: an applicant asks that a case be gone on with. Whoever answers for its running clock hears of it, and the head of the
organ; where the clock is late, the department over it too. Once a day a case."""

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import Role as Post
from applications.accounts.models import User
from applications.accounts.selectors import staff_of
from applications.calendars.selectors import calendar
from applications.deadlines import wording
from applications.deadlines.models import Escalation
from applications.deadlines.recipients import Recipients
from applications.language import as_kept, day_and_weekday
from applications.ledger.models import Event
from applications.ledger.services import record_event
from applications.notifications.links import link_to
from applications.notifications.services import notify
from applications.repairs import access
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.locking import lock_case
from applications.repairs.message_words import about, titled
from applications.repairs.models import RepairCase
from applications.repairs.standing import standings
from rules.procedure import Role

URGED = "repair.urged"


@transaction.atomic
def urge_case(*, case: RepairCase, actor: User, at: datetime) -> str:
    """Tell the officers that the applicant waits; the answer says who was told. NotReady: nothing runs, it was done today, or
    there is nobody to tell."""
    locked = lock_case(case)
    if actor.is_staff or not access.may_fill_in(actor, locked):
        raise NotAllowed("the subject is not the applicant's")
    (standing,) = standings([locked], localdate(at))
    clock = standing.awaited
    if clock is None:
        raise NotReady(_("现在没有办理机构应当答复的期限，不需要催办。"))
    urged = Event.objects.filter(chain=locked.number, verb=URGED).values_list("at", flat=True)
    if localdate(at) in map(localdate, urged):
        raise NotReady(_("今天已经催办过，办理机构已经收到。明天起可以再次催办。"))
    level = Escalation.Level.BREACH if standing.late else Escalation.Level.DUE
    people = Recipients(localdate(at)).of(clock, level)
    if not people:
        raise NotReady(_("%(organ)s没有可以通知的人员，请直接联系该机构。") % {"organ": locked.organ})
    heads = staff_of(locked.organ, Post.SUPERVISOR).filter(pk__in=[each.pk for each in people]).count()
    record_event(
        chain=locked.number,
        verb=URGED,
        at=at,
        actor=actor,
        role=Role.APPLICANT,
        payload={"clock": clock.kind, "recipients": len(people)},
    )
    with as_kept():
        notify(
            key=f"{locked.number}:{URGED}:{localdate(at).isoformat()}",
            recipients=people,
            subject=titled(locked, _("申请人催办%(clock)s") % {"clock": clock.get_kind_display()}),
            body=_("申请%(case)s的申请人催办。“%(clock)s”期限%(due)s届满。%(standing)s\n%(about)s")
            % {
                "case": locked.number,
                "clock": clock.get_kind_display(),
                "due": wording.marked(day_and_weekday(clock.due_on), clock.provisional),
                "standing": wording.standing(clock, calendar(locked.organ.region), localdate(at)).sentence,
                "about": about(locked),
            },
            link=link_to("repaircase", locked.pk),
            about=locked.number,
            at=at,
        )
    if not heads:
        return _("已催办，通知了%(n)d名工作人员。") % {"n": len(people)}
    return _("已催办，通知了%(n)d名工作人员，包括%(organ)s的负责人。") % {
        "n": len(people),
        "organ": locked.organ,
    }
