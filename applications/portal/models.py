from django.conf import settings
from django.db import models

from applications.at_rest.fields import DigestField, EncryptedCharField
from applications.notifications.models import address_digest
from applications.records.models import DishonestyRecord


class RecordReminder(models.Model):
    """Somebody who acts for a subject wants to hear when a record of it may be repaired. The day is not kept: record, rules
    and applications are looked at anew every morning (reminders/of_records.py)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    record = models.ForeignKey(DishonestyRecord, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    # The last day on which it was seen whether the time has come; at first the day on which it was asked for.
    looked_on = models.DateField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "record"], name="record_reminder_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.record_id}"


class AddressReminder(models.Model):
    """A confirmed e-mail address to which somebody without an account wants to be reminded; nothing else is known of
    whoever it is, and the row goes with the reminder (reminders/of_addresses.py)."""

    address = EncryptedCharField(max_length=254)
    # Null in what the version before wrote, until it is sealed.
    address_digest = DigestField(of=["address"], make=address_digest, null=True)
    on = models.DateField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address_digest", "on"], name="address_reminder_by_digest")
        ]

    def __str__(self) -> str:
        return f"{self.on}"


class PublishedMonth(models.Model):
    """A month that is over, and how the organs kept their clocks in it. Of the month that runs nothing is published: from
    one day to the next a figure would tell of one case (ADR 0051)."""

    month = models.DateField(primary_key=True)
    published_at = models.DateTimeField()
    # When the figures of all months were counted last.
    counted_at = models.DateTimeField()

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class OrganMonth(models.Model):
    """One clock of one organ in one month: in how many working days how many were met in it (``spans``), how many of those
    came after their last day, and how many whose last day was in it are not met yet. Written by performance/keeping.py alone."""

    month = models.ForeignKey(PublishedMonth, on_delete=models.CASCADE, related_name="+", db_index=False)
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", db_index=False)
    clock = models.CharField(max_length=12)
    spans = models.JSONField()
    late = models.PositiveIntegerField()
    unmet = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organ", "clock", "month"], name="organ_month_once"),
        ]
        indexes = [models.Index(fields=["clock", "month", "organ"], name="organ_month_of_clock")]

    def __str__(self) -> str:
        return f"{self.organ_id} {self.clock} {self.month_id:%Y-%m}"


class MeasuredSet(models.Model):
    """How large a set of the open data was when it was read through last (open_data/measuring.py)."""

    name = models.SlugField(primary_key=True, max_length=20)
    rows = models.PositiveIntegerField()
    csv_bytes = models.PositiveBigIntegerField()
    json_bytes = models.PositiveBigIntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
