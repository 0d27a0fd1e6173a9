"""Subjects in the credit files (Article 12)."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from applications.ledger.services import record_event
from applications.numbering.services import take_number
from applications.subjects.confirmations import confirmed_codes
from applications.subjects.identity import clean_document_number, clean_uscc, identity_digest, same_name
from applications.subjects.models import Claim, Subject
from applications.subjects.selectors import region_of


@transaction.atomic
def register_subject(
    *,
    kind: str,
    name: str,
    uscc: str = "",
    identity_type: str = "",
    identity_number: str = "",
    legal_representative: str = "",
    address: str = "",
    at: datetime,
) -> Subject:
    """The subject with this code, made if it is new. ``kind`` is a Subject.Kind.

    Raises ValidationError by field: ``uscc`` or ``identity_number`` (not valid), ``name`` (empty, or the code
    belongs to another name: a renamed subject must be renamed by an officer, not by a file).
    """
    name = name.strip()
    if not name:
        raise ValidationError({"name": _("名称（姓名）不能为空。")})
    if kind == Subject.Kind.NATURAL_PERSON:
        number = by_field("identity_number", clean_document_number, identity_type, identity_number)
        key: dict[str, str] = {"identity_digest": identity_digest(identity_type, number)}
        fields = {"identity_type": identity_type, "identity_number": number}
    else:
        key = {"uscc": by_field("uscc", clean_known_uscc, uscc)}
        fields = {"legal_representative": legal_representative}
    subject, created = Subject.objects.get_or_create(
        **key, defaults={"kind": kind, "name": name, "address": address, **fields}
    )
    if created:
        record_event(chain=f"subject-{subject.pk}", verb="subject.registered", at=at, payload={"kind": kind})
    elif not same_name(subject.name, name):
        # A natural person's registered name is nobody else's business.
        known = _("其他姓名") if subject.is_person else f"“{subject.name}”"
        raise ValidationError(
            {
                "name": _("该代码已登记为%(known)s，与“%(name)s”不一致，请核对。")
                % {"known": known, "name": name}
            }
        )
    return subject


def clean_known_uscc(code: str) -> str:
    """The compact form of a valid code, or of one that was confirmed; otherwise a ValidationError."""
    return clean_uscc(code, confirmed_codes())


def by_field(field: str, check: Callable[..., str], *values: str) -> str:
    """What ``check`` makes of the values; its ValidationError is about the field."""
    try:
        return check(*values)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from None


def give_number(claim: Claim, at: datetime) -> None:
    """The claim's own, under which its clock and its events stand: RL-320100-2026-000001, by the bureau that answers."""
    region = claim.organ.region if claim.organ else region_of(claim)
    year = localdate(at).year
    claim.number = f"RL-{region}-{year}-{take_number(f'claim:{region}:{year}'):06d}"
