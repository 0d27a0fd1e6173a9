from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.four_eyes import Proposal
from rules.day_words import day_in_words


class PolicyText(models.Model):
    """The full content of a policy, with the implementing rules laid over it, under its digest.

    Kept when an assessment is stored or an adoption proposed, and never changed: whatever becomes of the
    files, an old decision can be assessed again by the rules that made it.
    """

    digest = models.CharField(_("摘要"), max_length=64, primary_key=True)
    policy_id = models.CharField(_("政策编号"), max_length=200)
    # JSON as rules.Policy.to_json() gives it; text, so that the database does not rearrange it.
    content = models.TextField(_("内容"))
    kept_at = models.DateTimeField(_("保存时间"))

    class Meta:
        verbose_name = _("政策文本")
        verbose_name_plural = _("政策文本")

    def __str__(self) -> str:
        return f"{self.policy_id} {self.digest[:12]}"


class PolicyAdoption(Proposal):
    """A policy that applies in the province from a day on: proposed by one supervisor, approved by another.

    A later adoption replaces an earlier one from its first day on. Before the first adoption the shipped
    policies that their files call adopted apply.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待复核")
        # It may still wait for its first day.
        APPROVED = "approved", _("已采用")
        REJECTED = "rejected", _("已驳回")

    text = models.ForeignKey(
        PolicyText, verbose_name=_("政策文本"), on_delete=models.PROTECT, related_name="adoptions"
    )
    title = models.CharField(_("名称"), max_length=200)
    document = models.CharField(_("文号"), max_length=120)
    starts_on = models.DateField(_("采用之日"))
    # The report of the replay that the proposer saw: what the policy would change, and for how many.
    replay = models.JSONField(_("重评结果"))
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta(Proposal.Meta):
        verbose_name = _("政策采用")
        verbose_name_plural = _("政策采用")
        constraints = [
            *Proposal.Meta.constraints,
            models.UniqueConstraint(
                fields=["text", "starts_on"], condition=Q(state="proposed"), name="adoption_proposed_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-starts_on", "-decided_at"], condition=Q(state="approved"), name="adoption_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.starts_on}"


class ImplementingRules(models.Model):
    """实施细则 of an identifying unit (Article 18): what it asks for beyond the province's rule, as an overlay.

    A draft shows its difference in words; confirming puts it in force from its own first day. A draft that the
    province's rule has overtaken in the meantime is refused then.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("待确认")
        IN_FORCE = "in_force", _("已施行")
        REFUSED = "refused", _("不予记载")
        WITHDRAWN = "withdrawn", _("已废止")

    unit = models.ForeignKey(
        "organs.Organ",
        verbose_name=_("认定单位"),
        on_delete=models.PROTECT,
        related_name="implementing_rules",
    )
    rules_id = models.CharField(_("细则编号"), max_length=40)
    title = models.CharField(_("名称"), max_length=200)
    document_number = models.CharField(_("文号"), max_length=120)
    effective_from = models.DateField(_("施行日期"))
    effective_to = models.DateField(_("有效期至"), null=True, blank=True)
    # The policy that it is laid over; once another one is adopted it no longer applies.
    base = models.CharField(_("依据的政策"), max_length=60)
    # As it was handed in (TOML), and as the rules read it.
    text = models.TextField(_("细则条件"))
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    document = models.ForeignKey(
        "files.StoredFile", verbose_name=_("细则文件"), on_delete=models.PROTECT, related_name="+"
    )
    # One Chinese sentence a change.
    differences = models.JSONField(_("与省规定的差别"))
    refusal = models.TextField(_("不予记载的理由"), blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.DRAFT)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("录入人"), on_delete=models.PROTECT, related_name="+"
    )
    handed_in_at = models.DateTimeField(_("录入时间"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("确认人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("确认并抄送时间"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("废止人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # The first day on which it applies no more.
    withdrawn_from = models.DateField(_("废止日期"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("废止理由"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("实施细则")
        verbose_name_plural = _("实施细则")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "rules_id"],
                condition=Q(status__in=["in_force", "withdrawn"]),
                name="implementing_rules_once",
            ),
            models.CheckConstraint(
                name="implementing_rules_confirmed_by_somebody",
                condition=~Q(status__in=["in_force", "withdrawn"])
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="implementing_rules_withdrawn_from_a_day",
                condition=Q(status="withdrawn", withdrawn_from__isnull=False, withdrawn_by__isnull=False)
                | (~Q(status="withdrawn") & Q(withdrawn_from__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "effective_from"],
                condition=Q(status__in=["in_force", "withdrawn"]),
                name="implementing_rules_of_unit",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_number} {self.title}"

    def standing(self, on: date) -> str:
        """How the rules stand on a day: confirmed ones apply from their first day on, and no longer than they say."""
        if self.status == self.Status.IN_FORCE:
            if on < self.effective_from:
                return gettext("待施行")
            return gettext("已失效") if self.effective_to and self.effective_to < on else gettext("施行中")
        if self.status == self.Status.WITHDRAWN and self.withdrawn_from and on < self.withdrawn_from:
            return gettext("将于%(day)s废止") % {"day": day_in_words(self.withdrawn_from)}
        return self.get_status_display()
