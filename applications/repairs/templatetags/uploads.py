"""What is known of an uploaded file, beside its name."""

from typing import Any

from django import template
from django.utils import timezone

from applications.files.scanning import Standing, standing_of
from applications.repairs.models import Material, RepairCase
from applications.repairs.uploads import remarks_of

register = template.Library()


@register.inclusion_tag("repairs/about_file.html")
def about_file(material: Material, case: RepairCase) -> dict[str, Any]:
    """For the applicant's side: the scanner's word, and each remark with the picture of its page."""
    return {
        "material": material,
        "case": case,
        "scan": standing_of(material.file, timezone.now()),
        "remarks": remarks_of(material, case),
    }


@register.inclusion_tag("admin/repairs/about_file.html")
def about_filed(material: Material, case: RepairCase) -> dict[str, Any]:
    """For officers, who open the page that a remark is about."""
    return about_file(material, case)


@register.filter
def scanned(material: Material) -> Standing | None:
    return standing_of(material.file, timezone.now())
