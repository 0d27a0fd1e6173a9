"""Copies of the server that script/test starts: a streaming replica, and one that goes on by itself."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.db import connection

from tests.scaling.processes import Process, database_url, wait_for
from tests.sharing_sandbox.process import free_port


class Standby:
    def __init__(self, folder: Path, programs: Path, user: str | None) -> None:
        self.port = free_port()
        self.url = database_url(f"127.0.0.1:{self.port}")
        command = [
            programs / "postgres",
            "-D",
            folder / "data",
            "-p",
            self.port,
            "-k",
            folder,
            "-c",
            "log_statement=all",
        ]
        self.server = Process(command, log=folder / "log", cwd=folder, user=user)
        wait_for(self.is_up, self.server.words)

    def is_up(self) -> bool:
        try:
            psycopg2.connect(self.url).close()
        except psycopg2.OperationalError:
            return False
        return True

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All its processes stand still: they neither answer nor hang up."""
        pids = [self.server.process.pid, *children_of(self.server.process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def run(self, statement: str) -> None:
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def times_asked(self, table: str) -> int:
        """How often a statement about a table has come here."""
        return self.server.words().count(f'FROM "{table}"')


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def copy_of_server(*options: str) -> Iterator[tuple[Path, Path, str | None]]:
    """A folder with a copy of the server's ``data``, PostgreSQL's programs, and whom they have to run as.

    Skips the test where the programs are missing.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup"))
    program = str(found[-1]) if found else shutil.which("pg_basebackup")
    if not program:
        pytest.skip("missing: pg_basebackup")
    primary = urlsplit(os.environ["DATABASE_URL"])
    # PostgreSQL refuses to run as root, and its own user must reach its directory.
    user = "postgres" if os.geteuid() == 0 else None
    with TemporaryDirectory(prefix="credit-repair-copy.", dir="/tmp") as name:
        folder = Path(name)
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        subprocess.run(
            [program, "-h", primary.hostname, "-p", str(primary.port), "-U", primary.username, "-D", folder / "data",
             "--checkpoint=fast", "--wal-method=stream", "--no-sync", *options],
            check=True, user=user, cwd=folder,
        )  # fmt: skip
        yield folder, Path(program).parent, user


@contextmanager
def asking(host: str, port: int = 5432) -> Iterator[None]:
    """The test's own questions go to another server."""
    before = {name: connection.settings_dict[name] for name in ("HOST", "PORT")}
    connection.close()
    connection.settings_dict.update(HOST=host, PORT=str(port))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


@contextmanager
def standby() -> Iterator[Standby]:
    """With a slot, so that the server keeps for it what it has not read yet, whatever else writes there."""
    slot = f"standby_{free_port()}"
    try:
        with copy_of_server("--write-recovery-conf", "--create-slot", f"--slot={slot}") as copy:
            running = Standby(*copy)
            try:
                yield running
            finally:
                running.server.end(signal.SIGQUIT)
    finally:
        wait_for(lambda: is_dropped(slot))


def is_dropped(slot: str) -> bool:
    """As soon as the server has seen that nobody reads from it any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s AND NOT active",
            [slot],
        )
        cursor.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", [slot])
        return cursor.fetchone() is None
