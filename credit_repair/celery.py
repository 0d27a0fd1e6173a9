import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_repair.settings")

app = Celery("credit_repair")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
