from django.db import migrations

from applications.database.parts import index_parts


class Migration(migrations.Migration):
    dependencies = [("subjects", "0004_life")]

    operations = [index_parts("subjects", "Subject", "plain_name", "subject_name_parts")]
