# The list of what is over is as quick as that of what is open; an index of organs alone is part of the others.

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organs", "0002_series_moved"),
        ("records", "0009_undo_a_revocation"),
        ("repairs", "0021_handler_identity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="repaircase",
            name="organ",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="repair_cases",
                to="organs.organ",
                verbose_name="办理机构",
            ),
        ),
        migrations.AddIndex(
            model_name="repaircase",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["closed", "granted", "not_accepted", "refused", "revoked", "withdrawn"]),
                    ("submitted_at__isnull", False),
                ),
                fields=["organ", "due_on", "-id"],
                name="case_over",
            ),
        ),
    ]
