from django.db import migrations


class Migration(migrations.Migration):
    """The calendar and its changes are the calendars app's; their tables stay."""

    dependencies = [("deadlines", "0003_sweep_left_changed_days"), ("calendars", "0001_calendars")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel("Recalculation"),
                migrations.DeleteModel("CalendarNotice"),
                migrations.DeleteModel("LocalClosure"),
            ]
        )
    ]
