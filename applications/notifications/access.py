"""Who reads a message."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts.models import User
from applications.notifications.models import Message


def visible_to(user: User | AnonymousUser) -> QuerySet[Message]:
    """A person's own messages, over every channel. Nobody reads another's."""
    if not isinstance(user, User) or not user.is_active:
        return Message.objects.none()
    return Message.objects.filter(recipient=user)
