import os
import sys
from logging.config import dictConfig
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import heartbeat_sent, setup_logging, task_postrun, worker_process_init
from django.conf import settings

from credit_repair.garbage import spare_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_repair.settings")

app = Celery("credit_repair")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_the_portal_does(**_: Any) -> None:
    """Workers and beat write through the portal's handler, which cleans each line; LOG_LEVEL counts there too."""
    dictConfig(settings.LOGGING)


@worker_process_init.connect
def begin_to_work(**_: Any) -> None:
    task_postrun.connect(spare_what_was_loaded)


# How many modules were there when what is loaded was spared last.
_modules = 0


def spare_what_was_loaded(**_: Any) -> None:
    """Also what only some work needs, such as WeasyPrint: from the second time on."""
    global _modules
    if _modules != len(sys.modules):
        _modules = len(sys.modules)
        spare_what_is_loaded()


@heartbeat_sent.connect
def note_heartbeat(**kwargs: Any) -> None:
    """A worker that hears its broker says so every two seconds; the health check of its container looks at when."""
    if settings.HEARTBEAT_FILE:
        Path(settings.HEARTBEAT_FILE).touch()
