from django.db import migrations


class Migration(migrations.Migration):
    """The gap-free series are the numbering app's; their table stays."""

    dependencies = [("organs", "0001_initial")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Series")])]
