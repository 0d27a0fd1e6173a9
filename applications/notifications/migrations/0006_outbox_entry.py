from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_alter_fault_work")]

    operations = [
        # The column keeps its name, which the version before goes on using while an upgrade runs.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="message",
                    name="error",
                    field=models.CharField(blank=True, db_column="error", max_length=500),
                ),
                migrations.RenameField(model_name="message", old_name="error", new_name="last_error"),
            ]
        ),
        migrations.AddField(
            model_name="message",
            name="leased_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="message",
            name="next_try_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="下次推送"),
        ),
    ]
