import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables and columns of filings, empty beside what they take the place of; the next two fill them and clear up."""

    dependencies = [
        ('commitments', '0001_initial'),
        ('repairs', '0003_correction_waits_for_reason'),
        ('subjects', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Filing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('contact_name', models.CharField(blank=True, max_length=80, verbose_name='经办人姓名')),
                ('contact_phone', models.CharField(blank=True, max_length=40, verbose_name='联系电话')),
                ('training_completed_on', models.DateField(blank=True, null=True, verbose_name='培训完成日期')),
                ('training_certificate_number', models.CharField(blank=True, max_length=80, verbose_name='培训证书编号')),
                ('report_issued_on', models.DateField(blank=True, null=True, verbose_name='信用报告出具日期')),
                ('report_issuer', models.CharField(blank=True, choices=[('credit_bureau', '公共信用信息工作机构'), ('credit_service_institution', '信用服务机构')], max_length=30, verbose_name='信用报告出具方')),
                ('report_number', models.CharField(blank=True, max_length=80, verbose_name='信用报告编号')),
                ('created_at', models.DateTimeField(verbose_name='建立时间')),
                ('applicant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filings', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('commitment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='filings', to='commitments.commitment')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filings', to='subjects.subject', verbose_name='信用主体')),
            ],
            options={
                'verbose_name': '申请',
                'verbose_name_plural': '申请',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='repaircase',
            name='filing',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='repairs.filing', verbose_name='申请'),
        ),
        migrations.AddField(
            model_name='material',
            name='filing',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='materials', to='repairs.filing'),
        ),
        migrations.AlterField(
            model_name='material',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='own_materials', to='repairs.repaircase'),
        ),
    ]
