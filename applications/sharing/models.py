import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications import at_rest
from applications.accounts.four_eyes import Proposal, decided_or_registered
from applications.organs import regions
from applications.organs.models import Organ, validate_region
from applications.outbox.models import OutboxEntry
from applications.outbox.timing import RETRY_AFTER


class Destination(Proposal):
    """The sharing platform of one level and region: where the decisions of its organs go (Article 11).

    A row is a proposal. Approved, it takes the place of the row that was in force for the same level and region,
    which stays with its last moment. One that ``closes`` leaves the place empty, and the next level takes over.
    Without a proposer and a decider it came from the operator's settings.
    """

    name = models.CharField(_("平台名称"), max_length=100)
    level = models.CharField(_("层级"), max_length=10, choices=Organ.Level)
    region = models.CharField(_("行政区划"), max_length=6, validators=[validate_region])
    # The path of docs/api/sharing-platform.yaml is added to it. Empty where it closes.
    address = models.CharField(_("接口地址"), max_length=200, blank=True)
    # Encrypted. What is signed with it the platform takes for ours, so it is shown to nobody again. Empty in a
    # proposal: it keeps the key that is in force when it is approved.
    sealed_key = models.CharField(max_length=1000, blank=True, editable=False)
    closes = models.BooleanField(_("停用"), default=False)
    active_from = models.DateTimeField(_("生效时间"), null=True, blank=True)
    active_to = models.DateTimeField(_("失效时间"), null=True, blank=True)

    class Meta(Proposal.Meta):
        verbose_name = _("共享平台")
        verbose_name_plural = _("共享平台")
        constraints = [
            Proposal.Meta.constraints[0],
            decided_or_registered("destination_decided_by_somebody"),
            models.CheckConstraint(
                name="destination_is_somewhere",
                condition=Q(closes=True) | ~Q(address="") & (~Q(state="approved") | ~Q(sealed_key="")),
            ),
            models.CheckConstraint(
                name="destination_active_when_approved",
                condition=Q(state="approved", active_from__isnull=False)
                | Q(~Q(state="approved"), active_from__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["level", "region"],
                condition=Q(active_from__isnull=False, active_to__isnull=True),
                name="destination_in_force_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """The secret that both sides know."""
        return at_rest.decrypt(self.sealed_key.encode()).decode()

    @property
    def place(self) -> str:
        return regions.name(self.region)


class Delivery(OutboxEntry):
    """One message to a sharing platform (outbox). Written with the decision; ``id`` is the idempotency key.

    Deliveries of one ``stream`` go out in the order of ``position``: a later one waits until the earlier has its
    receipt.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("等待推送")
        SENDING = "sending", _("推送中")
        DELIVERED = "delivered", _("平台已签收")
        DEAD = "dead", _("推送失败，待人工处理")

    HELD = Status.SENDING.value
    GIVEN_UP = Status.DEAD.value
    # The tries go on for two weeks, longer than any public holiday: an outage over the Spring Festival needs nobody's
    # hand to recover. 46 of them lie inside two calendar days, the shortest that 2 working days can be.
    MAX_ATTEMPTS = len(RETRY_AFTER) + 14 * 24
    # Six times what an exchange with a platform may take (outbox.signed.EXCHANGE_SECONDS).
    LEASE = timedelta(minutes=2)

    id = models.UUIDField(_("消息标识"), primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("类型"), max_length=40)
    # The number of the case that it is about, and the organ that decided. Null and empty: written by the version
    # before; the sweep fills them in.
    about = models.CharField(_("办件或者信息编号"), max_length=64, blank=True, db_default="", db_index=True)
    organ = models.ForeignKey(
        "organs.Organ", verbose_name=_("决定单位"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    region = models.CharField(_("行政区划"), max_length=6, blank=True, db_default="")
    # Chosen when it is written. Null: there is no platform yet that could take it.
    destination = models.ForeignKey(
        Destination, verbose_name=_("共享平台"), on_delete=models.PROTECT, null=True, blank=True
    )
    stream = models.CharField(_("推送序列"), max_length=64)
    position = models.PositiveIntegerField(_("序号"))
    payload = models.JSONField(_("内容"))
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.WAITING)
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
            # The officers' list: all of them, and those of one organ.
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["organ", "-created_at", "-id"], name="delivery_of_organ"),
        ]

    def __str__(self) -> str:
        return _("%(about)s（第%(position)s条）") % {"about": self.about, "position": self.position}

    def received_at(self, *, heard_at: datetime) -> datetime:
        """When the platform received it: by its own clock, which may be wrong, so not before this was written and not
        after we heard of it."""
        # Only what was receipted is delivered.
        assert self.receipt is not None
        received_at = datetime.fromisoformat(self.receipt["received_at"])
        return max(self.created_at, min(received_at, heard_at))
