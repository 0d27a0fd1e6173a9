"""Worker, beat and Redis are killed at random while six weeks pass: the same escalations, none missing, none twice."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as configured
from django.db import connection

from applications.deadlines import receivers
from applications.deadlines.models import Escalation, Sweep
from applications.deadlines.services import sweep_deadlines
from applications.rehearsal.checking import check
from applications.rehearsal.running import Rehearsal
from tests.sharing_sandbox.process import free_port

ROOT = Path(__file__).resolve().parents[2]
DAYS = 45
# Each is killed on three days: twice it is started again at once, once it stays dead for two more days.
PARTS = ("beat", "redis", "worker")
DAYS_DEAD = (0, 0, 2)
# Every other day waits for the worker's sweep as long as that takes: no machine is as slow as this.
SECONDS_TO_SWEEP = 120


class Machine:
    """A Redis, a worker and a beat of the test's own."""

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

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.commands[name],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def start_again(self, name: str) -> None:
        self.processes[name] = self._start(name)

    def stop(self) -> None:
        for name in self.processes:
            self.kill(name)
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
    machine: Machine
    raised_here = 0

    def draw_kills(self, lots: random.Random) -> None:
        """Which part is killed on which day, and when it is back: at most one is dead at a time."""
        deaths = [(name, dead) for name in PARTS for dead in DAYS_DEAD]
        lots.shuffle(deaths)
        days = [self.journal.first_day + timedelta(days=n) for n in range(2, DAYS - 2, 4)]
        self.kills = dict(zip(sorted(lots.sample(days, len(deaths))), deaths, strict=True))
        self.dead: tuple[str, date] | None = None

    def show(self, at: datetime) -> None:
        partial = self.clock.with_suffix(".new")
        partial.write_text(at.isoformat())
        partial.replace(self.clock)

    def sweep(self, at: datetime) -> None:
        self.show(at)
        # The first sweep of the day is the one that has something to say.
        if at.hour:
            return
        if self.dead and self.dead[1] <= at.date():
            self.machine.start_again(self.dead[0])
            self.dead = None
        if at.date() in self.kills:
            name, days_dead = self.kills[at.date()]
            if name == "worker":
                # In the middle of what it does.
                self.wait_for(lambda: Sweep.objects.filter(started_at__gte=at).exists())
            self.machine.kill(name)
            if days_dead:
                self.dead = name, at.date() + timedelta(days=days_dead)
            else:
                self.machine.start_again(name)
        if not self.dead:
            self.wait_for(lambda: self.swept(at))

    def wait_for(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS_TO_SWEEP
        while not happened():
            assert time.monotonic() < deadline, self.clock.with_name("machine.log").read_text()
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
    rehearsal = Disturbed(days=DAYS, cases=45, seed=6)
    rehearsal.draw_kills(random.Random(4))
    rehearsal.clock = tmp_path / "clock"
    monkeypatch.setattr(receivers, "sweep_deadlines", rehearsal.sweep_here)
    rehearsal.show(rehearsal.at)
    with machine(tmp_path, rehearsal.clock) as rehearsal.machine:
        journal = rehearsal.run()

    # What the last outage left is found by the next sweep, and then there is nothing more.
    rehearsal.sweep_here(at=rehearsal.at)
    assert sweep_deadlines(at=rehearsal.at).raised == 0
    report = check(journal=journal, at=rehearsal.at, sweeps_missed=True)
    assert report.differences == []
    # The worker that was killed so often has done its part all the same.
    assert Escalation.objects.count() - rehearsal.raised_here > rehearsal.raised_here
