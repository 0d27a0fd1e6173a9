from django.db import migrations, models

from applications.database.moved_models import keep_content_types


class Migration(migrations.Migration):
    """The table is that of the organs app, which began it."""

    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("organs", "0002_series_moved"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Series",
                    fields=[
                        ("key", models.CharField(max_length=120, primary_key=True, serialize=False)),
                        ("last", models.PositiveIntegerField(default=0)),
                    ],
                    options={"db_table": "organs_series"},
                )
            ]
        ),
        keep_content_types("series", old="organs", new="numbering"),
    ]
