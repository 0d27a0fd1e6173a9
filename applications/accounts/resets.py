"""Taking away the second factor of who lost it: one administrator proposes, a second person decides, the owner is told."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from applications.accounts import access, four_eyes
from applications.accounts.events import chain_of, record_account_event
from applications.accounts.models import Role, SecondFactorReset, User
from applications.accounts.second_factor import has_second_factor
from applications.accounts.selectors import keepers_of, staff_of
from applications.ledger.locking import lock_chain
from rules.errors import InputError


@transaction.atomic
def propose_reset(*, email: str, grounds: str, actor: User, at: datetime) -> SecondFactorReset:
    """Propose to take away the second factor of the account with this address; its owner is told by mail, and
    whoever can decide.

    InputError: no account that the actor may propose it for, none to take away, one that waits, or no grounds.
    """
    account = User.objects.select_related("organ").filter(email=email.strip().lower()).first()
    if account is None or not access.may_propose_reset(actor, account):
        raise InputError(
            "email", _("没有您可以办理的账号使用这个邮箱，请核对；自己的账号由另一名安全管理员提出")
        )
    lock_chain(chain_of(account))
    if not has_second_factor(account):
        raise InputError("email", _("这个账号没有开启两步验证，不需要重置"))
    waiting = SecondFactorReset.objects.filter(
        account=account, state=SecondFactorReset.State.PROPOSED
    ).first()
    if waiting is not None:
        raise InputError("email", four_eyes.waits(waiting))
    if not grounds.strip():
        raise InputError("grounds", _("请写明怎样核对是本人"))
    organ = account.organ or actor.organ
    assert organ is not None
    proposed = SecondFactorReset.objects.create(
        account=account, organ=organ, grounds=grounds.strip(), proposed_by=actor, proposed_at=at
    )
    _record(proposed, "user.second_factor_reset_proposed", actor, at)
    _tell(proposed, "account/email/second_factor_reset_proposed")
    deciders = {*keepers_of(organ), *staff_of(organ, Role.SUPERVISOR)} - {actor, account}
    for each in sorted(deciders, key=lambda person: person.pk):
        _tell(proposed, "account/email/second_factor_reset_waits", to=each)
    return proposed


@transaction.atomic
def approve_reset(*, proposal: SecondFactorReset, actor: User, at: datetime) -> SecondFactorReset:
    """Take the app and its recovery codes away: the next sign-in asks for the password alone, until another is switched on.

    NotProposed: it is decided already. PermissionDenied: whoever proposed, the owner, or somebody who is not in charge.
    """
    current = _take(proposal, actor)
    four_eyes.approve(current, actor=actor, at=at)
    Authenticator.objects.filter(user=current.account).delete()
    _record(current, "user.second_factor_reset", actor, at)
    _tell(current, "account/email/second_factor_reset")
    return current


@transaction.atomic
def reject_reset(*, proposal: SecondFactorReset, actor: User, reason: str, at: datetime) -> SecondFactorReset:
    """Turn it down. NotProposed, PermissionDenied; InputError without a reason."""
    current = _take(proposal, actor)
    four_eyes.reject(current, actor=actor, reason=reason, at=at)
    _record(current, "user.second_factor_reset_rejected", actor, at)
    return current


def may_decide(user: User, proposal: SecondFactorReset) -> bool:
    """Whether the user is the second person."""
    return four_eyes.may_decide(user, proposal, in_charge=access.is_in_charge_of_reset(user, proposal))


def _take(proposal: SecondFactorReset, actor: User) -> SecondFactorReset:
    if not may_decide(actor, proposal):
        raise PermissionDenied
    lock_chain(chain_of(proposal.account))
    return four_eyes.lock_proposed(proposal)


def _record(proposal: SecondFactorReset, verb: str, actor: User, at: datetime) -> None:
    record_account_event(user=proposal.account, verb=verb, at=at, actor=actor, payload={"reset": proposal.pk})


def _tell(proposal: SecondFactorReset, template: str, to: User | None = None) -> None:
    """The owner, or somebody who can decide."""
    about: dict[str, Any] = {
        "user": to or proposal.account,
        "account": proposal.account,
        "actor": proposal.proposed_by,
        "organ": proposal.organ,
        "address": settings.SITE_URL + reverse("admin:accounts_secondfactorreset_change", args=[proposal.pk]),
    }
    get_adapter().send_mail(template, about["user"].email, about)
