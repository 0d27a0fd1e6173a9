from django.db import migrations

from applications.database.append_only import AppendOnly


class Migration(migrations.Migration):

    dependencies = [("ledger", "0001_initial")]

    operations = [AppendOnly("ledger_event"), AppendOnly("ledger_head")]
