from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    cases = apps.get_model("repairs", "RepairCase").objects
    held = apps.get_model("deadlines", "Deadline").objects.filter(
        met_on__isnull=True, cancelled_on__isnull=True, officer__isnull=False
    )
    in_charge = held.filter(case_number=OuterRef("number")).values("officer")[:1]
    cases.filter(number__in=held.order_by().values("case_number")).update(officer=Subquery(in_charge))
    # Of what may still be decided, or objected to.
    reviews = apps.get_model("repairs", "Review").objects.filter(case=OuterRef("pk")).order_by("-id")
    examined = cases.filter(status__in=["accepted", "under_review", "refused", "objecting"])
    examined.update(reviewed_by=Subquery(reviews.values("reviewer")[:1]))


class Migration(migrations.Migration):
    dependencies = [("repairs", "0016_in_whose_queue"), ("deadlines", "0007_clocks_of_an_officer")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
