import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('documents', '0001_initial'),
        ('records', '0001_initial'),
        ('subjects', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.JSONField(verbose_name='承诺内容')),
                ('text_sha256', models.CharField(max_length=64)),
                ('signatory', models.CharField(max_length=80, verbose_name='签署人')),
                ('signed_at', models.DateTimeField(verbose_name='签署时间')),
                ('publication_consent', models.BooleanField(verbose_name='同意向社会公开')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='公示时间')),
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.document')),
                ('records', models.ManyToManyField(related_name='commitments', to='records.dishonestyrecord')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='subjects.subject')),
            ],
            options={
                'verbose_name': '信用修复承诺书',
                'verbose_name_plural': '信用修复承诺书',
                'ordering': ['-signed_at'],
            },
        ),
    ]
