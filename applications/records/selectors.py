from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from applications.accounts.models import User
from applications.organs.models import Organ
from applications.records.access import importable_organs, visible_records
from applications.records.models import DishonestyRecord, ImportBatch, SourceAct


def visible_to(user: User | AnonymousUser) -> QuerySet[DishonestyRecord]:
    """The records that this person may see (access.may_see as a queryset)."""
    return DishonestyRecord.objects.filter(visible_records(user))


def published() -> QuerySet[DishonestyRecord]:
    """The records that the public sees now: in publicity and not past its last day.

    The day is checked here as well, so that a late task cannot keep a record public for longer than the law
    allows. Repaired records and those of minors are never among them.
    """
    return DishonestyRecord.objects.filter(
        publicity=DishonestyRecord.Publicity.PUBLISHED,
        annotation__isnull=True,
        publicity_until__gte=timezone.localdate(),
    )


def base_facts(record: DishonestyRecord) -> dict[str, Any]:
    """The part of the rules' Facts (JSON form) that the record itself knows.

    Needs ``obligations``, best prefetched. A record without obligations imposed none: the import demands
    them wherever a penalty is more than a warning.
    """
    return {
        "severity": record.severity,
        "identified_on": record.identified_on.isoformat(),
        "decided_on": record.decided_on.isoformat(),
        "region": record.region,
        "penalties": list(record.penalties),
        "domains": list(record.domains),
        "conducts": list(record.conducts),
        "obligations": [
            {
                "name": each.name,
                "source": each.source,
                "fulfilled_on": each.fulfilled_on.isoformat() if each.fulfilled_on else None,
            }
            for each in record.obligations.all()
        ],
    }


def batches_visible_to(user: User | AnonymousUser) -> QuerySet[ImportBatch]:
    """The imported files of the units for which this officer may import (access.importable_organs)."""
    return ImportBatch.objects.filter(organ__in=Organ.objects.filter(importable_organs(user)))


def acts_visible_to(user: User | AnonymousUser) -> QuerySet[SourceAct]:
    """What officers made of the records that this person may see."""
    return SourceAct.objects.filter(record__in=visible_to(user))
