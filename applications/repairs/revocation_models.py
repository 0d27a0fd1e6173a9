"""What an officer hands in so that a repair which rests on false materials be revoked (Article 6)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.accounts.four_eyes import Proposal
from applications.files.models import StoredFile


class RevocationProposal(Proposal):
    """撤销信用修复: the facts and the evidence, and what the applicant said when asked. Another officer decides."""

    case = models.ForeignKey(
        "repairs.RepairCase",
        verbose_name=_("信用修复申请"),
        on_delete=models.PROTECT,
        related_name="revocation_proposals",
    )
    facts = models.TextField(_("查明的事实"))
    statement = models.TextField(_("申请人的陈述和申辩"))
    evidence = models.ForeignKey(
        "files.StoredFile", verbose_name=_("证据"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Proposal.Meta):
        verbose_name = _("撤销信用修复")
        verbose_name_plural = _("撤销信用修复")
        constraints = [
            *Proposal.Meta.constraints,
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="proposed"), name="revocation_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.case)

    @property
    def chain(self) -> str:
        return self.case.number

    @property
    def evidence_files(self) -> list[StoredFile]:
        return [self.evidence]
