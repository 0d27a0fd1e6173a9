"""The mails of accounts, once the outbox has handed them over."""

from django.core import mail
from django.utils import timezone

from applications.notifications.sending import send_messages


def delivered() -> list[mail.EmailMessage]:
    """All mails so far, after those that waited went out."""
    send_messages(at=timezone.now())
    return mail.outbox
