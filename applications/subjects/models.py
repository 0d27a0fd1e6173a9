from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.accounts.four_eyes import Proposal
from applications.at_rest.fields import DigestField, EncryptedCharField
from applications.files.models import StoredFile
from applications.masking import mask_identity, mask_name, mask_numbers
from applications.subjects.identity import PlainField, WithPlainForms, digest_of_document
from rules.codes import is_resident_id
from rules.sameness import plain_name


class Subject(WithPlainForms):
    """A credit subject (信用主体): whoever a dishonesty record is about."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("法人及非法人组织")
        INDIVIDUAL_BUSINESS = "individual_business", _("个体工商户")
        NATURAL_PERSON = "natural_person", _("自然人")

    class IdentityType(models.TextChoices):
        RESIDENT_ID = "resident_id", _("身份证")
        PASSPORT = "passport", _("护照号")
        HK_MACAO_PERMIT = "hk_macao_permit", _("港澳居民来往内地通行证")
        TAIWAN_PERMIT = "taiwan_permit", _("台湾居民来往大陆通行证")
        FOREIGN_RESIDENT_ID = "foreign_resident_id", _("外国人永久居留身份证")
        OTHER = "other", _("其他证件")

    kind = models.CharField(_("类别"), max_length=20, choices=Kind)
    name = models.CharField(_("名称（姓名）"), max_length=200, db_index=True)
    # By which a name is found however it is typed; null until the row is saved again (migrations).
    plain_name = PlainField(source="name", form=plain_name, max_length=200, null=True, db_index=True)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, null=True, blank=True, unique=True)
    identity_type = models.CharField(_("证件类型"), max_length=20, choices=IdentityType, blank=True)
    identity_number = EncryptedCharField(_("证件号码"), blank=True, default="")
    # Keyed hash of type and number: finds a person without a readable number in the database.
    identity_digest = DigestField(
        of=["identity_type", "identity_number"], make=digest_of_document, null=True, blank=True, unique=True
    )
    legal_representative = models.CharField(_("法定代表人"), max_length=80, blank=True)
    # Of a natural person it is the home; an organisation's is public.
    address = EncryptedCharField(_("住所"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("信用主体")
        verbose_name_plural = _("信用主体")
        constraints = [
            models.CheckConstraint(
                name="subject_has_its_code",
                condition=Q(kind="natural_person", identity_digest__isnull=False, uscc__isnull=True)
                | (~Q(kind="natural_person") & Q(uscc__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def former_names(self) -> list[str]:
        """The names that it had before, the latest first."""
        return [each.old_name for each in self.changes.all() if each.kind == SubjectChange.Kind.RENAME]

    @property
    def is_person(self) -> bool:
        return self.kind == self.Kind.NATURAL_PERSON

    @property
    def public_name(self) -> str:
        """As the public sees it."""
        return self.shown_name(self.name)

    def shown_name(self, name: str) -> str:
        """A name that it bears or bore: a natural person's is masked, and so is a person's number in any name."""
        return mask_name(name) if self.is_person else mask_numbers(name)

    def shown_name_of(self, person: object) -> str:
        """Somebody who acts for it, for others to read: who acts for a person is mostly that person, whose name is masked."""
        return mask_name(str(person)) if self.is_person else str(person)

    @property
    def masked_code(self) -> str:
        """The code as lists and public pages show it: a person's number is masked, also where it was once taken for the
        code of an organisation, which is public."""
        number = self.identity_number if self.is_person else self.uscc or ""
        return mask_identity(number) if self.is_person or is_resident_id(number) else number


class SubjectChange(WithPlainForms):
    """What became of a subject, as an officer of a credit bureau saw it on the registration authority's paper."""

    class Kind(models.TextChoices):
        RENAME = "rename", _("更名")
        MERGE = "merge", _("合并（并入其他主体）")
        SPLIT = "split", _("分立")
        DEREGISTER = "deregister", _("注销")

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(_("变更"), max_length=10, choices=Kind)
    old_name = models.CharField(_("原名称"), max_length=200, db_index=True)
    # Null where the version before wrote the row beside this one: then the name is found as it was written.
    plain_old_name = PlainField(source="old_name", form=plain_name, max_length=200, null=True, db_index=True)
    new_name = models.CharField(_("新名称"), max_length=200, blank=True)
    # Who takes its duties over: whoever acts for the successor acts for it.
    successor = models.ForeignKey(
        Subject,
        verbose_name=_("承继的主体"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
    )
    changed_on = models.DateField(_("变更日期"))
    document_number = models.CharField(_("登记机关文号"), max_length=128, blank=True)
    proof = models.ForeignKey(
        "files.StoredFile", verbose_name=_("证明"), on_delete=models.PROTECT, related_name="+"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("登记人"), on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("主体变更")
        verbose_name_plural = _("主体变更")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="subjectchange_is_whole",
                condition=(Q(kind="rename", successor__isnull=True) & ~Q(new_name=""))
                | Q(kind__in=["merge", "split"], successor__isnull=False, new_name="")
                | Q(kind="deregister", successor__isnull=True, new_name=""),
            ),
            models.CheckConstraint(
                name="subjectchange_has_another_successor",
                condition=Q(successor__isnull=True) | ~Q(successor=models.F("subject")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_name} {self.get_kind_display()}"


class Capacity(models.TextChoices):
    """In which capacity somebody acts for a subject."""

    REPRESENTATIVE = "representative", _("法定代表人（负责人、经营者）")
    EMPLOYEE = "employee", _("本单位工作人员")
    AGENT = "agent", _("受委托的代理人")
    SELF = "self", _("本人")


class Said(models.Model):
    """What somebody says in a claim, and the paper that proves it. A person's number is encrypted, as a subject's is."""

    # Empty in claims from before it was asked for.
    capacity = models.CharField(
        _("身份"), max_length=14, choices=Capacity, blank=True, default="", db_default=""
    )
    name = models.CharField(_("填报的名称"), max_length=200, blank=True)
    uscc = models.CharField(_("填报的统一社会信用代码"), max_length=18, blank=True)
    identity_type = models.CharField(
        _("证件类型"), max_length=20, choices=Subject.IdentityType, blank=True, default="", db_default=""
    )
    identity_number = EncryptedCharField(_("证件号码"), blank=True, default="", db_default="")
    # An agent's power of attorney: for all matters, or for the one record of this decision document; its last day.
    scope_document = models.CharField(_("只限文号"), max_length=128, blank=True, default="", db_default="")
    ends_on = models.DateField(_("授权至"), null=True, blank=True)
    proof = models.ForeignKey(
        "files.StoredFile",
        verbose_name=_("证明材料"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        abstract = True

    @property
    def own_masked_code(self) -> str:
        """As lists show it: an organisation's code is public, a person's number is masked."""
        return self.uscc or mask_identity(self.identity_number)


class Claim(Said):
    """A user's request to act for a subject, and what came of it.

    A subject that is not known yet is made when an officer has seen the proof: what the user wrote stays in the claim, so
    nobody can put a wrong name into the credit files, and nobody learns by it who has a record.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("待核验")
        VERIFIED = "verified", _("已通过")
        REJECTED = "rejected", _("未通过")
        WITHDRAWN = "withdrawn", _("已撤回")
        ENDED = "ended", _("已终止")

    # RL-320100-2026-000001. None in claims from before.
    number = models.CharField(_("认领编号"), max_length=24, null=True, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("申请人"), on_delete=models.PROTECT, related_name="claims"
    )
    subject = models.ForeignKey(
        Subject,
        verbose_name=_("信用主体"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
    )
    kind = models.CharField(_("类别"), max_length=20, choices=Subject.Kind, blank=True)
    identity_digest = DigestField(
        of=["identity_type", "identity_number"], make=digest_of_document, null=True, blank=True, db_index=True
    )
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.PENDING)
    made_at = models.DateTimeField(_("提出时间"))
    # The bureau that owes the answer, and the last day for it: written with the clock (deadlines.claims).
    organ = models.ForeignKey(
        "organs.Organ",
        verbose_name=_("核验机构"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    due_on = models.DateField(_("答复期限届满日"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("核验人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    reason = models.CharField(_("说明"), max_length=500, blank=True)
    advice = models.CharField(_("请申请人怎么做"), max_length=500, blank=True, default="", db_default="")
    # Since when it no longer holds, and whether the agent was told before.
    ended_at = models.DateTimeField(_("终止时间"), null=True, blank=True)
    told_of_end_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("主体认领")
        verbose_name_plural = _("主体认领")
        ordering = ["made_at"]
        constraints = [
            # While one holds another may wait: a power of attorney is renewed before its end.
            models.UniqueConstraint(
                fields=["user", "subject", "status"],
                condition=Q(status__in=["pending", "verified"]),
                name="claim_once_a_status",
            ),
            models.UniqueConstraint(
                fields=["user", "uscc", "status"],
                condition=Q(status__in=["pending", "verified"]) & ~Q(uscc=""),
                name="claim_code_once_a_status",
            ),
            models.CheckConstraint(
                name="claim_is_about_a_subject",
                condition=Q(subject__isnull=False) | ~Q(uscc="") | ~Q(identity_type=""),
            ),
            models.CheckConstraint(
                name="verified_claim_has_subject",
                condition=~Q(status="verified") | Q(subject__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_of_agent_has_an_end",
                condition=Q(capacity="agent", ends_on__isnull=False)
                | (~Q(capacity="agent") & Q(ends_on__isnull=True, scope_document="")),
            ),
        ]
        indexes = [
            models.Index(fields=["organ", "due_on"], condition=Q(status="pending"), name="claim_waiting"),
            models.Index(fields=["ends_on"], condition=Q(status="verified"), name="claim_ending"),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.claimed_name}"

    @property
    def claimed_name(self) -> str:
        return self.name or (self.subject.name if self.subject else "")

    @property
    def whose(self) -> Subject:
        """Its subject, or, while there is none, one that is only of the kind that it says."""
        return self.subject or Subject(kind=self.kind)

    @property
    def public_name(self) -> str:
        """The claimed name as a message says it, since a mail may lie open."""
        return self.whose.shown_name(self.claimed_name)

    @property
    def shown_user(self) -> str:
        """Its claimant, likewise."""
        return self.whose.shown_name_of(self.user)

    @property
    def masked_code(self) -> str:
        return self.own_masked_code or (self.subject.masked_code if self.subject else "")

    @property
    def chain(self) -> str:
        """The ledger chain of its events: that of its subject, once there is one."""
        return f"subject-{self.subject_id}" if self.subject_id else f"claim-{self.pk}"


class EarlierClaim(Said):
    """What a claim said before its claimant corrected it."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="earlier")
    replaced_at = models.DateTimeField(_("更正时间"))

    class Meta:
        verbose_name = _("更正前的认领")
        verbose_name_plural = _("更正前的认领")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.claim} {self.replaced_at:%F}"


class CodeConfirmation(Proposal):
    """A code that stands on a licence although its check character is wrong, as some offices once issued them.

    One officer hands it in with the licence, a second one of the same organ agrees; from then on it counts as valid.
    """

    code = models.CharField(_("证照上的代码"), max_length=18)
    name = models.CharField(_("证照上的名称"), max_length=200)
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("经办机构"), on_delete=models.PROTECT, related_name="+"
    )
    licence = models.ForeignKey(
        "files.StoredFile", verbose_name=_("证照"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Proposal.Meta):
        verbose_name = _("代码确认")
        verbose_name_plural = _("代码确认")
        constraints = [
            *Proposal.Meta.constraints,
            models.UniqueConstraint(
                fields=["code"], condition=~Q(state="rejected"), name="code_confirmed_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def chain(self) -> str:
        """The ledger chain of what happens to it."""
        return f"code-{self.code}"

    @property
    def evidence_files(self) -> list[StoredFile]:
        return [self.licence]
