"""script/test --on DATE: one day for every process of the run, and a sentence for what is no day."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
import redis

ROOT = Path(__file__).resolve().parents[1]
# Far less than from any day to the next, and far more than a question takes.
SECONDS_TO_ASK = 600


@pytest.fixture(autouse=True)
def _time_stands_still() -> None:
    """What is asked here is the time of the machine."""


@pytest.mark.server
def test_servers_and_programs_have_this_process_time():
    asked = {}
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM now())")
        asked["PostgreSQL"] = float(cursor.fetchone()[0])
    connection.close()
    asked["Redis"] = redis.Redis.from_url(os.environ["BROKER_URL"]).time()[0]
    program = subprocess.run(
        [sys.executable, "-c", "import time; print(time.time())"], capture_output=True, text=True, check=True
    )
    asked["a program"] = float(program.stdout)
    now = time.time()
    assert {name: told for name, told in asked.items() if abs(now - told) > SECONDS_TO_ASK} == {}


@pytest.mark.browser
def test_the_browser_has_this_process_time(page):
    assert abs(time.time() - page.evaluate("Date.now()") / 1000) < SECONDS_TO_ASK


@pytest.mark.parametrize(
    "day", ["", "tomorrow", "2027-02-29", "2027-13-01", "2027-02-20 25:00", "2027-2-3", "-k"]
)
def test_what_is_no_day_is_refused_before_anything_starts(day):
    refused = subprocess.run(["script/test", "--on", day], cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert (
        f'错误：--on 后面应当是日期，例如 2027-02-20 或者 "2026-12-31 23:50"，不是 "{day}"。'
        in refused.stderr
    )
