from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxEntry(models.Model):
    """A row that waits to be handed to somebody else, and how that stands.

    Each kind has a ``status`` in its own words. It is WAITING until the end comes, and HELD while a sender is at it
    (where pages tell the two apart, another value); after the last try, or the other's final no, it is GIVEN_UP.
    """

    WAITING: ClassVar[str] = "waiting"
    HELD: ClassVar[str] = "waiting"
    GIVEN_UP: ClassVar[str]
    MAX_ATTEMPTS: ClassVar[int]
    # Longer than a try can take, so that two senders never hand over the same row.
    LEASE: ClassVar[timedelta]

    status = models.CharField(_("状态"), max_length=10, default=WAITING)
    attempts = models.PositiveIntegerField(_("次数"), default=0)
    # None when nothing is left to try. While a sender is at it, the end of the lease: where the sender dies, the sweep
    # finds the row again then.
    next_try_at = models.DateTimeField(_("下次推送"), null=True, blank=True)
    # A sender that claimed the row holds it until then; after that another may take it.
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(_("最近错误"), max_length=500, blank=True)

    class Meta:
        abstract = True
