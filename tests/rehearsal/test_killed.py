"""Worker, beat and Redis are killed at random while six weeks pass: the same escalations, none missing, none twice."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as configured
from django.db import connection

from applications.deadlines.models import Escalation, Sweep
from applications.deadlines.services import calendar_changes, sweep_deadlines
from applications.oversight.rehearsal.checking import check
from applications.oversight.rehearsal.running import Rehearsal

ROOT = Path(__file__).resolve().parents[2]
# A day passes when a worker has swept it, or after this many seconds without one.
PATIENCE = 0.5
SECONDS_BETWEEN_KILLS = (1.2, 2.4)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Machine:
    """A Redis, a worker and a beat of the test's own, each started anew as soon as it is killed."""

    def __init__(self, folder: Path, clock: Path) -> None:
        port = free_port()
        database = urlsplit(configured.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}")
        self.environment = os.environ | {
            "DATABASE_URL": urlunsplit(database),
            "BROKER_URL": f"redis://127.0.0.1:{port}/0",
            "DATA_DIR": str(folder),
            "SIMULATED_CLOCK": str(clock),
            "LOG_LEVEL": "WARNING",
        }
        celery = [sys.executable, "-m", "celery", "-A", "tests.rehearsal.simulated"]
        self.commands = {
            "redis": ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)],
            "worker": [*celery, "worker", "--pool", "solo", "-Q", "deadlines", "--without-gossip", "--without-mingle"],
            "beat": [*celery, "beat", "-s", str(folder / "beat")],
        }  # fmt: skip
        self.log = (folder / "machine.log").open("ab")
        self.processes = {name: self._start(name) for name in self.commands}
        self.kills: Counter[str] = Counter()
        self._stopping = threading.Event()
        self._killer = threading.Thread(target=self._kill_at_random)

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.commands[name],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def start_killing(self) -> None:
        self._killer.start()

    def _kill_at_random(self) -> None:
        lots = random.Random(4)
        while not self._stopping.wait(lots.uniform(*SECONDS_BETWEEN_KILLS)):
            name = lots.choice(sorted(self.commands))
            self.processes[name].send_signal(signal.SIGKILL)
            self.processes[name].wait()
            self.kills[name] += 1
            self.processes[name] = self._start(name)

    def stop(self) -> None:
        self._stopping.set()
        if self._killer.is_alive():
            self._killer.join()
        for process in self.processes.values():
            process.kill()
            process.wait()
        self.log.close()


@contextmanager
def machine(folder: Path, clock: Path) -> Iterator[Machine]:
    running = Machine(folder, clock)
    try:
        yield running
    finally:
        running.stop()


class Disturbed(Rehearsal):
    """People and platform act here; the sweeps are left to the worker and the beat that are being killed."""

    clock: Path
    raised_here = 0

    def show(self, at: datetime) -> None:
        partial = self.clock.with_suffix(".new")
        partial.write_text(at.isoformat())
        partial.replace(self.clock)

    def sweep(self, at: datetime) -> None:
        self.show(at)
        first_of_the_day = at.hour == 0
        waited = time.monotonic() + (PATIENCE if first_of_the_day else 0)
        while time.monotonic() < waited and not self.swept(at):
            time.sleep(0.02)

    def swept(self, at: datetime) -> bool:
        return Sweep.objects.filter(started_at__gte=at, finished_at__isnull=False).exists()

    def sweep_here(self, **arguments) -> Sweep:
        """A sweep of the test's own process: the command's, and that which comes before a new calendar."""
        sweep = sweep_deadlines(**arguments)
        self.raised_here += sweep.raised
        return sweep


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_killing_worker_beat_and_redis_changes_nothing(tmp_path, settings, monkeypatch):
    if not shutil.which("redis-server"):
        pytest.skip("missing: redis-server")
    settings.DATA_DIR = tmp_path
    rehearsal = Disturbed(days=45, cases=45, seed=6)
    rehearsal.clock = tmp_path / "clock"
    monkeypatch.setattr(calendar_changes, "sweep_deadlines", rehearsal.sweep_here)
    rehearsal.show(rehearsal.at)
    with machine(tmp_path, rehearsal.clock) as running:
        deadline = time.monotonic() + 60
        while not rehearsal.swept(rehearsal.at):
            assert time.monotonic() < deadline, (tmp_path / "machine.log").read_text()
            time.sleep(0.1)
        running.start_killing()
        diary = rehearsal.run()
        running.stop()

    # What the last outage left is found by the next sweep, and then there is nothing more.
    rehearsal.sweep_here(at=rehearsal.at)
    assert sweep_deadlines(at=rehearsal.at).raised == 0
    report = check(diary=diary, at=rehearsal.at, sweeps_missed=True)
    assert report.differences == []
    assert set(running.kills) == {"worker", "beat", "redis"} and running.kills.total() >= 6, running.kills
    # The worker that was killed so often has done its part all the same.
    assert Escalation.objects.count() - rehearsal.raised_here >= 10
