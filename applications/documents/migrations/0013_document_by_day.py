from django.db import migrations, models

from applications.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    # The index is made beside whoever writes.
    atomic = False

    dependencies = [
        ('documents', '0012_signing_module'),
    ]

    operations = [
        AddIndexBesideWriters(
            model_name='document',
            index=models.Index(fields=['issued_at', 'id'], name='document_by_day'),
        ),
    ]
