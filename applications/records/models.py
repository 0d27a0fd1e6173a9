from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.four_eyes import Proposal
from applications.files.models import StoredFile
from applications.masking import mask_numbers
from applications.organs import regions
from applications.records.objection_models import InformationObjection as InformationObjection
from applications.records.run_models import ImportRun as ImportRun
from applications.subjects.identity import PlainField, WithPlainForms
from rules.facts import CONDUCTS, DOMAINS, PENALTIES
from rules.sameness import plain_number


class ImportBatch(models.Model):
    """One imported file of an organ. ``sha256`` makes a second import of the same file a no-op."""

    organ = models.ForeignKey("organs.Organ", verbose_name=_("导入机构"), on_delete=models.PROTECT)
    file_name = models.CharField(_("文件名"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    created = models.PositiveIntegerField(_("新增"), default=0)
    updated = models.PositiveIntegerField(_("更新"), default=0)
    unchanged = models.PositiveIntegerField(_("无变化"), default=0)
    rejected = models.PositiveIntegerField(_("退回"), default=0)
    # The workbook of rejected rows with the reason beside each cell.
    errors = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("导入人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    imported_at = models.DateTimeField(_("导入时间"))

    class Meta:
        verbose_name = _("导入批次")
        verbose_name_plural = _("导入批次")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["organ", "sha256"], name="import_once")]

    def __str__(self) -> str:
        return self.file_name


class DishonestyRecord(WithPlainForms):
    """失信行为信息: one penalty decision against one subject, in the 29 双公示 columns and what repair needs besides."""

    class Severity(models.TextChoices):
        GENERAL = "general", _("一般失信")
        SERIOUS = "serious", _("严重失信")

    class Publicity(models.TextChoices):
        PUBLISHED = "published", _("公示中")
        WITHDRAWN = "withdrawn", _("已撤销公示")
        EXPIRED = "expired", _("公示期满")
        # A minor at the decision, or a person whose age then is not known: never public from the start.
        WITHHELD = "withheld", _("依法不公示")

    class SourceState(models.TextChoices):
        """What has become of the penalty at the authority that imposed it, or in court."""

        NORMAL = "normal", _("正常")
        # Under administrative reconsideration or litigation: public as before, and marked.
        DISPUTED = "disputed", _("异议（复议、诉讼中）")
        # Revoked, or found unlawful or void: never public again (Administrative Penalty Law 48).
        REVOKED = "revoked", _("已撤销")

    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="records")
    identifying_unit = models.ForeignKey(
        "organs.Organ",
        verbose_name=_("认定单位"),
        on_delete=models.PROTECT,
        related_name="identified_records",
    )
    region = models.CharField(_("认定地行政区划"), max_length=6)
    severity = models.CharField(_("失信严重程度"), max_length=10, choices=Severity)
    domains = models.JSONField(_("失信领域"), default=list, blank=True)
    conducts = models.JSONField(_("失信行为"), default=list, blank=True)

    # The decision, in the terms of the 双公示 standard.
    document_number = models.CharField(_("行政处罚决定书文号"), max_length=128)
    # Which number it is however it was written: by this it is known again and found. Null: see doubles.py.
    plain_number = PlainField(source="document_number", form=plain_number, max_length=128, null=True)
    violation_type = models.TextField(_("违法行为类型"))
    facts = models.TextField(_("违法事实"))
    legal_basis = models.TextField(_("处罚依据"))
    penalties = models.JSONField(_("处罚类别"))
    penalty_content = models.TextField(_("处罚内容"))
    fine_amount = models.DecimalField(
        _("罚款金额（万元）"), max_digits=18, decimal_places=6, null=True, blank=True
    )
    confiscated_amount = models.DecimalField(
        _("没收违法所得、没收非法财物的金额（万元）"), max_digits=18, decimal_places=6, null=True, blank=True
    )
    permit_affected = models.CharField(_("暂扣或吊销证照名称及编号"), max_length=200, blank=True)
    decided_on = models.DateField(_("处罚决定日期"))
    identified_on = models.DateField(_("认定日期"))
    valid_until = models.DateField(_("处罚有效期"), null=True, blank=True)
    publicity_until = models.DateField(_("公示截止期"))
    penalising_organ = models.CharField(_("处罚机关"), max_length=200)
    penalising_organ_uscc = models.CharField(_("处罚机关统一社会信用代码"), max_length=18)
    source_organ = models.CharField(_("数据来源单位"), max_length=200)
    source_organ_uscc = models.CharField(_("数据来源单位统一社会信用代码"), max_length=18)
    # Columns that are kept as they came: other codes of the subject, the representative's document.
    other_columns = models.JSONField(default=dict, blank=True)
    remarks = models.TextField(_("备注"), blank=True)

    # The record of the same penalty that counts; this one came in when another way of writing passed for another number.
    double_of = models.ForeignKey(
        "self",
        verbose_name=_("重复于"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="doubles",
    )

    publicity = models.CharField(_("公示状态"), max_length=10, choices=Publicity, default=Publicity.PUBLISHED)
    publicity_ended_at = models.DateTimeField(_("停止公示时间"), null=True, blank=True)
    source_state = models.CharField(
        _("处罚当前状态"),
        max_length=10,
        choices=SourceState,
        default=SourceState.NORMAL,
        db_default=SourceState.NORMAL,
    )
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="records"
    )

    class Meta:
        verbose_name = _("失信行为信息")
        verbose_name_plural = _("失信行为信息")
        ordering = ["-decided_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["penalising_organ_uscc", "plain_number", "subject"],
                condition=Q(double_of__isnull=True),
                name="record_known_once",
            ),
            models.CheckConstraint(
                name="record_publicity_end_is_dated",
                condition=Q(publicity__in=["published", "withheld"], publicity_ended_at__isnull=True)
                | Q(publicity__in=["withdrawn", "expired"], publicity_ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="record_publicity_after_decision", condition=Q(publicity_until__gte=F("decided_on"))
            ),
            models.CheckConstraint(
                name="record_revoked_is_not_public",
                condition=~Q(source_state="revoked", publicity="published"),
            ),
        ]
        indexes = [
            models.Index(fields=["identifying_unit", "-decided_on"]),
            models.Index(
                fields=["publicity_until"], condition=Q(publicity="published"), name="record_in_publicity"
            ),
            models.Index(fields=["document_number"]),
            # Found by its beginning too, which an index in the order of a language does not answer.
            models.Index(
                fields=["plain_number"], opclasses=["varchar_pattern_ops"], name="record_plain_number"
            ),
        ]

    def __str__(self) -> str:
        """Its number as it is shown: what is stored from before can hold the number of a person."""
        return mask_numbers(self.document_number)

    @property
    def penalised_by(self) -> str:
        """Who decided on the penalty, as it is shown; as with the number."""
        return mask_numbers(self.penalising_organ)

    @property
    def is_withheld(self) -> bool:
        """Whether the law keeps it from the public."""
        return self.publicity == self.Publicity.WITHHELD

    @property
    def reference(self) -> str:
        """The record's serial in the ledger and on the sharing platform (失信信息唯一标识)."""
        return reference_of(self.pk)

    @property
    def place(self) -> str:
        return regions.name(self.region)

    @property
    def penalty_labels(self) -> list[str]:
        return [gettext(PENALTIES[code]) for code in self.penalties]

    @property
    def domain_labels(self) -> list[str]:
        return [gettext(DOMAINS[code]) for code in self.domains]

    @property
    def conduct_labels(self) -> list[str]:
        return [gettext(CONDUCTS[code]) for code in self.conducts]


