"""The letter that answers an objection to information: each item with what the record said, what was asked, and what came
of it (Article 13 by analogy)."""

from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from applications.accounts.models import User
from applications.documents import remedies
from applications.documents.models import Document, Kind
from applications.documents.services import issue_document
from applications.masking import mask_numbers
from applications.records import fields
from applications.records.models import InformationObjection
from applications.records.wording import record_lines


def issue_result(*, objection: InformationObjection, actor: User, at: datetime) -> Document:
    """Issue it for an objection that has just been answered, in the transaction of the answer. Unprintable."""
    return issue_document(
        kind=Kind.INFORMATION_RESULT,
        organ=objection.unit,
        about=objection.number,
        addressee=objection.subject.name,
        content=_content(objection, at),
        at=at,
        issued_by=actor,
    )


def result_of(objection: InformationObjection) -> Document | None:
    """The letter that answered it; none while it runs, nor of what was answered before there were such letters."""
    return Document.objects.filter(about=objection.number, kind=Kind.INFORMATION_RESULT).first()


def _content(objection: InformationObjection, at: datetime) -> dict[str, Any]:
    unit, subject, record = objection.unit, objection.subject, objection.record
    remedied = objection.outcome == InformationObjection.Outcome.ACCEPTED
    return {
        "objection_number": objection.number,
        "subject": {"name": subject.name, "code": subject.masked_code, "kind": subject.kind},
        "record": record_lines(record) if record else None,
        "organ": {"name": unit.name, "phone": unit.phone, "address": unit.address},
        "date": localdate(at).isoformat(),
        "filed_on": localdate(objection.filed_at).isoformat(),
        "grounds": objection.grounds,
        "supplied": str(objection.supplied) if objection.supplied else "",
        "outcome": objection.outcome,
        "items": [
            {
                "label": fields.label(item["field"]),
                "stated": mask_numbers(item["stated"]),
                "wanted": item["wanted"],
                "accepted": item["accepted"],
                "corrected": item.get("written", ""),
            }
            for item in objection.items
        ],
        "reasons": objection.reasons,
        "remedies": "" if remedied else remedies.told(unit, at),
    }
