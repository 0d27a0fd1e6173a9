"""What is held about credit subjects, and about who acts for them (accounts.holdings)."""

from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_exports import ExportColumn as Column
from applications.accounts.holdings import Holding, Rows, register
from applications.accounts.models import User
from applications.masking import mask_identity
from applications.subjects.models import (
    Capacity,
    Claim,
    CodeConfirmation,
    EarlierClaim,
    Said,
    Subject,
    SubjectChange,
)


def _own_number(said: Said) -> str:
    """In full only where it is the number of whoever says it."""
    return said.identity_number if said.capacity == Capacity.SELF else mask_identity(said.identity_number)


SAID: list[str | Column] = [
    "capacity",
    "name",
    "uscc",
    "identity_type",
    Column(_("证件号码"), _own_number),
    "scope_document",
    "ends_on",
]


def _acting_for(subject: Subject, _person: User) -> Rows:
    return subject.claims.select_related("user", "subject").order_by("pk")


register(
    Holding(
        Claim,
        [
            "number",
            "kind",
            *SAID,
            "status",
            "made_at",
            "organ",
            "due_on",
            "decided_at",
            "reason",
            "advice",
            "ended_at",
        ],
        of_person=lambda person: Claim.objects.filter(user=person).select_related("organ", "proof__scan"),
        files=lambda row: [row.proof],
        title=_("我的认领"),
    ),
    Holding(
        EarlierClaim,
        [*SAID, "replaced_at"],
        of_person=lambda person: EarlierClaim.objects.filter(claim__user=person).select_related(
            "proof__scan"
        ),
        files=lambda row: [row.proof],
    ),
    Holding(
        Subject,
        [
            "kind",
            "name",
            "uscc",
            "identity_type",
            # Who acts for a person reads it masked on every page too.
            Column(_("证件号码（遮盖）"), lambda row: mask_identity(row.identity_number)),
            "legal_representative",
            "address",
        ],
        of_subject=lambda subject, _person: [subject],
    ),
    Holding(
        SubjectChange,
        ["kind", "old_name", "new_name", "successor", "changed_on", "document_number", "recorded_at"],
        of_subject=lambda subject, _person: subject.changes.select_related("successor").order_by("pk"),
    ),
    Holding(
        Claim,
        [
            Column(_("可以代办的人"), lambda row: row.subject.shown_name_of(row.user)),
            "capacity",
            "scope_document",
            "ends_on",
            "status",
            "made_at",
            "decided_at",
            "ended_at",
        ],
        of_subject=_acting_for,
        title=_("谁可以代办"),
    ),
    Holding(
        CodeConfirmation,
        ["code", "name", "organ", "state", "proposed_at", "decided_at"],
        of_subject=lambda subject, _person: (
            CodeConfirmation.objects.filter(code=subject.uscc, state="approved").select_related("organ")
            if subject.uscc
            else []
        ),
    ),
)
