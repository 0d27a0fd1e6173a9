"""A process that works all day does not look for garbage in what it has loaded."""

import os
import subprocess
import sys

import pytest

WEB = "import credit_repair.wsgi"
WORKER = "import django; django.setup(); from celery.signals import worker_process_init as w; import credit_repair; w.send(None)"


@pytest.mark.parametrize("begins", [WEB, WORKER], ids=["web", "worker"])
def test_what_is_loaded_is_spared(begins):
    said = subprocess.run(
        [sys.executable, "-c", f"{begins}; import gc; print(gc.get_freeze_count() > len(gc.get_objects()))"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert said.stdout.split() == ["True"]
