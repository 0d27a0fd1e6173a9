"""The password, asked for again inside a session: signing a commitment, changing the password or the address.

Whoever finds a session open must not find out the password there. Sign-in has its own limit (adapter.py).
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.events import chain_of, record_account_event
from applications.accounts.limits import Limit, begin, clock_time
from applications.accounts.models import User
from applications.accounts.signals import password_guessed_steadily, password_tries_used_up
from applications.ledger.models import Event

# Of one account, over all forms that ask.
WRONG_PASSWORDS = Limit("password", times=5, seconds=15 * 60)
# Whoever stays below that all day is told of, too.
STEADY = 10
DAY = timedelta(hours=24)


def is_own_password(user: User, password: str) -> bool:
    """Whether it is the password of the signed-in user. A wrong one is an event of the ledger; after the last that
    the limit allows the person is told, and also where there were many within a day. ValidationError, and nothing is compared: there were too many.

    Call it from a form, outside of any transaction that may yet be undone: a wrong try must stay on record.
    """
    attempt = begin(WRONG_PASSWORDS, str(user.pk))
    if not attempt.admitted:
        raise ValidationError(
            _("密码输错次数过多，为保护账号，暂时不再核对密码。请在%(until)s以后再试。"),
            params={"until": clock_time(attempt.until)},
            code="too_many",
        )
    if user.check_password(password):
        attempt.take_back()
        return True
    at = timezone.now()
    record_account_event(user=user, verb="user.password_refused", actor=user, at=at)
    if not attempt.left:
        password_tries_used_up.send(sender=User, user=user, until=attempt.until, at=at)
    wrong = Event.objects.filter(chain=chain_of(user), verb="user.password_refused", at__gt=at - DAY).count()
    if wrong >= STEADY:
        password_guessed_steadily.send(sender=User, user=user, times=wrong, at=at)
    return False
