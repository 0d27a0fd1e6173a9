from django import template
from django.contrib.auth.models import AnonymousUser

from applications.accounts.models import User
from applications.oversight.access import may_oversee

register = template.Library()


@register.filter
def oversees(user: User | AnonymousUser) -> bool:
    """Whether the department's desk is open to this person."""
    return may_oversee(user)
