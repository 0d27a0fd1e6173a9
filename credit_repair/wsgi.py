"""What a web process runs."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_repair.settings")
application = get_wsgi_application()
# All pages' code now and not with the first request: then the workers that gunicorn --preload forks share it.
import_module(settings.ROOT_URLCONF)
# What is loaded lives as long as the process. Looking through it for garbage took a tenth of an officer's page, and an
# eighth of a second when all of it was looked through at once.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
