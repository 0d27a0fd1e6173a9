from django.db import migrations

from applications.records.doubles import give_plain_numbers
from applications.masking import mask_identity
from rules.personal_numbers import is_personal_code
from rules.sameness import plain_code


def fill(apps, schema_editor):
    give_plain_numbers(apps.get_model("records", "DishonestyRecord").objects)


def mask_codes(apps, schema_editor):
    """Of a person's number that stands where a code belongs only the ends stay; the unit has it in its own file."""
    records = apps.get_model("records", "DishonestyRecord").objects
    with_codes = records.exclude(other_columns={}).order_by("pk").only("other_columns")
    for record in with_codes.iterator(chunk_size=1000):
        masked = {
            key: mask_identity(plain_code(code)) if is_personal_code(code) else code
            for key, code in record.other_columns.items()
        }
        if masked != record.other_columns:
            records.filter(pk=record.pk).update(other_columns=masked)


class Migration(migrations.Migration):
    dependencies = [("records", "0002_plain_forms")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(mask_codes, migrations.RunPython.noop),
    ]
