"""The row of what one person proposes and another one decides on; how that goes is in four_eyes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from applications.files.models import StoredFile


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
