"""Who sees an objection: whoever sees its case."""

from django.db.models import QuerySet

from applications.accounts.models import User
from applications.objections.models import Objection
from applications.repairs import access


def visible_to(user: User) -> QuerySet[Objection]:
    """The objections of the cases that a person may see."""
    return Objection.objects.filter(case__in=access.visible_to(user))
