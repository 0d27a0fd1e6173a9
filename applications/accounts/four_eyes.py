"""What one person proposes and another one puts into effect: policies, changes of the calendar, platforms (ADR 0024). Who puts
it into effect has opened the files that it rests on (ADR 0041)."""

from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from applications.accounts.acted import who_acted
from applications.accounts.models import User
from applications.accounts.opened import read_all, refuse_unopened
from applications.accounts.proposals import Proposal as Proposal
from applications.accounts.proposals import decided_or_registered as decided_or_registered
from applications.accounts.reading import reading_verb
from applications.accounts.refusals import noted
from rules.errors import InputError


class NotProposed(Exception):
    """The proposal cannot be decided now. The message says how it stands."""


P = TypeVar("P", bound=Proposal)


def waits(proposal: Proposal) -> str:
    """Why the same is not proposed again, without the full stop that an InputError gets."""
    return _("%(who_acted)s提出，正等待复核，请先办理那一项") % {
        "who_acted": who_acted(proposal.proposed_by, proposal.proposed_at)
    }


def may_decide(user: User | AnonymousUser, proposal: Proposal, *, in_charge: bool) -> bool:
    """Whoever proposed does not decide, and nobody decides what nobody proposed.

    ``in_charge``: whether the user's role and organ would allow it, which each app says of its own proposals.
    """
    return in_charge and proposal.proposed_by_id is not None and proposal.proposed_by_id != user.pk


def lock_proposed(proposal: P) -> P:
    """The row, locked until the end of the transaction. NotProposed: it is decided already."""
    current = type(proposal)._default_manager.select_for_update(of=("self",)).get(pk=proposal.pk)
    with noted(NotProposed, act=current._meta.label_lower, about=""):
        if current.state != Proposal.State.PROPOSED:
            raise NotProposed(_decided(current))
    return current


def _decided(proposal: Proposal) -> str:
    if proposal.decided_by is None or proposal.decided_at is None:
        return _("这项提议%(state)s，不能再次复核。") % {"state": proposal.get_state_display()}
    return _("%(who_acted)s复核，这项提议%(state)s，不能再次复核。") % {
        "who_acted": who_acted(proposal.decided_by, proposal.decided_at),
        "state": proposal.get_state_display(),
    }


def approve(proposal: Proposal, *, actor: User, at: datetime) -> None:
    """Note that a second person put it into effect; the caller has locked it and asked ``may_decide``.

    Unopened (a ValidationError): that person has not opened a file that it rests on.
    """
    refuse_unopened(
        proposal.evidence_files,
        reader=actor,
        about=proposal.chain,
        verb=reading_verb(proposal),
        act=proposal._meta.label_lower,
    )
    proposal.state, proposal.decided_by, proposal.decided_at = Proposal.State.APPROVED, actor, at
    proposal.save()


def reject(proposal: Proposal, *, actor: User, reason: str, at: datetime) -> None:
    """Note that a second person turned it down, and why; the caller has locked it and asked ``may_decide``.

    InputError: without a reason.
    """
    if not reason.strip():
        raise InputError("reason", _("请写明驳回的理由"))
    proposal.state, proposal.decided_by, proposal.decided_at = Proposal.State.REJECTED, actor, at
    proposal.reason = reason.strip()
    proposal.save()


def read_evidence(proposal: Proposal, *, reader: User, at: datetime) -> None:
    """Note that an officer was shown the files that a proposal rests on."""
    read_all(proposal.evidence_files, reader=reader, about=proposal.chain, verb=reading_verb(proposal), at=at)
