"""The portal's own settings, with what makes tests quick and keeps them inside themselves."""

import os

from credit_repair.settings import *  # noqa: F403
from credit_repair.settings import DATABASES, STORAGES

# A database that script/test has migrated once: each worker's own is a copy of it.
if migrated := os.environ.get("TEST_DATABASE_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": migrated}

# Static files come straight from their folders: nothing has to be collected before a test.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
# Looked for when one is asked for: each test has a client of its own, which would read all their names first.
WHITENOISE_AUTOREFRESH = True
# The real hasher is slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Nothing waits at this broker for a worker: a nudge that is lost is made good by the sweep.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
