from datetime import date

from django.db import migrations, models

from rules.workdays import NamedDay, ordinary_day


def keep_named_days(apps, schema_editor):
    """Of every day of a clock, keep those that are not what their weekday says."""
    clocks = apps.get_model("deadlines", "Deadline").objects
    for clock in clocks.only("explanation").iterator(chunk_size=1_000):
        clock.named_days = {
            day["date"]: [day["working"], day["reason"]]
            for day in clock.explanation
            if NamedDay(day["working"], day["reason"]) != ordinary_day(date.fromisoformat(day["date"]))
        }
        clock.save(update_fields=["named_days"])


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0001_initial")]

    operations = [
        migrations.AddField(
            "deadline", "named_days", models.JSONField("节假日、调休", default=dict), preserve_default=True
        ),
        migrations.RunPython(keep_named_days),
        migrations.RemoveField("deadline", "explanation"),
        migrations.AddIndex(
            "deadline",
            models.Index(
                condition=models.Q(met_on__isnull=False),
                fields=["met_on", "kind", "organ", "started_on", "days_late"],
                name="deadline_met",
            ),
        ),
    ]
