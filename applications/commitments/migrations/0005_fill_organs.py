from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    commitments = apps.get_model("commitments", "Commitment").objects.using(schema_editor.connection.alias)
    documents = apps.get_model("documents", "Document").objects.filter(pk=OuterRef("document"))
    commitments.filter(organ=None).update(organ=Subquery(documents.values("organ")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0004_public_list"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
