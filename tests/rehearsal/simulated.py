"""The portal's own worker and beat, by a clock that a file shows: ``celery -A tests.rehearsal.simulated worker``.

Only what time it is differs, and how often beat lets the sweep run: days pass in parts of a second here.
"""

import os
from datetime import datetime
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "credit_repair.settings"

from django.utils import timezone

from credit_repair.celery import app

CLOCK = Path(os.environ["SIMULATED_CLOCK"])

timezone.now = lambda: datetime.fromisoformat(CLOCK.read_text())

app.conf.beat_schedule = {
    "sweep-deadlines": {"task": "applications.deadlines.tasks.sweep_deadlines", "schedule": 0.3}
}
app.conf.beat_max_loop_interval = 0.3
