"""What one person proposes and another one puts into effect: policies, changes of the calendar, platforms (ADR 0024). Who puts
it into effect has opened the files that it rests on (ADR 0041)."""

from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.acted import who_acted
from applications.accounts.models import User
from applications.accounts.opened import read_all, refuse_unopened
from applications.accounts.reading import reading_verb
from applications.accounts.refusals import noted
from applications.files.models import StoredFile
from rules.errors import InputError


class NotProposed(Exception):
    """The proposal cannot be decided now. The message says how it stands."""


class Proposal(models.Model):
    """Something that one person proposes and another one puts into effect or turns down. The row stays."""

    class State(models.TextChoices):
        PROPOSED = "proposed", gettext_lazy("待复核")
        APPROVED = "approved", gettext_lazy("已生效")
        REJECTED = "rejected", gettext_lazy("已驳回")

    state = models.CharField(gettext_lazy("状态"), max_length=8, choices=State, default=State.PROPOSED)
    # Empty: it came from the system's operator, and no person of a department stands for it.
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("提出人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    proposed_at = models.DateTimeField(gettext_lazy("提出时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("复核人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(gettext_lazy("复核时间"), null=True, blank=True)
    reason = models.CharField(gettext_lazy("驳回理由"), max_length=500, blank=True)

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_second_person",
                condition=Q(proposed_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="%(class)s_decided_by_somebody",
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
        ]

    @property
    def chain(self) -> str:
        """The ledger chain of what it is about, which readings of its page and its files name. Empty: it has none."""
        return ""

    @property
    def evidence_files(self) -> list[StoredFile]:
        """The files that it rests on: nobody approves it who has not opened them."""
        return []


def decided_or_registered(name: str) -> models.CheckConstraint:
    """In place of the second constraint above, where a row may also have come from the system's operator, and holds."""
    return models.CheckConstraint(
        name=name,
        condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
        | Q(~Q(state="proposed"), decided_by__isnull=False, decided_at__isnull=False)
        | Q(state="approved", proposed_by__isnull=True, decided_by__isnull=True),
    )


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
