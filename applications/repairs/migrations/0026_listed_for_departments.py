from django.db import migrations, models

from applications.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    # The index is made beside whoever writes.
    atomic = False

    dependencies = [
        ('repairs', '0025_encrypted_contacts'),
    ]

    operations = [
        AddIndexBesideWriters(
            model_name='repaircase',
            index=models.Index(condition=models.Q(('submitted_at__isnull', False)), fields=['due_on', '-id'], name='case_listed'),
        ),
    ]
