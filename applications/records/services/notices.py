"""两书同达: with the penalty decision its subject gets the notice of repair, in which everything about repair stands:
the class, the shortest and the longest publicity, the first day on which one may apply, the materials, the contacts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.accounts.models import User
from applications.documents.models import Document, Kind
from applications.documents.services import alarming, issue_document
from applications.ledger.locking import lock_chain
from applications.policies.selectors import policy_in_force
from applications.records.access import may_issue_notice
from applications.records.models import DishonestyRecord
from applications.records.selectors import base_facts, channels
from applications.records.wording import record_lines
from rules.eligibility import Assessment, assess
from rules.facts import Facts
from rules.instruments import CONDITIONS, MINIMUM_PERIOD
from rules.materials import required

# So many notices lie in one file: a printer's portion, and what one request can put together.
IN_ONE_FILE = 200


def notice_of(record: DishonestyRecord) -> Document | None:
    """The notice that was issued for a record last."""
    return (
        Document.objects.filter(about=record.reference, kind=Kind.REPAIR_NOTICE)
        .select_related("pdf")
        .order_by("issued_at", "pk")
        .last()
    )


def wants_notice(record: DishonestyRecord) -> bool:
    """Whether there is a repair to tell of: not of one that is repaired, nor where the penalty was revoked."""
    return record.source_state != DishonestyRecord.SourceState.REVOKED and not hasattr(record, "annotation")


@alarming()
@transaction.atomic
def issue_notice(*, record: DishonestyRecord, actor: User, at: datetime) -> Document:
    """Issue the notice of repair, in the name of the identifying unit; what says the same already is given back.

    PermissionDenied; ValidationError: the penalty was revoked, or the record is repaired.
    """
    if not may_issue_notice(actor, record):
        raise PermissionDenied
    if not wants_notice(record):
        raise ValidationError(_("“%(record)s”已修复或者处罚已被撤销，不需要告知修复。") % {"record": record})
    lock_chain(record.reference)
    content = _content(record, localdate(at))
    earlier = notice_of(record)
    if earlier is not None and {**earlier.content, "date": ""} == {**content, "date": ""}:
        return earlier
    return issue_document(
        kind=Kind.REPAIR_NOTICE,
        organ=record.identifying_unit,
        about=record.reference,
        addressee=record.subject.name,
        content=content,
        at=at,
        issued_by=actor,
        replaces=earlier,
    )


def has_changed_since(document: Document) -> bool | None:
    """Whether the record of a notice is repaired, revoked or another than it tells. None: not a notice of repair."""
    if document.kind != Kind.REPAIR_NOTICE or not document.about.startswith("R-"):
        return None
    record = DishonestyRecord.objects.get(pk=int(document.about.removeprefix("R-")))
    told = document.content
    now = _content(record, date.fromisoformat(told["date"]))
    return not wants_notice(record) or any(told.get(name, now[name]) != now[name] for name in _OF_THE_RECORD)


def issue_notices(*, records: Sequence[DishonestyRecord], actor: User, at: datetime) -> list[Document]:
    """Those of several records, each in a transaction of its own; records that need none are passed over."""
    issued = []
    for record in records:
        try:
            issued.append(issue_notice(record=record, actor=actor, at=at))
        except ValidationError:
            continue
    return issued


def _content(record: DishonestyRecord, on: date) -> dict[str, Any]:
    unit, subject = record.identifying_unit, record.subject
    policy = policy_in_force(on=on, unit=unit)
    asked = policy.applicable(record.severity, tuple(record.domains))
    shortest = next((each.term for each in asked.requirements if each.code == MINIMUM_PERIOD), None)
    assessment = assess(Facts.from_json(base_facts(record) | _UNKNOWN_GROUNDS), policy, on)
    listed = policy.specific_serious
    longest = listed.publicity if listed and assessment.outcome == "barred" else asked.publicity
    return {
        "subject": {"name": subject.name, "code": subject.masked_code, "kind": subject.kind},
        "record": record_lines(record),
        "organ": {"name": unit.name, "phone": unit.phone, "address": unit.address},
        "date": on.isoformat(),
        "policy": {"id": policy.id, "title": policy.title, "document": policy.document},
        "article": policy.severities[record.severity].source.article,
        "shortest": str(shortest) if shortest else "",
        "longest": str(longest),
        "public_until": record.publicity_until.isoformat(),
        "public": record.publicity == DishonestyRecord.Publicity.PUBLISHED and record.publicity_until >= on,
        **({"withheld": True} if record.is_withheld else {}),
        **_first_day(assessment),
        "conditions": [CONDITIONS[each.code] for each in asked.requirements if each.code != MINIMUM_PERIOD],
        "materials": [
            COMMITMENT,
            *(each.names for each in required(person=subject.is_person, severity=record.severity)),
        ],
        "contacts": [
            {"name": each.name, "phone": each.phone, "address": each.address} for each in channels(record)
        ],
    }


# What a notice says that the record alone decides, the days as on the day of the notice.
_OF_THE_RECORD = ("record", "longest", "public_until", "earliest_on", "barred_until")
COMMITMENT = "信用修复承诺书"
# What nobody has found yet when the penalty is told.
_UNKNOWN_GROUNDS: dict[str, Any] = {
    "other_specific_serious_ground": None,
    "false_material": False,
    "statutory_bar": None,
}


def _first_day(assessment: Assessment) -> dict[str, str]:
    """From which day one may apply; of specific serious conduct, until when one may not (Article 6)."""
    period = assessment.finding(MINIMUM_PERIOD)
    barred, end = assessment.outcome == "barred", assessment.bar_ends_on
    return {
        "earliest_on": period.earliest_on.isoformat() if period and period.earliest_on and not barred else "",
        "barred_until": end.isoformat() if barred and end else "",
    }
