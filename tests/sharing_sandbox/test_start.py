"""Starting the sandbox, and starting it wrongly."""

import os
import socket
import subprocess
import sys

import pytest

from tests.sharing_sandbox.process import KEY, ROOT, SandboxProcess, make_message


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("PLATFORM_KEY", "DATA_DIR")}
    return subprocess.run(
        [sys.executable, "-m", "sharing_sandbox", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=20,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--fault", "bad"], "--fault"),
        (["--fault", "flaky:x"], "flaky"),
        (["--port", "70000"], "--port"),
        (["--interface", "missing.yaml"], "missing.yaml"),
        (["--data", "/dev/null/x"], "/dev/null/x"),
    ],
)
def test_a_wrong_argument_is_named(tmp_path, arguments, words):
    result = run("--data", str(tmp_path), "--key", KEY, *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith("错误：")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_no_key_no_start(tmp_path):
    result = run("--data", str(tmp_path), DATA_DIR=str(tmp_path))
    assert result.returncode == 2
    assert "PLATFORM_KEY" in result.stderr


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = run("--data", str(tmp_path), "--key", KEY, "--port", port)
    assert result.returncode == 2
    assert port in result.stderr


def test_the_key_of_the_embedded_portal_is_found(tmp_path, monkeypatch):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "platform_key").write_text("kept by the portal")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    process = SandboxProcess(tmp_path / "sandbox")
    monkeypatch.setattr("tests.sharing_sandbox.process.KEY", "")
    try:
        process.start()
        assert process.post(make_message(), key="kept by the portal")[0] == 201
    finally:
        process.stop()


def test_it_shares_no_code_with_the_portal():
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, sharing_sandbox.__main__; print(*{m.partition('.')[0] for m in sys.modules})",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(result.stdout.split())
    assert "jsonschema" in loaded
    assert not loaded & {"applications", "credit_repair", "rules", "django"}
