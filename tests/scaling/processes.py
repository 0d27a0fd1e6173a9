"""Processes beside the test: started, waited for, ended, whatever becomes of the test."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
# No machine is as slow as this.
SECONDS = 120


def wait_for(
    happened: Callable[[], object], why: Callable[[], str] = lambda: "", seconds: float = SECONDS
) -> None:
    """Until something has happened; AssertionError with ``why()`` after ``seconds``."""
    ends = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < ends, f"it did not happen within {seconds} s: {why()}"
        time.sleep(0.05)


def database_url(host: str = "") -> str:
    """Of the test's own database; of the same one on another ``host:port`` if that is given."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return urlunsplit(url._replace(netloc=f"{url.username}@{host}") if host else url)


class Process:
    """A process with all its children, which goes on until ``end``."""

    def __init__(
        self, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, **how
    ) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                **({"cwd": ROOT} | how),
            )

    def end(self, how: int = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait(SECONDS)

    def words(self) -> str:
        return self.log.read_text(errors="replace")


def answered(host: str, path: str, *, method: str = "GET", headers: Mapping[str, str] = {}, body: str = ""):
    """Status and text of the answer of ``host:port``; OSError or HTTPException where there is none."""
    asked = http.client.HTTPConnection(host, timeout=SECONDS)
    try:
        asked.request(method, path, body or None, dict(headers))
        response = asked.getresponse()
        return response.status, response.read().decode()
    finally:
        asked.close()


def listens(host: str) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return answered(host, "/livez/")[0] == 204
    return False


@contextmanager
def portal(port: int, folder: Path, *, code: Path = ROOT, **environment: str) -> Iterator[Process]:
    """A web process on the test's database, at 127.0.0.1:port, with the code of a folder."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "DATA_DIR": str(folder / "data"),
        # Each request may come from an address of its own, so that no limit is met.
        "BEHIND_PROXY": "1",
        **environment,
    }
    command = [sys.executable, "-m", "gunicorn", "credit_repair.wsgi", "--bind", f"127.0.0.1:{port}"]
    options = "--threads", "4", "--no-control-socket"
    running = Process([*command, *options], log=folder / "web.log", env=env, cwd=code)
    try:
        wait_for(lambda: running.process.poll() is not None or listens(f"127.0.0.1:{port}"), running.words)
        assert running.process.poll() is None, running.words()
        yield running
    finally:
        running.end()
