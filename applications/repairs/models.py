from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications.at_rest.fields import EncryptedCharField
from applications.repairs.constraints import FollowsProcedure
from applications.repairs.inquiry_models import Inquiry as Inquiry
from applications.repairs.reception_models import ProofOfService as ProofOfService
from applications.repairs.reception_models import Reception as Reception
from applications.repairs.revocation_models import RevocationProposal as RevocationProposal
from applications.repairs.signing_models import SigningLink as SigningLink
from rules.materials import KINDS, Kind
from rules.procedure import CLOSED_STATES, STATE_LABELS, STATES, WAYS, State

# The states in which somebody still has to do something, and those in which nobody has.
IN_HAND = frozenset(state.value for state, entry in STATES.items() if entry.turn)
OVER = frozenset(state.value for state, entry in STATES.items() if not entry.turn)
# Those in which a case is over before anything was decided.
GIVEN_UP = frozenset({State.WITHDRAWN.value, State.CLOSED.value})

# Article 17: a credit report is one of either.
REPORT_ISSUERS = [
    ("credit_bureau", _("公共信用信息工作机构")),
    ("credit_service_institution", _("信用服务机构")),
]


class Filing(models.Model):
    """One sitting of one subject (Article 7): who comes for it, what is stated and handed in about the subject, and
    the one commitment. Each record that is asked for in it is a case with its own number, clocks and decision.

    While officers have none of its cases, it is its applicant's to change; later each case that is changed goes on in
    a filing of its own (repairs.services.filings).
    """

    subject = models.ForeignKey(
        "subjects.Subject", verbose_name=_("信用主体"), on_delete=models.PROTECT, related_name="filings"
    )
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("经办人"), on_delete=models.PROTECT, related_name="filings"
    )
    # How it came where it did not come online (Article 19); then ``applicant`` is the officer who entered it.
    reception = models.ForeignKey(
        Reception, on_delete=models.PROTECT, null=True, blank=True, related_name="filings"
    )
    contact_name = models.CharField(_("经办人姓名"), max_length=80, blank=True)
    contact_phone = EncryptedCharField(_("联系电话"), max_length=40, blank=True)
    # What the applicant states of the subject; officers confirm or reject each in the review.
    training_completed_on = models.DateField(_("培训完成日期"), null=True, blank=True)
    training_certificate_number = models.CharField(_("培训证书编号"), max_length=80, blank=True)
    report_issued_on = models.DateField(_("信用报告出具日期"), null=True, blank=True)
    report_issuer = models.CharField(_("信用报告出具方"), max_length=30, blank=True, choices=REPORT_ISSUERS)
    report_institution = models.CharField(_("信用服务机构名称"), max_length=100, blank=True, db_default="")
    report_number = models.CharField(_("信用报告编号"), max_length=80, blank=True)
    commitment = models.ForeignKey(
        "commitments.Commitment", on_delete=models.PROTECT, null=True, blank=True, related_name="filings"
    )
    # The filing as a copy of which it began, when one of its cases went its own way after it was submitted.
    origin = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("建立时间"))

    class Meta:
        verbose_name = _("申请")
        verbose_name_plural = _("申请")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.subject} {self.pk}"

    @property
    def channel(self) -> str:
        """How it came, in words."""
        return self.reception.get_channel_display() if self.reception else str(_("网上"))


