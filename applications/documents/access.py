"""Who may read a document. Apps above know whose it is: each registers its own answer when it is loaded."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from applications.accounts import four_eyes
from applications.accounts.access import has_role, supervises
from applications.accounts.models import Role, User
from applications.accounts.selectors import supervisors_over
from applications.documents.models import Document, Kind, Remedies, SealPicture
from applications.organs import regions
from applications.organs.models import Organ
from applications.organs.selectors import organs_under

Reader = Callable[[User, Document], bool]

_readers: list[Reader] = []

# The three separated administrators run and audit the system; they do not read the files of cases.
OFFICERS = (Role.INTAKE, Role.REVIEWER, Role.APPROVER, Role.REPORT_OFFICER, Role.SUPERVISOR)
KEEPERS_OF_SEAL = (Role.APPROVER, Role.SUPERVISOR, Role.SYSTEM_ADMIN)


def register(reader: Reader) -> None:
    """Let ``reader(user, document)`` allow readers too. Call it in AppConfig.ready()."""
    if reader not in _readers:
        _readers.append(reader)


def is_officer_of(user: User, document: Document) -> bool:
    """Whether the user is an officer of the organ that issued the document."""
    return user.is_staff and user.organ_id == document.organ_id and has_role(user, *OFFICERS)


def issued_by_organ_of(user: User) -> QuerySet[Document]:
    """What the organ of an officer has issued; the object form is is_officer_of. Commitments are the applicants' own."""
    if user.organ_id is None or not has_role(user, *OFFICERS):
        return Document.objects.none()
    return Document.objects.filter(organ=user.organ_id).exclude(kind=Kind.COMMITMENT)


def may_read(user: User, document: Document) -> bool:
    """Officers of the issuing organ, and whomever an app above allows."""
    if not (user.is_authenticated and user.is_active):
        return False
    return is_officer_of(user, document) or any(reader(user, document) for reader in _readers)


def remedies_visible_to(user: User | AnonymousUser) -> QuerySet[Remedies]:
    """Those of the organs that a system administrator looks after, of a supervisor's own organ or a department's region;
    auditors see all."""
    if not isinstance(user, User) or user.organ is None:
        return Remedies.objects.none()
    if has_role(user, Role.AUDIT_ADMIN):
        return Remedies.objects.all()
    if has_role(user, Role.SYSTEM_ADMIN):
        return Remedies.objects.filter(organ__in=organs_under(user.organ))
    if not has_role(user, Role.SUPERVISOR):
        return Remedies.objects.none()
    shown = Q(organ=user.organ)
    if supervises(user):
        shown |= Q(organ__region__startswith=regions.prefix(user.organ.region))
    return Remedies.objects.filter(shown)


def may_propose_remedies(user: User | AnonymousUser, organ: Organ | None = None) -> bool:
    """A system administrator, of the organs that he or she looks after, but of no department: it issues no letters."""
    if not isinstance(user, User) or user.organ is None or not has_role(user, Role.SYSTEM_ADMIN):
        return False
    return organ is None or organs_that_tell(user).filter(pk=organ.pk).exists()


def organs_that_tell(user: User) -> QuerySet[Organ]:
    """The organs with letters that a system administrator looks after."""
    if user.organ is None:
        return Organ.objects.none()
    return organs_under(user.organ).exclude(kind=Organ.Kind.CREDIT_MANAGEMENT)


def may_decide_remedies(user: User | AnonymousUser, proposal: Remedies) -> bool:
    return _may_decide(user, proposal)


def deciders_of_remedies(proposal: Remedies) -> QuerySet[User]:
    """Everybody for whom ``may_decide_remedies`` holds."""
    return _deciders(proposal)


def seals_visible_to(user: User | AnonymousUser) -> QuerySet[SealPicture]:
    """Those of the own organ for whoever may propose there, of a department's region for its supervisors; auditors see all."""
    if not isinstance(user, User) or user.organ is None:
        return SealPicture.objects.none()
    if has_role(user, Role.AUDIT_ADMIN):
        return SealPicture.objects.all()
    if not has_role(user, *KEEPERS_OF_SEAL):
        return SealPicture.objects.none()
    shown = Q(organ=user.organ)
    if supervises(user):
        shown |= Q(organ__region__startswith=regions.prefix(user.organ.region))
    return SealPicture.objects.filter(shown)


def may_propose_seal(user: User | AnonymousUser) -> bool:
    """Whoever signs, heads or runs an organ with letters, for this organ alone: its seal is its own."""
    if not isinstance(user, User) or user.organ is None or user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
        return False
    return has_role(user, *KEEPERS_OF_SEAL)


def may_decide_seal(user: User | AnonymousUser, proposal: SealPicture) -> bool:
    return _may_decide(user, proposal)


def deciders_of_seal(proposal: SealPicture) -> QuerySet[User]:
    """Everybody for whom ``may_decide_seal`` holds."""
    return _deciders(proposal)


def _may_decide(user: User | AnonymousUser, proposal: Remedies | SealPicture) -> bool:
    """A supervisor of the organ itself, or of the department over it."""
    own = isinstance(user, User) and user.organ_id == proposal.organ_id and has_role(user, Role.SUPERVISOR)
    in_charge = own or supervises(user, proposal.organ.region)
    return four_eyes.may_decide(user, proposal, in_charge=in_charge)


def _deciders(proposal: Remedies | SealPicture) -> QuerySet[User]:
    own = User.objects.filter(
        is_staff=True, is_active=True, staff_roles__role=Role.SUPERVISOR, organ=proposal.organ
    ).distinct()
    deciders = own | supervisors_over(proposal.organ.region)
    return deciders.exclude(pk=proposal.proposed_by.pk) if proposal.proposed_by else deciders
