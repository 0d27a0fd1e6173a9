"""Who oversees: supervisors of the credit-management departments, each within the region of the department."""

from django.contrib.auth.models import AnonymousUser

from applications.accounts.access import has_role
from applications.accounts.models import Role, User
from applications.organs.models import Organ


def may_oversee(user: User | AnonymousUser) -> bool:
    """Article 3: the department supervises and coordinates the repair work of its region."""
    return (
        isinstance(user, User)
        and user.organ is not None
        and user.organ.kind == Organ.Kind.CREDIT_MANAGEMENT
        and has_role(user, Role.SUPERVISOR)
    )
