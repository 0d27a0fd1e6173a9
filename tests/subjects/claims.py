"""What tests of claims share. The codes are invented, their check digits worked out apart from the code."""

from typing import Any

from allauth.mfa.totp.internal.auth import TOTP
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.accounts.models import Role, User
from applications.files.models import StoredFile
from applications.files.services import store_content
from applications.organs.models import Organ
from applications.subjects.models import Claim
from applications.subjects.services import claim_subject, decide_claim, record_proof_reading
from tests.fixtures import make_user, moment
from tests.papers import pdf_bytes

NOW = moment("2026-11-23 10:00")
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
COMPANY_DATA = {"capacity": "representative", "name": "南京新办有限公司", "code": NANJING}
PERSON_DATA = {"capacity": "self", "name": "张小明", "identity_type": "resident_id", "code": PERSON}


def paper(name: str = "营业执照.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf_bytes(name))


def stored(user: User, name: str = "证明.pdf") -> StoredFile:
    """A proof that is kept already."""
    return store_content(name=name, content=b"%PDF", content_type="application/pdf", at=NOW, user=user)


def second_factor(user: User) -> None:
    """An authenticator app of the user's."""
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")


def claimed(user: User, at=NOW, kind: str = "organisation", **more: Any) -> Claim:
    """A claim of the user's: to the new company of Nanjing, if nothing else is said."""
    said = PERSON_DATA if kind == "natural_person" else COMPANY_DATA
    return claim_subject(user=user, kind=kind, at=at, **{**said, "proof": stored(user), **more})


def approved(claim: Claim, officer: User, at=NOW) -> Claim:
    """Confirmed by an officer who has opened the proof."""
    record_proof_reading(claim=claim, file=claim.proof, actor=officer, at=at)
    return decide_claim(claim=claim, approve=True, actor=officer, at=at)


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
