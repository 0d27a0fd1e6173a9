"""What is known of an uploaded file, beside its name."""

from typing import Any

from django import template
from django.utils import timezone

from applications.files.models import StoredFile
from applications.files.scanning import Standing, is_infected, standing_of
from applications.repairs.models import Material, RepairCase
from applications.repairs.uploads import remarks_of
from rules.materials import Kind

register = template.Library()


@register.inclusion_tag("repairs/about_file.html")
def about_file(material: Material, case: RepairCase, brief: bool = False) -> dict[str, Any]:
    """For the applicant's side: the scanner's word, and each remark with the picture of its page. ``brief``: that it has
    passed the scanner goes without saying."""
    return {
        "brief": brief,
        "material": material,
        "case": case,
        "scan": standing_of(material.file, timezone.now()),
        "remarks": remarks_of(material, case),
    }


@register.inclusion_tag("admin/repairs/about_file.html")
def about_filed(material: Material, case: RepairCase) -> dict[str, Any]:
    """For officers, who open the page that a remark is about."""
    return about_file(material, case)


# What a good one of its kind looks like.
SAMPLES = {Kind.LICENCE: "sealed", Kind.IDENTITY: "identity", Kind.HANDLER_IDENTITY: "identity"}


@register.filter
def sample(kind: str) -> str:
    """The name of the sample picture of a kind of material; empty where there is none."""
    return SAMPLES.get(Kind(kind), "")


@register.filter
def infected(file: StoredFile) -> bool:
    return is_infected(file)


@register.filter
def scanned(material: Material) -> Standing | None:
    return standing_of(material.file, timezone.now())
