import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_the_case(apps, schema_editor):
    evidence, objections = (apps.get_model("objections", name) for name in ("Evidence", "Objection"))
    case = objections.objects.filter(pk=OuterRef("objection_id")).values("case_id")
    evidence.objects.update(case_id=Subquery(case))


def case_field(**options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="objection_evidence",
        to="repairs.repaircase",
        **options,
    )


class Migration(migrations.Migration):
    # One after the other: PostgreSQL alters no table to which the same transaction has just written.
    atomic = False

    dependencies = [
        ("objections", "0001_initial"),
        ("repairs", "0003_correction_waits_for_reason"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="evidence",
            options={"ordering": ["id"], "verbose_name": "异议证据", "verbose_name_plural": "异议证据"},
        ),
        migrations.AddField(model_name="evidence", name="case", field=case_field(null=True)),
        migrations.RunPython(name_the_case, migrations.RunPython.noop),
        migrations.AlterField(model_name="evidence", name="case", field=case_field()),
        migrations.AlterField(
            model_name="evidence",
            name="objection",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="evidence",
                to="objections.objection",
            ),
        ),
    ]
