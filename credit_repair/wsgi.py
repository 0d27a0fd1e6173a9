"""What a web process runs."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from credit_repair.garbage import spare_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_repair.settings")
application = get_wsgi_application()
# All pages' code now and not with the first request: then the workers that gunicorn --preload forks share it.
import_module(settings.ROOT_URLCONF)
spare_what_is_loaded()
gc.set_threshold(10_000, 20, 20)
