"""What an information objection is about, as its pages, messages and events say it."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from applications.files.models import StoredFile
from applications.files.scanning import is_infected
from applications.masking import mask_numbers
from applications.records import fields
from applications.records.models import InformationObjection

Items = Iterable[dict[str, Any]]


class Item(NamedTuple):
    """One field in words: what the record said when it was objected to, what it should say, and, where they are other than
    these, what it says now (while nobody has answered) and what was ``written`` in answer."""

    label: str
    stated: str
    wanted: str
    now: str = ""
    accepted: bool = False
    written: str = ""


def items_of(objection: InformationObjection) -> list[Item]:
    found = []
    for item in objection.items:
        name, stated, now = item["field"], _said(item["stated"]), ""
        if objection.record and not objection.outcome:
            now = _said(fields.for_form(objection.record, name))
        written = item.get("written", item["wanted"])
        found.append(
            Item(
                fields.label(name),
                stated,
                _said(item["wanted"]),
                now=now if now != stated else "",
                accepted=item.get("accepted", False),
                written=_said(written) if written != item["wanted"] else "",
            )
        )
    return found


def evidence_of(objection: InformationObjection) -> list[StoredFile]:
    first = [objection.evidence] if objection.evidence else []
    return [*first, *objection.more_evidence.select_related("scan").order_by("name", "pk")]


def rested_on(objection: InformationObjection) -> list[StoredFile]:
    """The files that an answer rests on: of one with a virus nobody sees anything."""
    return [file for file in evidence_of(objection) if not is_infected(file)]


def evidence_file(objection: InformationObjection, key: UUID) -> StoredFile:
    """One of its files. Http404."""
    for each in evidence_of(objection):
        if each.pk == key:
            return each
    raise Http404


def changes_asked(items: Items) -> list[tuple[str, str, str]]:
    """Field, what it said, what it should say, in words."""
    return [(fields.label(item["field"]), _said(item["stated"]), _said(item["wanted"])) for item in items]


def sentences(items: Items) -> str:
    """A line for each item, for a message; none where a record is missing."""
    return "".join(
        _("“%(field)s”：现为“%(stated)s”，应更正为“%(wanted)s”。\n")
        % {"field": field, "stated": stated, "wanted": wanted}
        for field, stated, wanted in changes_asked(items)
    )


def _said(text: str) -> str:
    return mask_numbers(text) or _("无")
