"""A process that works all day does not look for garbage in what it has loaded."""

import os
import subprocess
import sys

import pytest

WEB = "import credit_repair.wsgi"
WORKER = """
import django
django.setup()
from celery.signals import task_postrun, worker_process_init
import credit_repair.celery
task_postrun.send(None)
assert gc.get_freeze_count() == 0, "only in a worker"
worker_process_init.send(None)
task_postrun.send(None)
import weasyprint
task_postrun.send(None)
"""


@pytest.mark.parametrize("begins", [WEB, WORKER], ids=["web", "worker"])
def test_what_is_loaded_is_spared(begins):
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import gc\n{begins}\nprint(gc.get_freeze_count() > 100 * len(gc.get_objects()))",
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert said.stdout.split() == ["True"]
