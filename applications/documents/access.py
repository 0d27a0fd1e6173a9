"""Who may read a document. Apps above know whose it is: each registers its own answer when it is loaded."""

from collections.abc import Callable

from django.db.models import QuerySet

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.documents.models import Document, Kind

Reader = Callable[[User, Document], bool]

_readers: list[Reader] = []

# The three separated administrators run and audit the system; they do not read the files of cases.
OFFICERS = (Role.INTAKE, Role.REVIEWER, Role.APPROVER, Role.REPORT_OFFICER, Role.SUPERVISOR)


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
