from django.db import migrations

from applications.database.updating import update_many
from rules.sameness import plain_name


def fill(apps, schema_editor):
    change = apps.get_model("subjects", "SubjectChange")
    waiting = change.objects.filter(plain_old_name=None).order_by("pk").values_list("pk", "old_name")
    last = 0
    while batch := list(waiting.filter(pk__gt=last)[:1000]):
        update_many(change, ["plain_old_name"], [(pk, plain_name(name)[:200]) for pk, name in batch])
        last = batch[-1][0]


class Migration(migrations.Migration):
    # Each thousand by itself: no row is locked for long, and what broke off goes on where it was.
    atomic = False
    dependencies = [("subjects", "0008_plain_former_names")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
