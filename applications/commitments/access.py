"""Who promises, who takes a promise out of the public list, and who finds one broken (Article 15)."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts import four_eyes
from applications.accounts.access import supervises
from applications.accounts.models import User
from applications.commitments.models import PUBLIC, BreachFinding, Commitment, CommitmentKind
from applications.commitments.signing import expected_signatory
from applications.documents.models import Document, Kind
from applications.organs import regions
from applications.subjects.access import may_act_for, subjects_of
from applications.subjects.identity import same_name
from applications.subjects.models import Subject


def may_promise(user: User | AnonymousUser, subject: Subject) -> bool:
    """Who acts for the subject and has an account of the name of whoever signs for it, as far as the register says who."""
    if not isinstance(user, User) or user.is_staff or not may_act_for(user, subject):
        return False
    expected = expected_signatory(subject)
    return bool(expected) and same_name(user.name, expected)


def may_withdraw(user: User | AnonymousUser, commitment: Commitment) -> bool:
    """Whether the user may end the publication: who signs for the subject.

    A person takes consent back at any time (Personal Information Protection Law 15). An organisation does not, where its
    repair was granted because it consented (Articles 4 and 5), nor while its promise stands there as broken.
    """
    own_will = commitment.kind == CommitmentKind.PROACTIVE and commitment.broken_at is None
    # Who acts is asked last, for it asks the database.
    return (
        commitment.is_public
        and (commitment.subject.is_person or own_will)
        and may_promise(user, commitment.subject)
    )


def reads_own_commitment(user: User, document: Document) -> bool:
    """Whether the document is a promise that a subject made by its own will, and the user acts for it."""
    return (
        document.kind == Kind.COMMITMENT
        and Commitment.objects.filter(
            document=document, kind=CommitmentKind.PROACTIVE, subject__in=subjects_of(user)
        ).exists()
    )


def visible_to(user: User | AnonymousUser) -> QuerySet[Commitment]:
    """The public commitments that were handed to organs of the region of a department, for its supervisors."""
    if not isinstance(user, User) or user.organ is None or not supervises(user):
        return Commitment.objects.none()
    theirs = Commitment.objects.filter(PUBLIC, organ__region__startswith=regions.prefix(user.organ.region))
    return theirs.select_related("subject", "organ", "document")


def findings_visible_to(user: User | AnonymousUser) -> QuerySet[BreachFinding]:
    """What the supervisors of a region have found, for them."""
    if not isinstance(user, User) or user.organ is None or not supervises(user):
        return BreachFinding.objects.none()
    prefix = regions.prefix(user.organ.region)
    return BreachFinding.objects.filter(commitment__organ__region__startswith=prefix)


def may_propose_finding(user: User | AnonymousUser, commitment: Commitment) -> bool:
    """A supervisor of a department over the organ that the commitment was handed to."""
    return supervises(user, commitment.document.organ.region)


def may_decide_finding(user: User | AnonymousUser, finding: BreachFinding) -> bool:
    """Another such supervisor."""
    in_charge = supervises(user, finding.commitment.document.organ.region)
    return four_eyes.may_decide(user, finding, in_charge=in_charge)
