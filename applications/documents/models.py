import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications.accounts.four_eyes import Proposal, decided_or_registered


class Kind(models.TextChoices):
    """Every kind of document that the portal issues. The template is ``documents/<kind>.html``."""

    REPAIR_NOTICE = "repair_notice", _("信用修复告知书")
    RECEIPT = "receipt", _("信用修复申请回执")
    COMMITMENT = "commitment", _("信用修复承诺书")
    ACCEPTANCE_NOTICE = "acceptance_notice", _("信用修复申请受理通知书")
    CORRECTION_NOTICE = "correction_notice", _("补正材料告知书")
    NON_ACCEPTANCE_NOTICE = "non_acceptance_notice", _("不予受理告知书")
    TERMINATION_NOTICE = "termination_notice", _("终止办理告知书")
    REPAIR_FORM = "repair_form", _("信用修复表")
    GRANT_DECISION = "grant_decision", _("准予信用修复决定书")
    REFUSAL_DECISION = "refusal_decision", _("不予信用修复决定书")
    REVOCATION_DECISION = "revocation_decision", _("撤销信用修复决定书")
    OBJECTION_RESULT = "objection_result", _("异议处理结果告知书")
    OBJECTION_RECEIPT = "objection_receipt", _("异议申请回执")
    REPAIR_CERTIFICATE = "repair_certificate", _("信用修复证明")
    INFORMATION_RESULT = "information_result", _("信息异议处理结果告知书")
    CREDIT_REPORT = "credit_report", _("公共信用信息报告")
    TRAINING_CERTIFICATE = "training_certificate", _("信用修复培训证书")


# Of a letter there is a copy in English to read. A commitment is its signatory's own text, and a report is a table of data.
READING_COPIES = frozenset(Kind) - {Kind.COMMITMENT, Kind.CREDIT_REPORT}


