"""Who oversees: supervisors of the credit-management departments, each within the region of the department."""

from django.contrib.auth.models import AnonymousUser

from applications.accounts.access import supervises
from applications.accounts.models import User


def may_oversee(user: User | AnonymousUser) -> bool:
    """Article 3: the department supervises and coordinates the repair work of its region."""
    return supervises(user)
