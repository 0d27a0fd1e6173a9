from django.db import migrations, models
from django.db.models import F, OuterRef, Q, Subquery


def date_what_was_sent(apps, schema_editor):
    items, notices = (apps.get_model("repairs", name) for name in ("CorrectionItem", "CorrectionNotice"))
    sent = notices.objects.filter(pk=OuterRef("notice_id")).values("sent_at")
    items.objects.update(sent_at=Subquery(sent))


class Migration(migrations.Migration):
    dependencies = [("repairs", "0002_append_only")]

    operations = [
        migrations.AddField(
            model_name="correctionitem",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="送达时间"),
        ),
        migrations.RunPython(date_what_was_sent, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="correctionitem", name="correction_is_asked_once"),
        migrations.AddConstraint(
            model_name="correctionitem",
            constraint=models.CheckConstraint(
                name="correction_is_asked_once",
                condition=Q(sent_at__isnull=True)
                | Q(notice_round=1)
                | Q(material_round=F("notice_round"))
                | (~Q(exception_reason="") & Q(exception_by__isnull=False)),
            ),
        ),
    ]
