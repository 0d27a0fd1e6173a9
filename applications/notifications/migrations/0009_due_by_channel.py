from django.db import migrations, models

from applications.database.indexes import AddIndexBesideWriters, RemoveIndexBesideWriters


class Migration(migrations.Migration):
    """Each sender reads what waits for its own channel, past none of another's. The old index goes when the new one is there."""

    atomic = False

    dependencies = [("notifications", "0008_texts")]

    operations = [
        AddIndexBesideWriters(
            model_name="message",
            index=models.Index(
                fields=["channel", "next_try_at"], condition=models.Q(status="waiting"), name="message_due"
            ),
        ),
        RemoveIndexBesideWriters(model_name="message", name="message_waiting"),
    ]