class RepairCase(models.Model):
    """The application for the repair of one record (Articles 1 and 7), from draft to shared decision.

    ``status`` is written by repairs.steps.frame alone, and the database refuses what is no step of the table.
    ``version`` grows with every step, so a page that was opened before another officer's step cannot overwrite it."""

    number = models.CharField(_("办件编号"), max_length=40, unique=True)
    filing = models.ForeignKey(Filing, verbose_name=_("申请"), on_delete=models.PROTECT, related_name="cases")
    record = models.ForeignKey(
        "records.DishonestyRecord",
        verbose_name=_("失信行为信息"),
        on_delete=models.PROTECT,
        related_name="cases",
    )
    # The indexes below begin with it.
    organ = models.ForeignKey(
        "organs.Organ",
        models.PROTECT,
        verbose_name=_("办理机构"),
        related_name="repair_cases",
        db_index=False,
    )
    status = models.CharField(_("状态"), max_length=16, choices=[(k, _(v)) for k, v in STATE_LABELS.items()])
    version = models.PositiveIntegerField(default=1)
    # How often the applicant has submitted: 1 after the first submission, one more after each correction.
    round = models.PositiveSmallIntegerField(default=0)
    # Six digits; with the number they open the progress page without an account.
    tracking_code = models.CharField(max_length=6)

    # What the applicant states of the record; officers confirm or reject it in the review.
    corrected_on = models.DateField(_("失信行为纠正日期"), null=True, blank=True)
    # Article 16: shown to whoever decides, and asked by no rule. What the applicant states, and what an officer noted.
    improvements = models.TextField(_("积极改善信用状况的行为"), blank=True, default="", db_default="")
    noted_improvements = models.TextField(_("工作人员登记的重要参考"), blank=True, default="", db_default="")

    created_at = models.DateTimeField(_("建立时间"))
    edited_at = models.DateTimeField(_("保存时间"))
    first_submitted_at = models.DateTimeField(_("首次提交时间"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    accepted_on = models.DateField(_("受理日期"), null=True, blank=True)
    decided_on = models.DateField(_("决定日期"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision_number = models.CharField(_("决定文号"), max_length=80, blank=True)
    # When the sharing platform confirmed the latest decision (Article 11).
    shared_at = models.DateTimeField(_("平台签收时间"), null=True, blank=True)
    # The last day of the running clock that ends first, null where none runs: written with the clocks, by
    # repairs.due_days alone, and compared with them every night.
    due_on = models.DateField(_("截止"), null=True, blank=True, editable=False)
    # Who has charge of it, as its running clock says: written beside ``due_on``.
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("承办人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    # Who examined it last, as its latest review says: the queue of decisions is without that person's own.
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("信用修复申请")
        verbose_name_plural = _("信用修复申请")
        ordering = ["-id"]
        constraints = [
            # Across both channels: while one body handles an application, the other cannot be asked.
            models.UniqueConstraint(
                fields=["record"],
                condition=~Q(status__in=sorted(CLOSED_STATES)),
                name="one_open_case_a_record",
            ),
            models.CheckConstraint(
                name="case_submitted_is_dated",
                condition=Q(status__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="case_decided_is_dated",
                condition=~Q(status__in=["granted", "refused", "objecting", "revoked"])
                | Q(decided_on__isnull=False, accepted_on__isnull=False) & ~Q(decision_number=""),
            ),
            FollowsProcedure(ways=WAYS, name="case_follows_procedure"),
        ]
        indexes = [
            models.Index(fields=["organ", "status"]),
            # The officers' lists: what is before them, what has a day, what is over, everything that was submitted; a department's.
            models.Index(
                fields=["organ", "due_on", "submitted_at", "id"],
                condition=Q(status__in=sorted(IN_HAND), submitted_at__isnull=False),
                name="case_in_hand",
            ),
            models.Index(
                fields=["due_on", "organ", "submitted_at", "id"],
                condition=Q(due_on__isnull=False, submitted_at__isnull=False),
                name="case_due",
            ),
            models.Index(
                fields=["organ", "due_on", "-id"],
                condition=Q(status__in=sorted(OVER), submitted_at__isnull=False),
                name="case_over",
            ),
            models.Index(
                fields=["organ", "due_on", "-id"],
                condition=Q(submitted_at__isnull=False),
                name="case_submitted",
            ),
            models.Index(
                fields=["due_on", "-id"], condition=Q(submitted_at__isnull=False), name="case_listed"
            ),
            models.Index(
                fields=["officer", "due_on", "submitted_at", "id"],
                condition=Q(officer__isnull=False, submitted_at__isnull=False),
                name="case_of_officer",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def materials(self) -> "QuerySet[Material]":
        """The materials of this case: its own, and those about the subject that its filing has for every record. What came for
        the other records after this one was given up is none of its."""
        shared_or_own = Q(case=None) | Q(case=self.pk)
        materials = Material.objects.filter(shared_or_own, filing=self.filing_id)
        return materials.filter(added_at__lte=self.edited_at) if self.status in GIVEN_UP else materials


class CaseObligation(models.Model):
    """A duty of the record as the applicant states its fulfilment in this case."""

    case = models.ForeignKey(RepairCase, on_delete=models.CASCADE, related_name="obligations")
    obligation = models.ForeignKey("records.Obligation", on_delete=models.PROTECT, related_name="+")
    fulfilled_on = models.DateField(_("履行完毕日期"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "obligation"], name="case_obligation_once")]

    def __str__(self) -> str:
        return str(self.obligation)


class MaterialKind(models.TextChoices):
    """The materials of Article 7, under the names of their table."""

    LICENCE = Kind.LICENCE.value, _(KINDS[Kind.LICENCE].label)
    IDENTITY = Kind.IDENTITY.value, _(KINDS[Kind.IDENTITY].label)
    FULFILMENT = Kind.FULFILMENT.value, _(KINDS[Kind.FULFILMENT].label)
    REPAIR_FORM = Kind.REPAIR_FORM.value, _(KINDS[Kind.REPAIR_FORM].label)
    TRAINING = Kind.TRAINING.value, _(KINDS[Kind.TRAINING].label)
    CREDIT_REPORT = Kind.CREDIT_REPORT.value, _(KINDS[Kind.CREDIT_REPORT].label)
    AUTHORISATION = Kind.AUTHORISATION.value, _(KINDS[Kind.AUTHORISATION].label)
    SIGNED_COMMITMENT = Kind.SIGNED_COMMITMENT.value, _(KINDS[Kind.SIGNED_COMMITMENT].label)
    REPRESENTATIVE = Kind.REPRESENTATIVE.value, _(KINDS[Kind.REPRESENTATIVE].label)
    HANDLER_IDENTITY = Kind.HANDLER_IDENTITY.value, _(KINDS[Kind.HANDLER_IDENTITY].label)
    OTHER = Kind.OTHER.value, _(KINDS[Kind.OTHER].label)


class Material(models.Model):
    """An uploaded file in a filing. ``round`` is the submission that brings it, so 1 before the first one.

    One about the subject serves every case of the filing and has no ``case``; one about a record, and one that was
    added when a case of the filing had been submitted, as the answer to a correction is, belongs to that case."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="materials")
    case = models.ForeignKey(
        RepairCase, on_delete=models.PROTECT, null=True, blank=True, related_name="own_materials"
    )
    kind = models.CharField(_("材料"), max_length=20, choices=MaterialKind)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(_("提交次"))
    added_at = models.DateTimeField(_("上传时间"))

    class Meta:
        verbose_name = _("申请材料")
        verbose_name_plural = _("申请材料")
        ordering = ["kind", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file.name}"


class CorrectionNotice(models.Model):
    """补正材料告知书 (Article 8). All items go out together; a draft is seen by the unit's officers only."""

    case = models.ForeignKey(RepairCase, on_delete=models.PROTECT, related_name="correction_notices")
    # The submission that it answers.
    round = models.PositiveSmallIntegerField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(_("起草时间"))
    sent_at = models.DateTimeField(_("送达时间"), null=True, blank=True)
    document = models.OneToOneField(
        "documents.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("补正材料告知书")
        verbose_name_plural = _("补正材料告知书")
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="one_notice_a_submission")]

    def __str__(self) -> str:
        return f"{self.case} {self.round}"


# An item of a notice that Article 8 allows.
MAY_BE_ASKED = (
    Q(notice_round=1)
    | Q(material_round=F("notice_round"))
    | (~Q(exception_reason="") & Q(exception_by__isnull=False))
)


class CorrectionItem(models.Model):
    """One defect. After the first notice only what the new submission brought may be asked for again,
    or a supervisor states why: that is what 一次性告知 means, and the database holds it of what was sent."""

    notice = models.ForeignKey(CorrectionNotice, on_delete=models.CASCADE, related_name="items")
    material_kind = models.CharField(_("材料"), max_length=20, choices=MaterialKind)
    defect = models.TextField(_("问题"))
    requirement = models.TextField(_("补正要求"))
    notice_round = models.PositiveSmallIntegerField()
    # The submission that brought the material which the item is about; 0 where none was submitted.
    material_round = models.PositiveSmallIntegerField(default=0)
    exception_reason = models.CharField(_("例外理由"), max_length=500, blank=True)
    exception_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # When its notice went out; a draft may still wait for the supervisor's reason.
    sent_at = models.DateTimeField(_("送达时间"), null=True, blank=True)
    answer = models.TextField(_("答复"), blank=True)

    class Meta:
        verbose_name = _("补正事项")
        verbose_name_plural = _("补正事项")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="correction_is_asked_once",
                condition=Q(sent_at__isnull=True) | MAY_BE_ASKED,
            )
        ]
        indexes = [
            models.Index(fields=["notice"], condition=Q(sent_at__isnull=True), name="correction_unsent")
        ]

    def __str__(self) -> str:
        return self.defect

    @property
    def asks_again(self) -> bool:
        """Whether it could have been asked for at once, so that a supervisor has to say why it was not."""
        return self.notice_round > 1 and self.material_round != self.notice_round

    @property
    def needs_reason(self) -> bool:
        return self.asks_again and (not self.exception_reason or self.exception_by_id is None)


class Review(models.Model):
    """An officer's examination of the facts: a verdict on each condition, and the decision it proposes.

    ``checklist``: {finding code: {"confirmed": bool, "note": str}}."""

    class Proposal(models.TextChoices):
        GRANT = "grant", _("建议准予修复")
        REFUSE = "refuse", _("建议不予修复")

    case = models.ForeignKey(RepairCase, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(_("审查时间"))
    checklist = models.JSONField(_("核对结果"))
    proposal = models.CharField(_("建议"), max_length=8, choices=Proposal)
    opinion = models.TextField(_("审查意见"), blank=True)

    class Meta:
        verbose_name = _("审查意见")
        verbose_name_plural = _("审查意见")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.case} {self.get_proposal_display()}"


class StoredAssessment(models.Model):
    """What the rules said at a step, with the facts they saw. Never changed (see the first migration)."""

    class Stage(models.TextChoices):
        SUBMISSION = "submission", _("提交时")
        DECISION = "decision", _("决定时")
        OBJECTION = "objection", _("处理异议时")
        CHANGE = "change", _("失信行为信息变更时")

    case = models.ForeignKey(RepairCase, on_delete=models.PROTECT, related_name="assessments")
    stage = models.CharField(_("环节"), max_length=12, choices=Stage)
    on = models.DateField(_("日期"))
    policy = models.CharField(_("依据"), max_length=200)
    policy_version = models.CharField(max_length=64)
    facts = models.JSONField(_("事实"))
    assessment = models.JSONField(_("结论"))
    # The tree that pages show; None in a row that was written before there was this column.
    explanation = models.JSONField(_("说明"), null=True)
    stored_at = models.DateTimeField(_("保存时间"))

    class Meta:
        verbose_name = _("规则评估")
        verbose_name_plural = _("规则评估")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.case} {self.get_stage_display()}"
