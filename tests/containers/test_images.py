"""script/pin-images, with a registry of its own: Debian's, on loopback."""

import re
import shutil
import subprocess
import urllib.request
import uuid
from pathlib import Path

import pytest

from tests.containers.installation import ROOT, free_port, wait_for

pytestmark = pytest.mark.containers

NAMES = ("PYTHON_IMAGE", "NGINX_IMAGE", "POSTGRES_IMAGE", "REDIS_IMAGE")


@pytest.fixture
def registry(tmp_path):
    port = free_port()
    settings = tmp_path / "registry.yml"
    settings.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {tmp_path}/registry}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    process = subprocess.Popen(
        ["docker-registry", "serve", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: _answers(port), 30, "the registry does not start")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=2).status == 200
    except OSError:
        return False


def run(*command: str, cwd: Path | None = None, stdin: bytes | None = None) -> str:
    return subprocess.run(command, cwd=cwd, input=stdin, check=True, capture_output=True).stdout.decode()


def push(registry: str, name: str) -> str:
    """An image like no other under the name's tag; its digest, as the registry has it."""
    image = f"{registry}/{name.lower()}:1.2.3"
    run("docker", "build", "--tag", image, "-", stdin=f"FROM scratch\nLABEL made={uuid.uuid4()}\n".encode())
    return re.search(r"sha256:\w{64}", run("docker", "push", image)).group()


def test_the_digests_of_the_registry_are_written_and_looked_up_anew(registry, tmp_path):
    folder = tmp_path / "installation"
    (folder / "script").mkdir(parents=True)
    shutil.copy(ROOT / "script/pin-images", folder / "script")
    shutil.copy(ROOT / "docker-compose.yml", folder)
    env = folder / ".env"
    env.write_text("KEPT=1\n" + "".join(f"{name}={registry}/{name.lower()}:1.2.3\n" for name in NAMES))
    digests = {name: push(registry, name) for name in NAMES}
    run("script/pin-images", cwd=folder)
    pinned = dict(line.split("=", 1) for line in env.read_text().splitlines())
    assert pinned == {"KEPT": "1"} | {
        name: f"{registry}/{name.lower()}:1.2.3@{digests[name]}" for name in NAMES
    }
    # The tag moves; what is pinned does not, until the script runs again.
    moved = push(registry, "NGINX_IMAGE")
    assert moved != digests["NGINX_IMAGE"] and digests["NGINX_IMAGE"] in env.read_text()
    run("script/pin-images", cwd=folder)
    assert f"NGINX_IMAGE={registry}/nginx_image:1.2.3@{moved}" in env.read_text()
