"""Several records in one sitting, by the real services, and the forms of its pages."""

from __future__ import annotations

from django.urls import reverse

from applications.repairs import services
from applications.repairs.models import RepairCase
from tests.fixtures import moment
from tests.repairs.steps import joined, prepared

SITTING = moment("2026-11-20 09:00")


def sat(alice, choices) -> list[RepairCase]:
    (record, organ), *others = choices
    first = prepared(record, organ, alice)
    for record, organ in others:
        joined(first, record, organ, alice, SITTING)
    sign(first, alice)
    return list(
        RepairCase.objects.filter(filing=first.filing).select_related("filing", "record").order_by("pk")
    )


def sign(case, alice):
    services.sign_commitment(case=case, signatory="陈示例", publication_consent=True, actor=alice, at=SITTING)


def page(name, key):
    return reverse(f"repairs:{name}", args=[key])


def shown(cases) -> dict[str, list[str]]:
    """The form of the page before filing."""
    return {"case": [f"{case.number}:{case.version}" for case in cases]}


def choose(*choices, **more) -> dict[str, object]:
    return {
        "records": [record.pk for record, _organ in choices],
        **{f"organ_{record.pk}": organ.pk for record, organ in choices},
        **more,
    }
