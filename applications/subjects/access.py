from django.contrib.auth.models import AnonymousUser

from applications.accounts.models import User
from applications.subjects.models import Subject
from applications.subjects.selectors import subjects_of


def may_act_for(user: User | AnonymousUser, subject: Subject) -> bool:
    """Whether the user's claim to the subject is verified. The queryset form is selectors.subjects_of."""
    return subjects_of(user).filter(pk=subject.pk).exists()
