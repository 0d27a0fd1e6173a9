import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Delivery(models.Model):
    """One message to the sharing platform (outbox). Written with the decision; ``id`` is the idempotency key.

    Deliveries of one ``stream`` (a case number) go out in the order of ``position``: a later one waits until
    the earlier has its receipt.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("等待推送")
        SENDING = "sending", _("推送中")
        DELIVERED = "delivered", _("平台已签收")
        DEAD = "dead", _("推送失败，待人工处理")

    id = models.UUIDField(_("消息标识"), primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("类型"), max_length=40)
    stream = models.CharField(_("办件编号"), max_length=64)
    position = models.PositiveIntegerField(_("序号"))
    payload = models.JSONField(_("内容"))
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveIntegerField(_("次数"), default=0)
    next_try_at = models.DateTimeField(_("下次推送"), null=True)
    # A sender that claimed the row holds it until then; after that another may take it.
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=500, blank=True)
    receipt = models.JSONField(_("回执"), null=True, blank=True)
    created_at = models.DateTimeField(_("写入时间"))
    delivered_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    # When people were told that half of the legal time is used up.
    alarmed_at = models.DateTimeField(_("告警时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("共享推送")
        verbose_name_plural = _("共享推送")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "position"], name="delivery_position_in_stream"),
            models.CheckConstraint(
                name="delivery_receipt_when_delivered",
                condition=Q(status="delivered", delivered_at__isnull=False, receipt__isnull=False)
                | (~Q(status="delivered") & Q(delivered_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(status__in=["waiting", "sending"]), name="delivery_due"
            ),
            # What people count and the nightly check reads: that is little, whatever has been delivered.
            models.Index(
                fields=["status"],
                condition=Q(status__in=["waiting", "sending", "dead"]),
                name="delivery_left",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream}（第{self.position}条）"
