from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0002_named_days")]

    operations = [
        migrations.AddField("sweep", "left", models.PositiveIntegerField("留待下次", default=0)),
        migrations.AddField("calendarnotice", "changed_days", models.JSONField(editable=False, null=True)),
        migrations.AddField("localclosure", "changed_days", models.JSONField(editable=False, null=True)),
    ]
