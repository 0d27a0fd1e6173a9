import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_repair.settings")

app = Celery("credit_repair")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_the_portal_does(**_: Any) -> None:
    """Workers and beat write through the portal's handler, which cleans each line; LOG_LEVEL counts there too."""
    from django.conf import settings

    dictConfig(settings.LOGGING)
