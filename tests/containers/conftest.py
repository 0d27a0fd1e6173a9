"""One installation for all tests here, built and started once. The figures that it measures are printed at the end."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.installation import Installation

FIGURES: list[tuple[str, str]] = []


@pytest.fixture(scope="session")
def figures() -> list[tuple[str, str]]:
    return FIGURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, value in FIGURES:
        terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session")
def site(figures) -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="credit-repair-site."))
    installation = Installation(folder)
    try:
        # As docs/operations.md, "First start": the image, the secrets that .env lacks, and up.
        installation.run("docker", "build", "--network", "host", "--tag", "credit-repair-portal:latest", ".")
        installation.run(
            *("docker", "run", "--rm", "--user", "0:0", "--env", "DATA_DIR=/tmp/keys"),
            *("--volume", f"{folder}:/installation", "credit-repair-portal:latest"),
            *("python", "manage.py", "create_installation", "--keys", "/installation/.env"),
        )
        started = time.monotonic()
        installation.compose("up", "--detach", "--no-build")
        installation.wait_until_healthy()
        figures.append(("seconds from “up -d” to all healthy", f"{time.monotonic() - started:.0f}"))
        yield installation
    finally:
        installation.compose("down", "--volumes", "--timeout", "5", check=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _private_files() -> None:
    """These tests look at the portal from outside: they have no database and no files of their own."""
