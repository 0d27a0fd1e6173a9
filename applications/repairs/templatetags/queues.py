"""The officer's own queue on the first page of the officers' site."""

from django import template
from django.utils.timezone import localdate

from applications.accounts.access import has_role
from applications.accounts.models import User
from applications.repairs.access import HANDLING_ROLES
from applications.repairs.selectors import queue_counts

register = template.Library()


@register.simple_tag
def my_queue(user: User) -> dict[str, int] | None:
    """How much waits for this officer, is due today and is late; None for people who handle no cases."""
    return queue_counts(user, localdate()) if has_role(user, *HANDLING_ROLES) else None
