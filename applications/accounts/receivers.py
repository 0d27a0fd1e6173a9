"""What django-allauth reports about accounts, written into the ledger."""

from typing import Any

from allauth.account import signals
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from applications.accounts.events import origin_of, record_account_event
from applications.accounts.models import User
from applications.accounts.typed import note_kept

VERBS = {
    signals.user_signed_up: "user.signed_up",
    signals.user_logged_in: "user.signed_in",
    user_logged_out: "user.signed_out",
    signals.password_set: "user.password_changed",
    signals.password_changed: "user.password_changed",
    signals.password_reset: "user.password_reset",
    signals.email_changed: "user.address_changed",
}


@receiver(list(VERBS))
def record(signal: Any, request: HttpRequest, user: User | None = None, **kwargs: Any) -> None:
    # Somebody may sign out who was not signed in.
    if user is None:
        return
    payload = {} if signal is user_logged_out else {"from": origin_of(request)}
    record_account_event(user=user, verb=VERBS[signal], actor=user, at=timezone.now(), payload=payload)


@receiver(user_logged_in)
def offer_what_is_kept(request: HttpRequest, user: User, **kwargs: Any) -> None:
    note_kept(request, user.pk)


SECOND_FACTOR = {
    mfa.authenticator_added: "user.second_factor_on",
    mfa.authenticator_removed: "user.second_factor_off",
    mfa.authentication_failed: "user.second_factor_failed",
}


@receiver(list(SECOND_FACTOR))
def record_second_factor(
    signal: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Recovery codes come and go with the app."""
    if authenticator.type == Authenticator.Type.TOTP:
        actor = None if signal is mfa.authentication_failed else user
        record_account_event(
            user=user,
            verb=SECOND_FACTOR[signal],
            actor=actor,
            at=timezone.now(),
            payload={"from": origin_of(request)},
        )
