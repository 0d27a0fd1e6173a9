from django.db import migrations

from rules.sameness import plain_name


def fill(apps, schema_editor):
    subjects = apps.get_model("subjects", "Subject").objects
    waiting = subjects.filter(plain_name=None).order_by("pk").only("name")
    while batch := list(waiting[:1000]):
        for subject in batch:
            subject.plain_name = plain_name(subject.name)[:200]
        subjects.bulk_update(batch, ["plain_name"])


class Migration(migrations.Migration):
    dependencies = [("subjects", "0002_plain_forms")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
