"""By which channels somebody wants which messages. Every message is in the inbox; of what has legal effect there is an e-mail too."""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.db import transaction

from applications.accounts.models import User
from applications.notifications.models import Group, Message, Phone, Preference

Channel = Message.Channel
# What one can choose, and what is so as long as one has not chosen.
CHOICES: dict[tuple[Group, Message.Channel], bool] = {
    (Group.NOTICE, Channel.SMS): False,
    (Group.PROGRESS, Channel.EMAIL): True,
    (Group.REMINDER, Channel.EMAIL): True,
    (Group.REMINDER, Channel.SMS): False,
}


def texts_are_sent() -> bool:
    """Whether there is a gateway; without one nothing is said of SMS anywhere."""
    return bool(settings.SMS_GATEWAY_URL)


def without_mail(people: Collection[int], group: Group) -> set[int]:
    """Who of these does not want the e-mails of a group."""
    if (group, Channel.EMAIL) not in CHOICES:
        return set()
    return _chose(people, group, Channel.EMAIL, wanted=False)


def with_texts(people: Collection[int], group: Group) -> set[int]:
    """Who of these wants the messages of a group by SMS as well, to a confirmed telephone."""
    if not texts_are_sent() or (group, Channel.SMS) not in CHOICES:
        return set()
    wanting = _chose(people, group, Channel.SMS, wanted=True)
    if not wanting:
        return set()
    return set(
        Phone.objects.filter(user__in=wanting, confirmed_at__isnull=False).values_list("user_id", flat=True)
    )


def _chose(people: Collection[int], group: Group, channel: Message.Channel, *, wanted: bool) -> set[int]:
    chosen = Preference.objects.filter(user__in=people, group=group, channel=channel, wanted=wanted)
    return set(chosen.values_list("user_id", flat=True))


def choices_of(user: User) -> dict[tuple[Group, Message.Channel], bool]:
    """What the user gets of all that one can choose."""
    chosen = {
        (Group(group), Channel(channel)): wanted
        for group, channel, wanted in Preference.objects.filter(user=user).values_list(
            "group", "channel", "wanted"
        )
    }
    return {each: chosen.get(each, usual) for each, usual in CHOICES.items()}


@transaction.atomic
def choose(*, user: User, wanted: Mapping[tuple[Group, Message.Channel], bool]) -> None:
    """Keep what the user wants from now on, as far as it is not what is usual; messages that were written before are not
    changed. KeyError: there is no such choice."""
    for (group, channel), value in wanted.items():
        if value == CHOICES[group, channel]:
            Preference.objects.filter(user=user, group=group, channel=channel).delete()
        else:
            Preference.objects.update_or_create(
                user=user, group=group, channel=channel, defaults={"wanted": value}
            )
