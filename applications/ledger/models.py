from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# What the chains of readings begin with: each reader has one.
READINGS = "reading-"


class Event(models.Model):
    """One line of the archive (台账): what happened, to what, by whom, when. Written once, never changed.

    Events of one ``chain`` (a case number, a record, a report …) are linked: each holds the hash of the one
    before. The database refuses update and delete of rows (see database/append_only.py).
    """

    chain = models.CharField(_("卷宗"), max_length=64)
    position = models.PositiveIntegerField(_("序号"))
    verb = models.CharField(_("事件"), max_length=64)
    # Empty: the system itself.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("人员"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    role = models.CharField(_("身份"), max_length=30)
    organ = models.ForeignKey(
        "organs.Organ",
        verbose_name=_("机构"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("时间"), db_index=True)
    payload = models.JSONField(_("内容"), default=dict)
    previous_hash = models.CharField(_("前一摘要"), max_length=64)
    hash = models.CharField(_("摘要"), max_length=64)

    class Meta:
        verbose_name = _("事件")
        verbose_name_plural = _("台账")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["chain", "position"], name="event_position_in_chain")]
        indexes = [
            models.Index(fields=["verb", "at"], name="event_verb"),
            # Who read about something stands in the readers' chains (selectors.readings_about).
            models.Index(
                models.F("payload__about"), condition=models.Q(chain__startswith=READINGS), name="event_about"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain}#{self.position} {self.verb}"


class Head(models.Model):
    """A signed statement of all events up to ``last_event``: a later change or loss of any of them shows.

    Each head states what the one before it was, so the newest signature vouches for all of them. The statements are
    also files outside the database (see sealing.py), so losing the newest rows together with the newest head shows too.
    """

    number = models.PositiveIntegerField(_("序号"), unique=True)
    last_event = models.BigIntegerField(_("最后事件"))
    event_count = models.BigIntegerField(_("事件数"))
    root = models.CharField(_("根摘要"), max_length=64)
    # None: the first head, and those that were signed before heads were linked.
    previous = models.CharField(_("前一链头摘要"), max_length=64, null=True, blank=True)
    signature = models.CharField(_("签名"), max_length=128)
    signed_at = models.DateTimeField(_("签名时间"))

    class Meta:
        verbose_name = _("链头")
        verbose_name_plural = _("链头")
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.number} {self.root[:12]}"


class HeadExport(models.Model):
    """The one row that says which head was the newest to get its file: none up to it is written a second time."""

    written = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.written)
