from collections.abc import Iterable
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications import at_rest
from applications.accounts.proposals import Proposal
from applications.at_rest.fields import DigestField, EncryptedCharField
from rules import procedure
from rules.sameness import plain_phone


def phone_digest(phone: str) -> at_rest.Digest | None:
    """Of a telephone, however it is typed; None without one."""
    digits = plain_phone(phone)
    return at_rest.digest("telephone", digits) if digits else None


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address. Staff belong to one organ and hold roles in it."""

    email = models.EmailField(_("电子邮箱"), unique=True)
    name = models.CharField(_("姓名"), max_length=80, blank=True)
    phone = EncryptedCharField(_("联系电话"), max_length=40, blank=True)
    # By which a telephone is found however it is typed; null until the row is saved again.
    phone_digest = DigestField(
        of=["phone"], make=phone_digest, instead_of="plain_phone", null=True, db_index=True
    )
    # Written by the version before, which may run beside this one; always empty otherwise. To be removed with the next.
    plain_phone = models.CharField(max_length=40, null=True, db_index=True, editable=False)
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("所属机构"), on_delete=models.PROTECT, null=True, blank=True
    )
    is_staff = models.BooleanField(_("工作人员"), default=False)
    is_active = models.BooleanField(_("启用"), default=True)
    date_joined = models.DateTimeField(_("注册时间"), default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        self.phone_digest, self.plain_phone = phone_digest(self.phone), None
        if update_fields is not None and "phone" in update_fields:
            update_fields = {*update_fields, "phone_digest", "plain_phone"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Role(models.TextChoices):
    """The roles of staff: those of the procedure under its names, and those that it does not know."""

    INTAKE = procedure.Role.INTAKE.value, _(procedure.ROLE_LABELS[procedure.Role.INTAKE])
    REVIEWER = procedure.Role.REVIEWER.value, _(procedure.ROLE_LABELS[procedure.Role.REVIEWER])
    APPROVER = procedure.Role.APPROVER.value, _(procedure.ROLE_LABELS[procedure.Role.APPROVER])
    REPORT_OFFICER = "report_officer", _("报告岗")
    SUPERVISOR = procedure.Role.SUPERVISOR.value, _(procedure.ROLE_LABELS[procedure.Role.SUPERVISOR])
    SYSTEM_ADMIN = procedure.Role.SYSTEM_ADMIN.value, _(procedure.ROLE_LABELS[procedure.Role.SYSTEM_ADMIN])
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


# 三员分立: whoever keeps the system running, grants the roles, or audits both holds nothing else.
SEPARATED_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
# Who has to do with cases, and so with their clocks.
CASE_ROLES = (Role.INTAKE, Role.REVIEWER, Role.APPROVER, Role.SUPERVISOR)


class StaffRole(models.Model):
    user = models.ForeignKey(
        User, verbose_name=_("用户"), on_delete=models.CASCADE, related_name="staff_roles"
    )
    role = models.CharField(_("岗位"), max_length=20, choices=Role)

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="staff_role_once")]

    def __str__(self) -> str:
        return self.get_role_display()


class Absence(models.Model):
    """Somebody of the staff is away from the first to the last day, and a colleague of the organ has that person's work.

    The colleague acts in the own roles and is subject to all that separates hands (accounts.absences).
    """

    user = models.ForeignKey(
        User, verbose_name=_("离开的人"), on_delete=models.PROTECT, related_name="absences"
    )
    cover = models.ForeignKey(User, verbose_name=_("代办人"), on_delete=models.PROTECT, related_name="covers")
    first_on = models.DateField(_("首日"))
    last_on = models.DateField(_("末日"))
    made_by = models.ForeignKey(
        User, verbose_name=_("登记人"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    made_at = models.DateTimeField(_("登记时间"))
    # Ended before its last day, or taken back before its first.
    ended_at = models.DateTimeField(_("提前结束时间"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User,
        verbose_name=_("结束登记人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        verbose_name = _("离岗代办")
        verbose_name_plural = _("离岗代办")
        ordering = ["-first_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="absence_runs_forward",
                condition=models.Q(last_on__gte=models.F("first_on")),
                violation_error_message=_("末日不能早于首日。"),
            ),
            models.CheckConstraint(
                name="absence_covered_by_another",
                condition=~models.Q(cover=models.F("user")),
                violation_error_message=_("代办人应当是另一名人员。"),
            ),
            models.CheckConstraint(
                name="absence_ended_by_somebody",
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.first_on} – {self.last_on}"


class SavedFilter(models.Model):
    """How a person filters an officers' list, under a name of the own. Kept for that person alone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters", db_index=False)
    # The list by its model, as in the name of its page, and the parameters of its filters: never what was searched.
    page = models.CharField(max_length=80)
    name = models.CharField(_("名称"), max_length=20)
    query = models.CharField(max_length=400)

    class Meta:
        verbose_name = _("常用筛选")
        verbose_name_plural = _("常用筛选")
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_filter_once")]

    def __str__(self) -> str:
        return self.name


class Strangers(models.Model):
    """The one row that counts failed sign-ins with addresses without an account that are no event of their own."""

    failures = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.failures)


class TypedText(models.Model):
    """What its writer typed into a form that was not taken (typed.py), for that person alone and for some days."""

    writer = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # Where the form is sent to, with the query; and the pages on which it is offered again.
    action = models.CharField(max_length=500)
    pages = models.JSONField(default=list)
    # Encrypted JSON: the values by field.
    content = models.TextField()
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["writer", "action"], name="typed_text_once")]

    def __str__(self) -> str:
        return self.action


class RealNameAccount(models.Model):
    """Which account a person of a real-name provider signs in to. Of the person, the provider's key and nothing else."""

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="real_name", verbose_name=_("用户")
    )
    issuer = models.CharField(_("认证机构"), max_length=200)
    key = models.CharField(max_length=200)
    connected_at = models.DateTimeField(_("相连时间"))

    class Meta:
        verbose_name = _("实名账号")
        verbose_name_plural = _("实名账号")
        constraints = [models.UniqueConstraint(fields=["issuer", "key"], name="real_name_once")]

    def __str__(self) -> str:
        return str(self.user)


class SecondFactorReset(Proposal):
    """The second factor of an account is to be taken away, because its owner lost the device and has no recovery code left.

    A row is a proposal: whoever proposed saw the person, another one decides. ``organ`` is the owner's, of somebody without
    one that of whoever proposed.
    """

    account = models.ForeignKey(
        User, verbose_name=_("账号"), on_delete=models.PROTECT, related_name="second_factor_resets"
    )
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("办理机构"), on_delete=models.PROTECT, related_name="+"
    )
    grounds = models.CharField(_("怎样核对本人"), max_length=300)

    class Meta(Proposal.Meta):
        verbose_name = _("两步验证重置")
        verbose_name_plural = _("两步验证重置")
        constraints = [
            *Proposal.Meta.constraints,
            models.CheckConstraint(
                name="secondfactorreset_by_others",
                condition=~models.Q(proposed_by=models.F("account"))
                & (models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("account"))),
            ),
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(state="proposed"), name="secondfactorreset_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.account)
