"""The papers that came with an objection, as the repairs app shows papers beside conditions (repairs.evidence)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.objections.models import Objection
from applications.repairs.evidence import Paper
from rules.materials import ON_ALL


def papers_of(objection: Objection) -> list[Paper]:
    """Each is evidence of whatever is disputed."""
    return [
        Paper(
            key=str(one.file_id),
            label=_("异议证据"),
            name=one.file.name,
            shows=frozenset({*objection.disputed, ON_ALL}),
            address=reverse("objections:open_evidence", args=[objection.case.number, one.pk]),
        )
        for one in objection.evidence.select_related("file")
    ]
