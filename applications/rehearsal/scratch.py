"""A database for one rehearsal, empty at its start and gone at its end: never the portal's own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection


@contextmanager
def scratch_environment() -> Iterator[dict[str, str]]:
    """The environment of a process that works in a database, and below a data directory, of its own.

    Where the portal runs on PostgreSQL, the database is a new one on the same server (the role must be allowed to
    create databases); otherwise it is a file. What would send something out of the process is left out.
    """
    with tempfile.TemporaryDirectory(prefix="rehearsal.") as folder:
        kept = {name: value for name, value in os.environ.items() if name not in _OUTWARD}
        environment = kept | {"DATA_DIR": folder, "LOG_LEVEL": "CRITICAL"}
        if not settings.DATABASE_URL:
            yield environment
            return
        name = f"rehearsal_{token_hex(6)}"
        _run(f'CREATE DATABASE "{name}"')
        try:
            server = urlsplit(settings.DATABASE_URL)
            yield environment | {"DATABASE_URL": urlunsplit(server._replace(path=f"/{name}"))}
        finally:
            _run(f'DROP DATABASE "{name}" WITH (FORCE)')


_OUTWARD = frozenset(
    {"REPLICA_URL", "BROKER_URL", "CACHE_URL", "MEDIA_ROOT", "FILES_S3_BUCKET", "EMAIL_HOST", "DEBUG"}
)


def start(environment: dict[str, str], arguments: Sequence[str]) -> "subprocess.Popen[str]":
    """Start manage.py in such an environment; its standard output is a pipe."""
    return subprocess.Popen(
        [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments],
        env=environment,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )


def _run(statement: str) -> None:
    # Databases are not created inside a transaction.
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(statement)
