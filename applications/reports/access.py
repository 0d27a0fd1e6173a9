"""Who issues reports (Article 3: the credit bureaus) and who may read them."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.database.rows import Row
from applications.documents.models import Document, Kind
from applications.organs.models import Organ
from applications.reports.models import CreditReport, Institution, ReportBatch, ReportRequest
from applications.subjects.access import subjects_of


def may_issue_for(user: User | AnonymousUser, organ: Organ) -> bool:
    """A report officer of this organ, which must be a credit bureau."""
    return (
        isinstance(user, User)
        and organ.kind == Organ.Kind.CREDIT_BUREAU
        and user.organ_id == organ.pk
        and has_role(user, Role.REPORT_OFFICER)
    )


LISTING_ROLES = (Role.INTAKE, Role.SUPERVISOR)


def institutions_visible_to(user: User | AnonymousUser) -> QuerySet[Institution]:
    """The list of the own department, for its acceptors and its head, who keep it (Articles 3 and 17)."""
    organ = user.organ if isinstance(user, User) else None
    if organ is None or organ.kind != Organ.Kind.CREDIT_MANAGEMENT or not has_role(user, *LISTING_ROLES):
        return Institution.objects.none()
    return Institution.objects.filter(organ=organ)


def reads_own_report(user: User, document: Document) -> bool:
    """Whether the document is a report about a subject that the user acts for (Article 12)."""
    return (
        document.kind == Kind.CREDIT_REPORT
        and CreditReport.objects.filter(document=document, subject__in=subjects_of(user)).exists()
    )


def _of_own_bureau(rows: QuerySet[Row], user: User | AnonymousUser) -> QuerySet[Row]:
    """What a bureau's report officers and supervisors work with: what is their bureau's."""
    if (
        not isinstance(user, User)
        or not user.organ
        or not has_role(user, Role.REPORT_OFFICER, Role.SUPERVISOR)
    ):
        return rows.none()
    return rows.filter(organ=user.organ, organ__kind=Organ.Kind.CREDIT_BUREAU)


def visible_to(user: User | AnonymousUser) -> QuerySet[CreditReport]:
    """The reports that an officer works with: those of the own bureau."""
    reports = CreditReport.objects.select_related("subject", "organ", "document__replaced_by", "issued_by")
    return _of_own_bureau(reports, user)


def reports_of(user: User | AnonymousUser) -> QuerySet[CreditReport]:
    """The reports about the subjects that the user acts for."""
    return CreditReport.objects.filter(subject__in=subjects_of(user)).select_related(
        "subject", "organ", "document__replaced_by"
    )


def requests_visible_to(user: User | AnonymousUser) -> QuerySet[ReportRequest]:
    """What was asked of the own bureau, for its report officers and supervisors."""
    asked = ReportRequest.objects.select_related("subject", "organ", "requested_by", "report__document")
    return _of_own_bureau(asked, user)


def requests_of(user: User | AnonymousUser) -> QuerySet[ReportRequest]:
    """What was asked for about the subjects that the user acts for."""
    return ReportRequest.objects.filter(subject__in=subjects_of(user)).select_related(
        "subject", "organ", "report__document", "replaces__document__replaced_by"
    )


def batches_visible_to(user: User | AnonymousUser) -> QuerySet[ReportBatch]:
    """Those of the own bureau, for its report officers and supervisors."""
    batches = ReportBatch.objects.select_related("organ", "made_by")
    return _of_own_bureau(batches, user)
