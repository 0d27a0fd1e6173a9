import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What stood in the case and stands in its filing now. The code before does not run on what is left (ADR 0023)."""

    dependencies = [('repairs', '0005_a_filing_for_each_case')]

    operations = [
        migrations.AlterField(
            model_name='repaircase',
            name='filing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='repairs.filing', verbose_name='申请'),
        ),
        migrations.AlterField(
            model_name='material',
            name='filing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='materials', to='repairs.filing'),
        ),
        *(
            migrations.RemoveField(model_name='repaircase', name=name)
            for name in (
                'applicant',
                'contact_name',
                'contact_phone',
                'training_completed_on',
                'training_certificate_number',
                'report_issued_on',
                'report_issuer',
                'report_number',
            )
        ),
        migrations.DeleteModel(name='Commitment'),
    ]
