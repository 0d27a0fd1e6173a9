"""What tests of claims share. The codes are invented, their check digits worked out apart from the code."""

import io

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.accounts.models import Role, User
from applications.organs.models import Organ
from tests.fixtures import make_user, moment

NOW = moment("2026-11-20 10:00")
NANJING = "91320102MA1TE5T18C"
SUZHOU = "91320505MA1ABCD54C"
# 320576: a development zone, not in GB/T 2260.
PARK = "91320576MA1ABCD38H"
BEIJING = "91110105MA1ABCD46B"
PERSON = "320102199003076515"
MINE = "/subjects/"
CLAIM = "/subjects/claim/"
PERSON_FORM = CLAIM + "?kind=natural_person"
COMPANY_FORM = CLAIM + "?kind=organisation"
DESK = "/admin/subjects/claim/"


def paper(name: str = "营业执照.pdf") -> SimpleUploadedFile:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def bureau_officer(region: str, *roles: str, kind=Organ.Kind.CREDIT_BUREAU) -> User:
    organ = Organ.objects.create(
        code=f"b{region}{kind}",
        name=f"中心{region}{kind}",
        document_prefix=f"信{region}{kind}"[:20],
        kind=kind,
        level="city",
        region=region,
        uscc=f"U{region}{kind}"[:18],
    )
    return make_user(f"officer{region}{kind}@example.com", f"员{region}", organ, *(roles or (Role.INTAKE,)))
