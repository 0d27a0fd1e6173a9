"""Who issues reports (Article 3: the credit bureaus) and who may read them."""

from django.contrib.auth.models import AnonymousUser

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.documents.models import Document, Kind
from applications.organs.models import Organ
from applications.reports.models import CreditReport
from applications.subjects.selectors import subjects_of


def may_issue_for(user: User | AnonymousUser, organ: Organ) -> bool:
    """A report officer of this organ, which must be a credit bureau."""
    return (
        isinstance(user, User)
        and organ.kind == Organ.Kind.CREDIT_BUREAU
        and user.organ_id == organ.pk
        and has_role(user, Role.REPORT_OFFICER)
    )


def reads_own_report(user: User, document: Document) -> bool:
    """Whether the document is a report about a subject that the user acts for (Article 12)."""
    return (
        document.kind == Kind.CREDIT_REPORT
        and CreditReport.objects.filter(document=document, subject__in=subjects_of(user)).exists()
    )