class Document(models.Model):
    """An issued document: numbered and frozen when it is issued, rendered to a PDF soon after, never edited.

    ``content`` is all that the template needs; the PDF of the same content and template is the same.
    """

    class Status(models.TextChoices):
        VALID = "valid", _("有效")
        VOID = "void", _("已作废")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("文种"), max_length=24, choices=Kind)
    number = models.CharField(_("文号"), max_length=80, unique=True)
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("出具机构"), on_delete=models.PROTECT, related_name="+"
    )
    # Chain of the ledger that the document belongs to: a case number, or a report's own.
    about = models.CharField(_("卷宗"), max_length=64, db_index=True)
    addressee = models.CharField(_("相对人"), max_length=200)
    content = models.JSONField()
    template_version = models.PositiveSmallIntegerField(default=1)
    # What a visitor of the verification page types; see numbering.py.
    verification_code = models.CharField(_("核验码"), max_length=16, unique=True)
    issued_at = models.DateTimeField(_("出具时间"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    pdf = models.OneToOneField(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    render_attempts = models.PositiveSmallIntegerField(default=0)
    render_error = models.CharField(max_length=500, blank=True)
    status = models.CharField(_("状态"), max_length=8, choices=Status, default=Status.VALID)
    void_reason = models.CharField(_("作废原因"), max_length=300, blank=True)
    voided_at = models.DateTimeField(_("作废时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("文书")
        verbose_name_plural = _("发文登记簿")
        ordering = ["-issued_at"]
        constraints = [
            models.CheckConstraint(
                name="document_void_has_reason",
                condition=Q(status="valid", voided_at__isnull=True)
                | (Q(status="void", voided_at__isnull=False) & ~Q(void_reason="")),
            ),
            models.CheckConstraint(
                name="document_not_its_own_predecessor",
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("id")),
            ),
        ]
        indexes = [
            # The register of an organ, the latest first.
            models.Index(fields=["organ", "-issued_at", "-id"], name="document_register"),
            # The signed list of a day (offline.py).
            models.Index(fields=["issued_at", "id"], name="document_by_day"),
            models.Index(fields=["issued_at"], condition=Q(pdf__isnull=True), name="document_unrendered"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def stands(self) -> bool:
        """Whether it is neither void nor replaced by another."""
        return self.status == self.Status.VALID and not hasattr(self, "replaced_by")


class Remedies(Proposal):
    """With whom a decision of an organ is challenged, from a day on: proposed by one person, put into effect by another.

    A row is a proposal. Of those approved, the one whose day came last holds; letters keep what held when they were issued.
    Without a proposer and a decider it came with the sample.
    """

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("机构"), on_delete=models.PROTECT, related_name="+"
    )
    authority = models.CharField(_("行政复议机关"), max_length=100)
    court = models.CharField(_("管辖法院"), max_length=100)
    effective_from = models.DateField(_("生效日期"))

    class Meta(Proposal.Meta):
        verbose_name = _("复议机关和管辖法院")
        verbose_name_plural = _("复议机关和管辖法院")
        constraints = [
            Proposal.Meta.constraints[0],
            decided_or_registered("remedies_decided_by_somebody"),
            models.CheckConstraint(name="remedies_name_both", condition=~Q(authority="") & ~Q(court="")),
        ]
        indexes = [models.Index(fields=["organ", "-effective_from", "-id"], name="remedies_of_organ")]

    def __str__(self) -> str:
        return f"{self.organ}：{self.authority}、{self.court}"


class SealPicture(Proposal):
    """The picture of an organ's seal that its letters bear: proposed by one officer, put into effect by another.

    A row is a proposal, to use a picture or, without one, to use none any more. Of those approved the last holds, as long as the
    organ has the name that it had then. Letters name the digest of what they were sealed with. It is no signature.
    """

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("机构"), on_delete=models.PROTECT, related_name="+"
    )
    # What the seal says.
    organ_name = models.CharField(_("印章上的名称"), max_length=200)
    picture = models.ForeignKey(
        "files.StoredFile",
        verbose_name=_("印章图样"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    millimetres = models.PositiveSmallIntegerField(_("印章直径（毫米）"), null=True, blank=True)
    grounds = models.CharField(_("停用原因"), max_length=300, blank=True)

    class Meta(Proposal.Meta):
        verbose_name = _("印章图样")
        verbose_name_plural = _("印章图样")
        constraints = [
            *Proposal.Meta.constraints,
            models.CheckConstraint(
                name="sealpicture_used_or_withdrawn",
                condition=Q(picture__isnull=False, millimetres__isnull=False, grounds="")
                | Q(Q(picture__isnull=True, millimetres__isnull=True), ~Q(grounds="")),
            ),
        ]
        indexes = [models.Index(fields=["organ", "-decided_at", "-id"], name="sealpicture_of_organ")]

    def __str__(self) -> str:
        return str(_("%(organ)s停用印章图样") if self.withdraws else _("%(organ)s印章图样")) % {
            "organ": self.organ_name
        }

    @property
    def withdraws(self) -> bool:
        return self.picture_id is None


class SigningCertificate(models.Model):
    """A certificate with which the letters of an organ are signed, from a moment on and until it is withdrawn.

    Its key is a file in SIGNING_DIR, or in the hardware module (keys.py). A row stays when the next takes its place: what was signed with it is verified
    with it, also under the name that the organ had then.
    """

    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("机构"), on_delete=models.PROTECT, related_name="+"
    )
    # What the certificate calls the organ.
    organ_name = models.CharField(_("证书上的名称"), max_length=200)
    sha256 = models.CharField(_("证书摘要"), max_length=64, unique=True)
    pem = models.TextField(_("证书"))
    not_before = models.DateTimeField(_("证书有效期起"))
    not_after = models.DateTimeField(_("证书有效期止"))
    used_from = models.DateTimeField(_("启用时间"))
    used_until = models.DateTimeField(_("停用时间"), null=True, blank=True)
    # Of a key in the hardware module: its name there, and the certificates of its issuers (PEM), which a file brings along.
    module_label = models.CharField(
        _("密码模块中的标签"), max_length=100, blank=True, default="", db_default=""
    )
    issuers = models.TextField(_("上级证书"), blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("签名证书")
        verbose_name_plural = _("签名证书")
        ordering = ["used_from", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organ"], condition=Q(used_until__isnull=True), name="signingcertificate_one_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organ_name} {self.sha256[:16]}"


class PublishedKey(models.Model):
    """An Ed25519 key with which QR codes and lists of documents are signed. A row stays published when the next key is in use."""

    public_key = models.CharField(_("公钥"), max_length=64, unique=True)
    used_from = models.DateTimeField(_("启用时间"))
    used_until = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("公布的签名公钥")
        verbose_name_plural = _("公布的签名公钥")
        ordering = ["used_from", "id"]

    def __str__(self) -> str:
        return self.public_key[:16]
