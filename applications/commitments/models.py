from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.accounts.four_eyes import Proposal
from applications.files.models import StoredFile


class CommitmentKind(models.TextChoices):
    """On what occasion a commitment is made."""

    REPAIR = "repair", _("信用修复型")
    PROACTIVE = "proactive", _("主动型")


class SigningWay(models.TextChoices):
    """How a commitment was signed. What each way shows and does not show is said in commitments/signing.py."""

    ACCOUNT = "account", _("签署人的账号")
    LINK = "link", _("一次性链接")
    AGENT = "agent", _("受托人代签")
    PAPER = "paper", _("纸质签署")


# What anybody may see.
PUBLIC = Q(published_at__isnull=False, withdrawn_at__isnull=True)


class Commitment(models.Model):
    """What a subject promises, as it was signed, and the separate consent to publish it: about one record or several, for
    a repair (信用修复承诺书, Articles 4, 5, 15), or by its own will and about no record (Article 15)."""

    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="commitments")
    kind = models.CharField(
        _("承诺类型"),
        max_length=9,
        choices=CommitmentKind,
        default=CommitmentKind.REPAIR,
        db_default=CommitmentKind.REPAIR,
    )
    # The organ of its document, by which the public list is narrowed; nothing else reads it here.
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("受理单位"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    records = models.ManyToManyField("records.DishonestyRecord", related_name="commitments")
    text = models.JSONField(_("承诺内容"))
    text_sha256 = models.CharField(max_length=64)
    signatory = models.CharField(_("签署人"), max_length=80)
    # The account in which it was signed; of a link, the account that made the link.
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("签署时间"))
    publication_consent = models.BooleanField(_("同意向社会公开"))
    # Empty for those signed before the way was kept.
    way = models.CharField(
        _("签署方式"), max_length=8, choices=SigningWay, blank=True, default="", db_default=""
    )
    # Which version of commitments.wording wrote the text.
    text_version = models.PositiveSmallIntegerField(default=1, db_default=1)
    # The power of attorney of an agent, or the scan of what was signed on paper.
    paper = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Of a link: keyed hash of the digits that the signatory typed, and the masked address to which it went, empty where
    # the applicant handed it over.
    signer_digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    link_sent_to = models.CharField(max_length=254, blank=True, default="", db_default="")
    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("公示时间"), null=True, blank=True)
    # Since when it is public no more, because who consented takes that back.
    withdrawn_at = models.DateTimeField(_("撤回公示时间"), null=True, blank=True)
    # Since a repair that rested on it was revoked, because what was handed in with it is not true, or since two officers of
    # a department found it broken.
    broken_at = models.DateTimeField(_("认定违背承诺时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("信用承诺")
        verbose_name_plural = _("信用承诺")
        ordering = ["-signed_at"]
        # The public list, the latest first: all of it, and narrowed by what it can be narrowed by.
        indexes = [
            models.Index(fields=["-published_at", "-id"], condition=PUBLIC, name="commitment_public"),
            models.Index(
                fields=["kind", "-published_at", "-id"], condition=PUBLIC, name="commitment_by_kind"
            ),
            models.Index(
                fields=["organ", "-published_at", "-id"], condition=PUBLIC, name="commitment_by_organ"
            ),
            models.Index(
                fields=["-published_at", "-id"],
                condition=PUBLIC & Q(broken_at__isnull=False),
                name="commitment_broken",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.signatory}"

    @property
    def chain(self) -> str:
        """The ledger chain of its events: the case that it was signed for first, or its own."""
        return self.document.about

    @property
    def is_public(self) -> bool:
        return self.published_at is not None and self.withdrawn_at is None


class BreachFinding(Proposal):
    """That a published commitment is broken, or that a finding of it was a mistake: one officer of the department hands it
    in with the paper it rests on, a second one puts it into effect (Article 15)."""

    class Kind(models.TextChoices):
        BREACH = "breach", _("认定违背承诺")
        LIFT = "lift", _("认定有误，予以撤销")

    commitment = models.ForeignKey(
        Commitment, verbose_name=_("信用承诺"), on_delete=models.PROTECT, related_name="findings"
    )
    kind = models.CharField(_("事项"), max_length=6, choices=Kind)
    facts = models.TextField(_("查明的事实"))
    # In the words of the commitment itself.
    consequences = models.TextField(_("承诺书写明的后果"), blank=True)
    evidence = models.ForeignKey(
        "files.StoredFile", verbose_name=_("依据"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Proposal.Meta):
        verbose_name = _("违背承诺认定")
        verbose_name_plural = _("违背承诺认定")
        constraints = [
            *Proposal.Meta.constraints,
            models.UniqueConstraint(
                fields=["commitment"], condition=Q(state="proposed"), name="breachfinding_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment.subject.public_name} {self.get_kind_display()}"

    @property
    def chain(self) -> str:
        return self.commitment.chain

    @property
    def evidence_files(self) -> list[StoredFile]:
        return [self.evidence]
