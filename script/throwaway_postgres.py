"""A migrated PostgreSQL database for one benchmark, gone when it ends.

On the server that DATABASE_URL names; without it, on a server of its own, started on a free port.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
# As docker-compose.yml gives them to the server.
SETTINGS = ROOT / "deploy/postgres/portal.conf"


@contextmanager
def scratch_database() -> Iterator[None]:
    """Django, set up and migrated on an empty database of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="credit-repair-bench.") as folder,
        _server(Path(folder)) as url,
    ):
        name = f"bench_{os.getpid()}"
        _sql(url, f'CREATE DATABASE "{name}"')
        try:
            _set_up(urlunsplit(urlsplit(url)._replace(path=f"/{name}")), folder)
            yield
            from django.db import connection

            connection.close()
        finally:
            _sql(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _set_up(url: str, folder: str) -> None:
    os.environ["DATABASE_URL"] = url
    os.environ["DATA_DIR"] = folder
    os.environ["LOG_LEVEL"] = "ERROR"
    os.environ["DJANGO_SETTINGS_MODULE"] = "credit_repair.settings"
    for key in ("SECRET_KEY", "FIELD_KEY", "LEDGER_KEY", "PLATFORM_KEY"):
        os.environ.setdefault(key, secrets.token_urlsafe(48))
    # The broker over files: a nudge costs what it costs without a server.
    os.environ.pop("BROKER_URL", None)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _sql(url: str, statement: str) -> None:
    import psycopg2  # type: ignore[import-untyped]

    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    if os.environ.get("DATABASE_URL"):
        yield os.environ["DATABASE_URL"]
        return
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(installed[-1]) if installed else shutil.which("initdb")
    if not found:
        sys.exit("缺少 PostgreSQL：请先运行 script/setup --servers，或设置 DATABASE_URL。")
    programs = Path(found).parent
    # PostgreSQL refuses to run as root, and its own user must reach its directory.
    user = "postgres" if os.geteuid() == 0 else None
    folder.chmod(0o711)
    data = folder / "postgres"
    data.mkdir(mode=0o700)
    if user:
        entry = pwd.getpwnam(user)
        os.chown(data, entry.pw_uid, entry.pw_gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "postgres.log").open("wb") as log:
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "portal",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            check=True,
            user=user,
            cwd=data,
            stdout=log,
            stderr=log,
        )
        server = subprocess.Popen(
            [
                programs / "postgres",
                "-D",
                data,
                "-p",
                str(port),
                "-k",
                data,
                "-c",
                f"config_file={SETTINGS}",
                "-c",
                "listen_addresses=127.0.0.1",
            ],
            user=user,
            cwd=data,
            stdout=log,
            stderr=log,
        )
        try:
            url = f"postgres://portal@127.0.0.1:{port}/postgres"
            for _ in range(100):
                ready = subprocess.run(
                    [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
                )
                if ready.returncode == 0:
                    break
                time.sleep(0.1)
            yield url
        finally:
            server.terminate()
            server.wait()
