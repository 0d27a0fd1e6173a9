"""The clock of a claim: how long a credit bureau has to answer who may act for a subject."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.timezone import localdate

from applications.calendars.models import Recalculation
from applications.deadlines.moves import Effect
from applications.deadlines.services.clocks import cancel_deadlines, meet_deadline
from applications.deadlines.services.owed import start_clock
from applications.deadlines.signals import deadlines_moved
from applications.notifications.links import link_to
from applications.subjects.models import Claim
from applications.subjects.signals import claim_closed, claim_waits
from rules.procedure import Clock


@receiver(claim_waits)
def start(sender: type[Claim], claim: Claim, at: datetime, **kwargs: Any) -> None:
    """From the day on which it was made, or corrected; without a bureau nobody owes anything."""
    today = localdate(at)
    if claim.number is None or claim.organ is None:
        return
    cancel_deadlines(case_number=claim.number, on=today)
    clock = start_clock(
        clock=Clock.CLAIM,
        unit=claim.organ,
        chain=claim.number,
        link=link_to("claim", claim.pk),
        started_on=today,
        today=today,
    )
    claim.due_on = clock.due_on
    claim.save(update_fields=["due_on"])


@receiver(claim_closed)
def stop(sender: type[Claim], claim: Claim, at: datetime, answered: bool, **kwargs: Any) -> None:
    if claim.number is None:
        return
    if answered:
        meet_deadline(case_number=claim.number, kind=Clock.CLAIM, on=localdate(at))
    else:
        cancel_deadlines(case_number=claim.number, on=localdate(at))


@receiver(deadlines_moved)
def follow(sender: type[Recalculation], moves: list[Effect], **kwargs: Any) -> None:
    """A new calendar moves the day by which the claimant is answered."""
    for clock, due in moves:
        if clock.kind == Clock.CLAIM:
            Claim.objects.filter(number=clock.case_number, status=Claim.Status.PENDING).update(
                due_on=due.due_on
            )
