from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sharing_sandbox.process import SandboxProcess


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path / "sandbox").start()
    yield process
    process.stop()
