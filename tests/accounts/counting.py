"""Counts up in the embedded cache, as one of several processes: DIRECTORY TIMES; prints how many were admitted."""

import sys

import django
from django.conf import settings

directory, times = sys.argv[1], int(sys.argv[2])
settings.configure(
    CACHES={
        "default": {
            "BACKEND": "credit_repair.cache.CountingFileCache",
            "LOCATION": directory,
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    },
    ALLAUTH_TRUSTED_PROXY_COUNT=0,
    USE_TZ=True,
    SECRET_KEY="x",
)
django.setup()

from allauth.core.internal import ratelimit  # noqa: E402
from django.core.cache import cache  # noqa: E402

cache.add("counter", 0, 600)
# As django-allauth counts, under a lock that it makes of the cache.
rate = ratelimit.Rate(amount=10, duration=600, per="key")
admitted = 0
for _ in range(times):
    cache.incr("counter")
    with ratelimit.cache_lock("history") as locked:
        if locked:
            allowed, history = ratelimit.apply_rate(cache.get("history", []), 1.0, rate)
            if allowed:
                cache.set("history", history, 600)
                admitted += 1
print(admitted)
