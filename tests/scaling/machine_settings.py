"""The settings of the tests, for processes on several machines: broker and cache are the real ones again."""

from credit_repair import settings as portal
from tests.settings import *  # noqa: F403

CELERY_BROKER_URL = portal.CELERY_BROKER_URL
CELERY_BROKER_TRANSPORT_OPTIONS = portal.CELERY_BROKER_TRANSPORT_OPTIONS
CACHES = portal.CACHES
# What a worker that died leaves behind is found by the next sweep: here nobody waits a minute for it.
CELERY_BEAT_SCHEDULE = {
    name: entry | {"schedule": 5} if entry["schedule"] == 60 else entry for name, entry in portal.BEAT.items()
}
