from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sharing_sandbox.process import SandboxProcess


@pytest.fixture(autouse=True)
def _time_stands_still() -> None:
    """The sandbox is another process: it refuses what is signed at another time than its own."""


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path / "sandbox").start()
    yield process
    process.stop()
