from django.conf import settings
from django.db import models

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

    address = models.EmailField()
    on = models.DateField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "on"], name="address_reminder_once")]

    def __str__(self) -> str:
        return f"{self.on}"
