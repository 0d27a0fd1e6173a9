"""Reminding somebody who acts for a subject of the first day on which a record of it may be repaired (Articles 4, 5, 12)."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.language import as_kept
from applications.notifications.links import link_to
from applications.notifications.models import Group
from applications.notifications.services import TEXT_LENGTH, notify
from applications.portal.models import RecordReminder
from applications.records.access import visible_to
from applications.records.models import DishonestyRecord
from applications.repairs.record_list import Standing, standings_of
from rules.day_words import day_in_words

AT_ONCE = 200


class NothingToWaitFor(Exception):
    """There is no first day to come for this record."""


def own_record(user: User, pk: int, on: date) -> Standing | None:
    """How a record stands of a subject that the user acts for; None for others and for officers."""
    if user.is_staff:
        return None
    return next(iter(standings_of(visible_to(user).filter(pk=pk), on)), None)


def remind(*, user: User, standing: Standing, at: datetime) -> None:
    """Have the user reminded of the record; once, however often it is asked for. NothingToWaitFor."""
    if standing.first_day is None:
        raise NothingToWaitFor
    RecordReminder.objects.get_or_create(
        user=user, record=standing.record, defaults={"made_at": at, "looked_on": localdate(at)}
    )


def forget(*, user: User, record: DishonestyRecord) -> bool:
    """Take the wish back; False where there was none."""
    return bool(RecordReminder.objects.filter(user=user, record=record).delete()[0])


def reminded_of(user: User, records: Collection[int]) -> set[int]:
    """The keys of those of the records of which the user is reminded."""
    wanted = RecordReminder.objects.filter(user=user, record__in=records)
    return set(wanted.values_list("record_id", flat=True))


@as_kept()
def send_due(*, at: datetime) -> int:
    """Look at each wish that was not looked at today; how many people were told. A day that has moved is waited for, and so is
    what becomes of a draft; of a record that is repaired, applied for or barred meanwhile nothing is said: the list says it.
    Also several at once."""
    today, told = localdate(at), 0
    while True:
        with transaction.atomic():
            due = RecordReminder.objects.filter(looked_on__lt=today).order_by("pk")
            some = list(due.select_for_update(skip_locked=True)[:AT_ONCE])
            if not some:
                return told
            records = DishonestyRecord.objects.filter(pk__in={each.record_id for each in some})
            standing = {each.record.pk: each for each in standings_of(records, today)}
            people = User.objects.in_bulk({each.user_id for each in some})
            waiting, ready = [], []
            for each in some:
                found = standing[each.record_id]
                if found.first_day is not None or found.drafted:
                    waiting.append(each.pk)
                elif found.may_start:
                    ready.append(each)
            theirs = _still_theirs(ready, people)
            for each in ready:
                if each.record_id in theirs[each.user_id]:
                    _tell(people[each.user_id], standing[each.record_id], each, at)
                    told += 1
            RecordReminder.objects.filter(pk__in=waiting).update(looked_on=today)
            RecordReminder.objects.filter(pk__in={each.pk for each in some} - set(waiting)).delete()


def _still_theirs(reminders: Collection[RecordReminder], people: dict[int, User]) -> dict[int, set[int]]:
    """For each person of the reminders the keys of those records that are still theirs; asked once for each person."""
    wanted: dict[int, set[int]] = {}
    for each in reminders:
        wanted.setdefault(each.user_id, set()).add(each.record_id)
    return {
        user: set(visible_to(people[user]).filter(pk__in=records).values_list("pk", flat=True))
        for user, records in wanted.items()
    }


def _tell(user: User, standing: Standing, reminder: RecordReminder, at: datetime) -> None:
    record = standing.record
    lines = [
        _(
            "您请我们提醒您：%(unit)s认定的失信行为信息%(record)s（信用主体：%(subject)s），现在可以申请信用修复。"
        )
        % {"unit": record.identifying_unit, "record": record, "subject": record.subject.public_name},
    ]
    if standing.note:
        lines.append(_("请留意：%(note)s。") % {"note": standing.note})
    if record.publicity == DishonestyRecord.Publicity.PUBLISHED:
        lines.append(_("不申请的，该信息公示至%(day)s。") % {"day": day_in_words(record.publicity_until)})
    lines.append(_("条件和需要准备的材料，登录后在该记录的页面查看。"))
    notify(
        key=f"may-apply/{record.pk}/{reminder.pk}",
        recipients=[user],
        subject=_("%(subject)s %(record)s：可以申请信用修复了")
        % {"subject": record.subject.public_name, "record": record},
        body="\n".join(lines),
        link=link_to("ownrecord", record.pk),
        group=Group.REMINDER,
        text=_text(record),
        at=at,
    )


def _text(record: DishonestyRecord) -> str:
    """In one SMS. A document number that is too long for it stands in the message."""
    for number in (_("（%(record)s）") % {"record": record}, ""):
        said = _("提醒：您有一条失信行为信息%(number)s现在可以申请信用修复，请登录江苏信用修复办理。") % {
            "number": number
        }
        if len(said) <= TEXT_LENGTH:
            break
    return said
