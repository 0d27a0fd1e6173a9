"""Objections that nobody of the organ may handle (Article 13): each who could had a part in the decision, or nobody has the post.
Its head is told once, and no longer once somebody may."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import Role, User
from applications.accounts.selectors import staff_of
from applications.deadlines.models import RUNNING, Deadline
from applications.deadlines.recipients import Recipients
from applications.deadlines.wording import marked
from applications.notifications.links import link_to
from applications.notifications.models import Message
from applications.notifications.services import mark_read, notify
from applications.objections.models import Objection
from applications.organs.models import Organ
from applications.repairs.models import RepairCase
from applications.repairs.turns import desk_of
from rules.day_words import day_and_weekday
from rules.procedure import Clock, State

log = logging.getLogger(__name__)


def tell_stranded(*, at: datetime) -> None:
    """Called by beat. Whom to tell: the heads of the organ; where it has none, those of the department over it, on whose desk
    it stands (repairs.turns)."""
    looked_at = Objection.objects.filter(Q(outcome="") | Q(stranded_since__isnull=False))
    known = dict(looked_at.values_list("pk", "stranded_since"))
    organs = looked_at.filter(outcome="").values_list("case__organ", flat=True).distinct()
    on, found = localdate(at), set()
    for organ in organs.order_by():
        nobody = Q(organ=organ, status=State.OBJECTING) & desk_of(organ, on).without_taker()
        found |= set(RepairCase.objects.filter(nobody).values_list("objection", flat=True))
    for pk, since in sorted(known.items()):
        if (pk in found) != (since is not None):
            _note(pk, at, stranded=pk in found)


@transaction.atomic
def _note(pk: int, at: datetime, *, stranded: bool) -> None:
    """Tell of one objection, or that it is mended; another run may have been quicker."""
    objection = Objection.objects.select_for_update(of=("self",)).select_related("case__organ").get(pk=pk)
    since = objection.stranded_since
    if stranded == (since is not None):
        return
    if since is not None:
        told = Message.objects.filter(
            about=objection.case.number, key__startswith=f"{_key(objection, since)}/"
        )
        mark_read(messages=told, at=at)
    elif not _tell(objection, at):
        return
    objection.stranded_since = at if stranded else None
    objection.save(update_fields=["stranded_since"])


def _tell(objection: Objection, at: datetime) -> bool:
    """Whether there was anybody to tell."""
    case = objection.case
    people = _who_finds_somebody(case.organ, at)
    if not people:
        log.error("nobody to tell that nobody may handle the objection %s of %s", case, case.organ)
        return False
    clock = Deadline.objects.filter(RUNNING, case_number=case.number, kind=Clock.OBJECTION).first()
    due = (
        _("最迟%(due)s处理。") % {"due": marked(day_and_weekday(clock.due_on), clock.provisional)}
        if clock
        else ""
    )
    notify(
        key=_key(objection, at),
        recipients=people,
        subject=_("%(case)s：没有人能处理这件异议") % {"case": case.number},
        body=_(
            "%(organ)s现在没有可以处理这件异议的人员：审批岗没有人在岗，或者在岗的都参与过原审查或者原决定。%(due)s"
            "请由安全管理员指定一名没有参与过的审批人员，指定后即进入其待办。"
        )
        % {"organ": case.organ, "due": due},
        link=link_to("repaircase", case.pk),
        about=case.number,
        at=at,
    )
    return True


def _who_finds_somebody(organ: Organ, at: datetime) -> list[User]:
    return list(staff_of(organ, Role.SUPERVISOR)) or Recipients(localdate(at)).department(organ)


def _key(objection: Objection, since: datetime) -> str:
    return f"stranded-{objection.pk}-{int(since.timestamp())}"
