from django.db import migrations

from applications.ledger.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("repairs", "0001_initial")]

    operations = [AppendOnly("repairs_storedassessment")]
