from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from applications.accounts.models import User
from applications.notifications.access import visible_to
from applications.notifications.models import Message, address_digest


def inbox(user: User | AnonymousUser) -> QuerySet[Message]:
    return visible_to(user).filter(channel=Message.Channel.INBOX)


def unread_count(user: User | AnonymousUser) -> int:
    return inbox(user).filter(read_at=None).count()


def along_with(message: Message) -> list[Message]:
    """What went out with an inbox message, e-mail and SMS, to say truly how it stands with them."""
    stem = message.key.removesuffix(Message.Channel.INBOX)
    keys = [stem + Message.Channel.EMAIL, stem + Message.Channel.SMS]
    return list(Message.objects.filter(key__in=keys).order_by("channel"))


def history(user: User | AnonymousUser, about: str) -> QuerySet[Message]:
    """What a person was told about one case, newest first, with the state of each message."""
    return visible_to(user).filter(about=about)


def waiting_account_mail(address: str) -> Message | None:
    """The newest e-mail of an account that was not handed over yet; once it was, nothing of it is left."""
    return (
        Message.objects.filter(address_digest=address_digest(address), status=Message.Status.WAITING)
        .order_by("pk")
        .last()
    )
