from django.db import migrations, models


class Migration(migrations.Migration):
    """The field has another name; the column and its constraint stay as they are."""

    dependencies = [("deadlines", "0005_life")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint(model_name="escalation", name="escalation_once"),
                migrations.RenameField(model_name="escalation", old_name="rung", new_name="level"),
                migrations.AlterField(
                    model_name="escalation",
                    name="level",
                    field=models.CharField(
                        choices=[
                            ("reminder", "届满前一工作日提醒"),
                            ("due", "届满日提醒"),
                            ("breach", "逾期上报"),
                            ("daily", "逾期催办"),
                        ],
                        db_column="rung",
                        max_length=10,
                        verbose_name="级别",
                    ),
                ),
                migrations.AddConstraint(
                    model_name="escalation",
                    constraint=models.UniqueConstraint(
                        fields=("deadline", "level", "on"), name="escalation_once"
                    ),
                ),
            ]
        )
    ]
