"""The platform of the settings becomes the first destination; earlier deliveries get their columns."""

from django.conf import settings
from django.db import migrations
from django.utils import timezone

from applications import at_rest
from applications.sharing.columns import fill_in


def fill(apps, schema_editor):
    Organ = apps.get_model("organs", "Organ")
    Delivery = apps.get_model("sharing", "Delivery")
    Destination = apps.get_model("sharing", "Destination")
    # An installation that does not run yet gets its first destination from create_installation.
    if not Organ.objects.exists():
        return
    first = Destination.objects.order_by("pk").first()
    if first is None and settings.PLATFORM_URL:
        now = timezone.now()
        first = Destination.objects.create(
            name="江苏省公共信用信息共享平台",
            level="province",
            region="320000",
            # The interface's path, which begins with a stroke, is added to it.
            address=settings.PLATFORM_URL.rstrip("/"),
            sealed_key=at_rest.encrypt(settings.PLATFORM_KEY.encode()).decode(),
            state="approved",
            proposed_at=now,
            active_from=now,
        )
    fill_in(Delivery.objects, Organ.objects, destination_id=first.pk if first else None)


class Migration(migrations.Migration):
    # Each batch of rows by itself: the version before goes on delivering meanwhile.
    atomic = False

    dependencies = [("sharing", "0002_destinations")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
