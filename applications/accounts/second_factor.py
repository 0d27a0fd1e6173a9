"""Whether an account is held by more than a password."""

from allauth.mfa.models import Authenticator

from applications.accounts.models import User


def has_second_factor(user: User) -> bool:
    """Whether signing in with the account takes a code of an authenticator app besides the password."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