def reference_of(record: int) -> str:
    return f"R-{record:010d}"


class Obligation(models.Model):
    """A duty that the decision or a judgment imposed (Articles 4 and 5), and when it was fulfilled."""

    class Source(models.TextChoices):
        ADMINISTRATIVE = "administrative", _("行政处理决定")
        JUDICIAL = "judicial", _("司法裁判")

    record = models.ForeignKey(DishonestyRecord, on_delete=models.CASCADE, related_name="obligations")
    name = models.CharField(_("义务"), max_length=80)
    source = models.CharField(_("来源"), max_length=20, choices=Source, default=Source.ADMINISTRATIVE)
    fulfilled_on = models.DateField(_("履行完毕日期"), null=True, blank=True)

    class Meta:
        verbose_name = _("法定责任和义务")
        verbose_name_plural = _("法定责任和义务")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["record", "name"], name="obligation_once")]

    def __str__(self) -> str:
        """Without the numbers of people; of duties of one record that then read alike, each with its own ordinal."""
        masked = mask_numbers(self.name)
        if masked == self.name or self.pk is None:
            return masked
        alike = [each.pk for each in self.record.obligations.all() if mask_numbers(each.name) == masked]
        return f"{masked}·{alike.index(self.pk) + 1}" if len(alike) > 1 else masked


