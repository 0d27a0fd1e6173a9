from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications import at_rest
from applications.at_rest.fields import DigestField, EncryptedCharField
from applications.outbox.models import OutboxEntry


def address_digest(address: str) -> at_rest.Digest | None:
    """Of an e-mail address; None without one."""
    return at_rest.digest("e-mail address", address.lower()) if address else None


class Message(OutboxEntry):
    """One message to one person over one channel, with the truth about its delivery.

    ``key`` makes it exactly one: a second message with the same key is not written.
    """

    class Channel(models.TextChoices):
        INBOX = "inbox", _("站内消息")
        EMAIL = "email", _("电子邮件")
        SMS = "sms", _("短信")

    class Status(models.TextChoices):
        WAITING = "waiting", _("等待发送")
        HANDED_OVER = "handed_over", _("已交付邮件服务器")
        DELIVERED = "delivered", _("已送达")
        FAILED = "failed", _("发送失败")

    # What the same states are called where a gateway has the last word (sms.py).
    SMS_STATES: ClassVar = {
        Status.WAITING: _("待发"),
        Status.HANDED_OVER: _("已交短信网关"),
        Status.DELIVERED: _("已送达"),
        Status.FAILED: _("未送达"),
    }

    GIVEN_UP = Status.FAILED.value
    # Within about 22 hours. After the last try nobody would look for the mail any more: people must step in.
    MAX_ATTEMPTS = 24
    # Longer than a task may take, so that two never hand over the same mail.
    LEASE = timedelta(minutes=5)

    key = models.CharField(max_length=200)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("收件人"),
        on_delete=models.PROTECT,
        related_name="messages_received",
        null=True,
    )
    # Account mail (verification, password) goes to the address it is about, which may have no account.
    address = EncryptedCharField(blank=True, db_default="", max_length=254)
    address_digest = DigestField(of=["address"], make=address_digest, null=True)
    channel = models.CharField(_("渠道"), max_length=10, choices=Channel)
    subject = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("正文"))
    link = models.CharField(max_length=300, blank=True)
    # What it is about: a case number, so that a case page can show its messages.
    about = models.CharField(max_length=64, blank=True)
    status = models.CharField(_("状态"), max_length=12, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, db_column="error")
    written_at = models.DateTimeField(_("写入时间"))
    sent_at = models.DateTimeField(_("发送时间"), null=True, blank=True)
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="message_once"),
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False, address="")
                | (models.Q(recipient__isnull=True, channel="email") & ~models.Q(address="")),
                name="message_to_a_person_or_an_address",
            ),
        ]
        indexes = [
            models.Index(fields=["about"], name="message_about"),
            # Copies that still have their text: those of the last months, however long the table grows (held.py).
            models.Index(
                fields=["written_at"],
                condition=~models.Q(channel="inbox") & ~models.Q(body=""),
                name="message_copy_with_text",
            ),
            models.Index(
                fields=["channel", "next_try_at"], condition=models.Q(status="waiting"), name="message_due"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def state(self) -> str:
        """How it stands with it, in the words of its channel."""
        status = self.Status(self.status)
        return str(self.SMS_STATES[status] if self.channel == self.Channel.SMS else status.label)


# What everybody gets of each message, unless he chose otherwise where one can (preferences.py).
ALWAYS = (Message.Channel.INBOX, Message.Channel.EMAIL)


class Group(models.TextChoices):
    """What messages are about, as far as one can choose how to get them. All are in the inbox."""

    # A correction notice, a decision, a claim, the account: what has legal effect, or what one must know to be safe.
    NOTICE = "notice", _("通知和决定")
    PROGRESS = "progress", _("办理进展")
    REMINDER = "reminder", _("提醒")


class Preference(models.Model):
    """A choice that differs from what everybody gets: a group of messages by a channel or not."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    group = models.CharField(max_length=10, choices=Group)
    channel = models.CharField(max_length=10, choices=Message.Channel)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "group", "channel"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.group} {self.channel}: {self.wanted}"


class Phone(models.Model):
    """The telephone to which a person wants text messages; nothing but a code is sent to it before it is confirmed."""

    CODE_FOR: ClassVar = timedelta(minutes=10)
    TRIES: ClassVar = 5

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="phone_for_texts"
    )
    # Encrypted (applications/at_rest.py).
    sealed_number = models.BinaryField()
    # The code follows from number and moment (phones.py), so that it stands nowhere.
    code_made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Fault(models.Model):
    """A row of some work that failed and could not say so itself (see faults.py); plain facts, no foreign words."""

    class Work(models.TextChoices):
        DELIVERY = "delivery", _("共享推送")
        DELIVERY_ALARM = "delivery_alarm", _("共享推送告警")
        EMAIL = "email", _("电子邮件")
        SMS = "sms", _("短信")
        DOCUMENT = "document", _("文书生成")
        PUBLICITY = "publicity", _("公示期满下架")
        DEEMED_ACCEPTANCE = "deemed_acceptance", _("逾期视为受理")
        REPLAY = "replay", _("政策重评")
        SEALING = "sealing", _("台账签名")
        IMPORT = "import", _("信息导入")

    work = models.CharField(max_length=20, choices=Work)
    row = models.CharField(max_length=100)
    failures = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["work", "row"], name="fault_once")]

    def __str__(self) -> str:
        return f"{self.work} {self.row}"
