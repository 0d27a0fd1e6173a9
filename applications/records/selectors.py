from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from applications.ledger.selectors import readings_about
from applications.organs import regions
from applications.organs.models import Organ
from applications.records.models import Annotation, DishonestyRecord, InformationObjection


def published() -> QuerySet[DishonestyRecord]:
    """The records that the public sees now: in publicity and not past its last day.

    The day is checked here as well, so that a late task cannot keep a record public for longer than the law
    allows. Repaired records and those of minors are never among them, nor is a second row
    of the same penalty: of a repaired record it would be the record come back.
    """
    return DishonestyRecord.objects.filter(
        # Of a join that finds nothing PostgreSQL expects one row, and reads whole tables to get at it.
        ~Exists(Annotation.objects.filter(record=OuterRef("pk"))),
        publicity=DishonestyRecord.Publicity.PUBLISHED,
        double_of__isnull=True,
        publicity_until__gte=timezone.localdate(),
    )


def is_under_objection() -> Exists:
    """For a queryset of records: whether an objection to what one says is not answered yet."""
    return Exists(InformationObjection.objects.filter(record=OuterRef("pk"), answered_at=None))


class RecordSays(Protocol):
    """What the rules ask of a record itself: a row of the model, or a named row of these columns."""

    severity: str
    identified_on: date
    decided_on: date
    region: str
    penalties: list[str]
    domains: list[str]
    conducts: list[str]


# The columns of RecordSays.
SAYS = tuple(RecordSays.__annotations__)


def facts_of(record: RecordSays, duties: Iterable[tuple[str, str, date | None]]) -> dict[str, Any]:
    """The part of the rules' Facts (JSON form) that the record itself knows. ``duties``: name, source and day of
    fulfilment of each. A record without any imposed none: the import demands them wherever a penalty is more than a warning.
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
                "name": name,
                "source": source,
                "fulfilled_on": fulfilled_on.isoformat() if fulfilled_on else None,
            }
            for name, source, fulfilled_on in duties
        ],
    }


def base_facts(record: DishonestyRecord) -> dict[str, Any]:
    """``facts_of`` of a record and its ``obligations``, which are best prefetched."""
    return facts_of(
        record, ((str(each), each.source, each.fulfilled_on) for each in record.obligations.all())
    )


def open_facts(record: DishonestyRecord) -> dict[str, Any]:
    """The same before its subject has said anything: a duty that nobody has registered as fulfilled may well be."""
    facts = base_facts(record)
    for duty in facts["obligations"]:
        if duty["fulfilled_on"] is None:
            del duty["fulfilled_on"]
    return facts


def readings_of(record: DishonestyRecord) -> QuerySet[Any, Any]:
    """Which organs' officers opened the record's page: day, organ__name and times; the latest first."""
    return (
        readings_about(record.reference, "dishonestyrecord.read")
        .values(day=TruncDate("at"), organ__name=F("organ__name"))
        .annotate(times=Count("pk"))
        .order_by("-day")
    )


def channels(record: DishonestyRecord) -> list[Organ]:
    """The bodies that an applicant may turn to (Article 7): the identifying unit first, then the credit bureau
    nearest to the record's region."""
    [(_record, organs)] = with_channels([record])
    return organs


def with_channels(records: Iterable[DishonestyRecord]) -> list[tuple[DishonestyRecord, list[Organ]]]:
    """Each record with its ``channels``; the bureaus are read once."""
    bureaus = list(Organ.objects.filter(kind=Organ.Kind.CREDIT_BUREAU))
    bureaus.sort(key=lambda bureau: len(regions.prefix(bureau.region)), reverse=True)
    found = []
    for record in records:
        nearest = next((each for each in bureaus if regions.covers(each.region, record.region)), None)
        organs = [record.identifying_unit]
        if nearest is not None and nearest != record.identifying_unit:
            organs.append(nearest)
        found.append((record, organs))
    return found