class Annotation(models.Model):
    """信用修复标注 (Article 9): stands beside the record for as long as the repair stands."""

    record = models.OneToOneField(DishonestyRecord, on_delete=models.PROTECT, related_name="annotation")
    case_number = models.CharField(_("办件编号"), max_length=40)
    decision_number = models.CharField(_("决定文号"), max_length=80)
    deciding_organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(_("决定日期"))
    annotated_at = models.DateTimeField(_("标注时间"))

    class Meta:
        verbose_name = _("修复标注")
        verbose_name_plural = _("修复标注")

    def __str__(self) -> str:
        return self.decision_number


class RecordChange(models.Model):
    """One writing that changed a record: what it was before and is after, by whom, from which file. Append-only.

    ``before`` and ``after``: {field: value as JSON} of the fields that changed (see fields.py), "obligations" among
    them. The event of the same writing in the record's chain of the ledger names this row and its digest.
    """

    record = models.ForeignKey(DishonestyRecord, on_delete=models.PROTECT, related_name="changes")
    verb = models.CharField(_("事项"), max_length=64)
    before = models.JSONField(_("原内容"))
    after = models.JSONField(_("新内容"))
    at = models.DateTimeField(_("时间"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organ = models.ForeignKey(
        "organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="changes"
    )
    # The paper that the change rests on.
    document = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(_("理由"), blank=True)

    class Meta:
        verbose_name = _("信息变更")
        verbose_name_plural = _("信息变更")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.record} {self.verb}"


class SourceAct(Proposal):
    """A change of a record by officers, on the paper of the authority or the court: one proposes, another decides.

    ``values``: {field: value as JSON} as the record is to be (see fields.py); empty where the penalty is revoked, and
    where that is undone: then they follow from the record on the day on which it is.
    """

    class Kind(models.TextChoices):
        REVOKE = "revoke", _("处罚被撤销、确认违法或者无效")
        CHANGE = "change", _("处罚被变更，或者信息有误")
        RESTORE = "restore", _("恢复原来的内容")
        UNREVOKE = "unrevoke", _("撤销登记有误，恢复该处罚")

    record = models.ForeignKey(
        DishonestyRecord, verbose_name=_("失信行为信息"), on_delete=models.PROTECT, related_name="acts"
    )
    kind = models.CharField(_("事项"), max_length=8, choices=Kind)
    values = models.JSONField(_("更改后的内容"), default=dict)
    document_number = models.CharField(_("依据文号"), max_length=128, blank=True)
    document = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The day of the decision that revokes or changes the penalty: three working days run from it. Of the paper that says
    # that a revocation was registered by mistake: its own day.
    effective_on = models.DateField(_("撤销、变更之日"), null=True, blank=True)
    grounds = models.TextField(_("理由"))
    # Which of the record's clocks of withdrawal it started; none where nothing is withdrawn.
    round = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(Proposal.Meta):
        verbose_name = _("处罚撤销、变更")
        verbose_name_plural = _("处罚撤销、变更")
        constraints = [
            *Proposal.Meta.constraints,
            models.UniqueConstraint(
                fields=["record"], condition=Q(state="proposed"), name="sourceact_one_at_a_time"
            ),
            models.CheckConstraint(
                name="sourceact_has_its_paper",
                condition=Q(kind="restore") | Q(document__isnull=False, effective_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} {self.get_kind_display()}"

    @property
    def chain(self) -> str:
        return self.record.reference

    @property
    def evidence_files(self) -> list[StoredFile]:
        return [self.document] if self.document else []
