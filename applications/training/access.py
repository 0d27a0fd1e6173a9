"""Who organises training (Articles 3 and 14: the credit-management departments and the credit bureaus), and whose what is."""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.documents.models import Document, Kind
from applications.organs.models import Organ
from applications.subjects.access import subjects_of
from applications.training.models import Course, Enrolment, Meeting, Organiser, Study, TrainingCertificate

M = TypeVar("M", Course, Meeting, Organiser, TrainingCertificate)
ORGANISING_KINDS = (Organ.Kind.CREDIT_BUREAU, Organ.Kind.CREDIT_MANAGEMENT)
ORGANISING_ROLES = (Role.INTAKE, Role.SUPERVISOR)


def may_organise(user: User | AnonymousUser, organ: Organ | None = None) -> bool:
    """An acceptor or the head of a department or bureau; with ``organ``, of that one."""
    return (
        isinstance(user, User)
        and user.organ is not None
        and user.organ.kind in ORGANISING_KINDS
        and (organ is None or user.organ_id == organ.pk)
        and has_role(user, *ORGANISING_ROLES)
    )


def courses_visible_to(user: User | AnonymousUser) -> QuerySet[Course]:
    """Those of the own organ, for whoever organises there (may_organise)."""
    return _of_organ(Course.objects.all(), user)


def meetings_visible_to(user: User | AnonymousUser) -> QuerySet[Meeting]:
    return _of_organ(Meeting.objects.all(), user)


def organisers_visible_to(user: User | AnonymousUser) -> QuerySet[Organiser]:
    return _of_organ(Organiser.objects.all(), user)


def certificates_visible_to(user: User | AnonymousUser) -> QuerySet[TrainingCertificate]:
    """The register of the own organ: its own certificates, and others' that it looks at."""
    return _of_organ(TrainingCertificate.objects.all(), user)


def _of_organ(rows: QuerySet[M], user: User | AnonymousUser) -> QuerySet[M]:
    if not isinstance(user, User) or not may_organise(user):
        return rows.none()
    return rows.filter(organ=user.organ)


def studies_of(user: User) -> QuerySet[Study]:
    """What the person takes or took."""
    return Study.objects.filter(person=user).select_related("edition", "course__organ", "subject")


def enrolments_of(user: User) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(person=user).select_related("meeting__organ", "subject")


def certificates_of(user: User) -> QuerySet[TrainingCertificate]:
    """The person's own, and those of the subjects that he or she acts for."""
    found = TrainingCertificate.objects.filter(Q(person=user) | Q(subject__in=subjects_of(user)))
    return found.select_related("subject", "organ", "organiser", "document", "replaced_by")


def reads_own_certificate(user: User, document: Document) -> bool:
    """Whether the document is a training certificate of the person, or of a subject that he or she acts for (Article 12)."""
    return (
        document.kind == Kind.TRAINING_CERTIFICATE
        and not user.is_staff
        and certificates_of(user).filter(document=document).exists()
    )
