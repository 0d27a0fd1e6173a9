"""One of several processes that try the same things at once, each with the portal's own settings.

Argument: how often. Prints how many tries the portal's limit and django-allauth's admitted.
"""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "credit_repair.settings"
django.setup()

from allauth.core import ratelimit  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from applications.accounts.limits import Limit, begin  # noqa: E402

request = RequestFactory().post("/")
limit = Limit("counting", times=100, seconds=3600)
cache.add("counter", 0, 3600)
ours = theirs = 0
for _ in range(int(sys.argv[1])):
    ours += begin(limit, "one thing").admitted
    theirs += ratelimit.consume(request, action="login_failed", key="somebody")
    cache.incr("counter")
print(ours, theirs, cache.get("counter"))
