"""The demonstration does the main job by itself, embedded, on whatever day it is."""

import json
import subprocess
import sys

import pytest

from tests.e2e.conftest import ROOT


@pytest.mark.long
def test_it_does_the_main_job_unattended(tmp_path):
    done = subprocess.run(
        [sys.executable, "script/demo_run.py", "--once", "--keep", tmp_path],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["status"] == "granted"
    assert result["platform_received"] == 1
    assert result["destinations"] == [
        {"name": "南京市公共信用信息共享平台", "received": True, "applied": True, "gone": True}
    ]
    kept = {file.name for file in tmp_path.iterdir()}
    assert len(result["documents"]) == 4
    assert {*result["documents"], result["report"]} <= kept
