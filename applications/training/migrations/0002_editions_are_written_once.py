from django.db import migrations

from applications.database.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("training", "0001_initial")]

    operations = [AppendOnly("training_edition")]
