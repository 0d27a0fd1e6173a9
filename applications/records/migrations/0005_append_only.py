from django.db import migrations

from applications.database.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("records", "0004_life")]

    operations = [AppendOnly("records_recordchange")]
