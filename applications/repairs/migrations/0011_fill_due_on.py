from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    running = (
        apps.get_model("deadlines", "Deadline")
        .objects.filter(met_on__isnull=True, cancelled_on__isnull=True)
        .order_by("due_on")
    )
    first = running.filter(case_number=OuterRef("number")).values("due_on")[:1]
    cases = apps.get_model("repairs", "RepairCase").objects
    cases.filter(number__in=running.order_by().values("case_number")).update(due_on=Subquery(first))


class Migration(migrations.Migration):
    dependencies = [("repairs", "0010_due_on"), ("deadlines", "0007_clocks_of_an_officer")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
