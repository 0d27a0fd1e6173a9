from django.db import migrations

from applications.ledger.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial")]

    operations = [AppendOnly("policies_policytext")]
