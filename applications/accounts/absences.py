"""Who is away and who stands in: an absence from one day to another, registered by the person or the head of the organ.

A cover gets the work and no rights: what a person may do follows from the own roles, and nobody does twice what takes
two hands.
"""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.access import may_register_absence, roles_of
from applications.accounts.events import chain_of
from applications.accounts.models import CASE_ROLES, Absence, User
from applications.ledger.services import record_event

# Longer than any leave; whoever is away for good has no roles any more.
LONGEST_DAYS = 366
NO_COVER = gettext_lazy("代办人应当是本单位的另一名人员，并且与离开的人至少有一个相同的岗位。")


def in_force(on: date) -> Q:
    return Q(ended_at=None, first_on__lte=on, last_on__gte=on)


def covers_on(organ_id: int, on: date) -> dict[int, int]:
    """Of an organ on a day: who is away → who stands in, by their ids."""
    away = Absence.objects.filter(in_force(on), user__organ=organ_id)
    return dict(away.order_by("pk").values_list("user", "cover"))


def absence_of(user: User, on: date) -> Absence | None:
    return Absence.objects.filter(in_force(on), user=user).select_related("cover").first()


@transaction.atomic
def register_absence(
    *, user: User, cover: User, first_on: date, last_on: date, actor: User, at: datetime
) -> Absence:
    """Let a colleague have a person's work from a day to a day, both included.

    ValidationError by field: days in the past or the wrong way round, somebody else's days, a cover who is away
    then, of another organ, or without any of the person's roles.
    """
    if not may_register_absence(actor, user):
        raise PermissionDenied
    # One order for two people who name each other at the same time.
    list(User.objects.select_for_update().filter(organ=user.organ_id, is_staff=True).order_by("pk"))
    if first_on > last_on:
        raise ValidationError({"last_on": _("末日不能早于首日。")})
    if last_on < localdate(at):
        raise ValidationError({"last_on": _("末日已经过去，请填写今天或者以后的日期。")})
    if (last_on - first_on).days >= LONGEST_DAYS:
        raise ValidationError({"last_on": _("一次最多登记%(days)d天。") % {"days": LONGEST_DAYS}})
    shared = roles_of(user) & roles_of(cover) & set(CASE_ROLES)
    if cover.pk == user.pk or cover.organ_id != user.organ_id or not shared:
        raise ValidationError({"cover": NO_COVER})
    then = Absence.objects.filter(ended_at=None, first_on__lte=last_on, last_on__gte=first_on)
    if other := then.filter(user=user).first():
        raise ValidationError(
            {"first_on": _("%(absence)s已经登记，日期不能重叠。") % {"absence": _in_words(other)}}
        )
    if other := then.filter(user=cover).first():
        raise ValidationError(
            {"cover": _("%(absence)s本人也不在，请选择其他人。") % {"absence": _in_words(other)}}
        )
    if other := then.filter(cover=user).first():
        raise ValidationError(
            {"first_on": _("%(absence)s由此人代办，请先改由他人代办。") % {"absence": _in_words(other)}}
        )
    absence = Absence.objects.create(
        user=user, cover=cover, first_on=first_on, last_on=last_on, made_by=actor, made_at=at
    )
    _note(absence, "user.absence_registered", actor, at)
    return absence


@transaction.atomic
def end_absence(*, absence: Absence, actor: User, at: datetime) -> Absence:
    """The person is back, or does not go. ValidationError: it is over already."""
    absence = (
        Absence.objects.select_for_update(of=("self",)).select_related("user", "cover").get(pk=absence.pk)
    )
    # Whoever stands in must be able to say that the person is back.
    if not may_register_absence(actor, absence.user) and actor.pk != absence.cover_id:
        raise PermissionDenied
    if absence.ended_at or absence.last_on < localdate(at):
        raise ValidationError(_("%(absence)s已经结束。") % {"absence": _in_words(absence)})
    absence.ended_at, absence.ended_by = at, actor
    absence.save(update_fields=["ended_at", "ended_by"])
    _note(absence, "user.absence_ended", actor, at)
    return absence


def _in_words(absence: Absence) -> str:
    return _("%(name)s %(first)s至%(last)s的离岗") % {
        "name": absence.user.name,
        "first": absence.first_on.isoformat(),
        "last": absence.last_on.isoformat(),
    }


def _note(absence: Absence, verb: str, actor: User, at: datetime) -> None:
    record_event(
        chain=chain_of(absence.user),
        verb=verb,
        at=at,
        actor=actor,
        role="staff",
        organ=absence.user.organ,
        payload={
            "absence": absence.pk,
            "cover": absence.cover_id,
            "first_on": absence.first_on.isoformat(),
            "last_on": absence.last_on.isoformat(),
        },
    )
