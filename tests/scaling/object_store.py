"""OpenStack Swift with its S3 interface: a real store of objects, of one disk, on ports of its own."""

import contextlib
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest

from tests.scaling.processes import Process, wait_for
from tests.sharing_sandbox.process import free_port

PARTS = ("account", "container", "object")
PACKAGES = "swift-proxy swift-account swift-container swift-object"
USER, PASSWORD, BUCKET = "portal:files", "password-for-tests", "portal-files"

SERVER = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
workers = 0
[pipeline:main]
pipeline = {pipeline}
"""
PROXY = """[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:9
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_portal_files = {password} .admin
[filter:container-quotas]
use = egg:swift#container_quotas
[filter:slo]
use = egg:swift#slo
"""


class ObjectStore:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.servers: list[Process] = []
        # Nothing of the tests' Python: Swift has the system's. But the time is that of the run (script/test --on).
        clock = {name: os.environ[name] for name in ("LD_PRELOAD", "CLOCK_OFFSET") if name in os.environ}
        self.environment = {"PATH": "/usr/bin:/bin"} | clock
        (folder / "devices/d1").mkdir(parents=True)
        (folder / "swift.conf").write_text(
            "[swift-hash]\nswift_hash_path_suffix = test\n[storage-policy:0]\nname = gold\ndefault = yes\n"
        )
        self.ports = {part: free_port() for part in PARTS}
        for part, port in self.ports.items():
            self._ring(part, port)
            self._configure(part, port, f"{part}-server")
            with (folder / f"{part}.conf").open("a") as file:
                file.write(f"[app:{part}-server]\nuse = egg:swift#{part}\n")
        self._configure(
            "proxy", self.port, "catch_errors cache s3api tempauth container-quotas slo proxy-server"
        )
        with (folder / "proxy.conf").open("a") as file:
            file.write(PROXY.format(password=PASSWORD))

    def _ring(self, part: str, port: int) -> None:
        for words in ("create 2 1 0", f"add r1z1-127.0.0.1:{port}/d1 1", "rebalance"):
            subprocess.run(
                ["swift-ring-builder", f"{part}.builder", *words.split()],
                cwd=self.folder, env=self.environment, check=True, capture_output=True,
            )  # fmt: skip

    def _configure(self, part: str, port: int, pipeline: str) -> None:
        user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
        text = SERVER.format(port=port, user=user, folder=self.folder, pipeline=pipeline)
        (self.folder / f"{part}.conf").write_text(text)

    def start(self) -> None:
        self.servers = [
            Process(
                [f"/usr/bin/swift-{part}-server", self.folder / f"{part}.conf", "--verbose"],
                log=self.folder / f"{part}.log",
                env=self.environment,
            )
            for part in (*PARTS, "proxy")
        ]

        def is_up() -> bool:
            with contextlib.suppress(Exception):
                self.client().list_buckets()
                return True
            return False

        wait_for(is_up, lambda: "\n".join(server.words() for server in self.servers))

    def stop(self) -> None:
        for server in self.servers:
            server.end()
        self.servers = []

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=USER,
            aws_secret_access_key=PASSWORD,
            region_name="us-east-1",
        )

    def names(self) -> list[str]:
        """Of the objects that it holds."""
        return [each["Key"] for each in self.client().list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def content(self, name: str) -> bytes:
        return self.client().get_object(Bucket=BUCKET, Key=name)["Body"].read()

    def limit(self, size: int) -> None:
        """The bucket takes no more than so many bytes in all."""
        headers = {"X-Timestamp": f"{time.time():.5f}", "X-Container-Meta-Quota-Bytes": str(size)}
        # Asked of the server itself: signing in another way than S3's takes a memcached. It knows the bucket in one place.
        for place in range(4):
            address = f"http://127.0.0.1:{self.ports['container']}/d1/{place}/AUTH_portal/{BUCKET}"
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(
                    urllib.request.Request(address, method="POST", headers=headers)
                ).close()
                return
        raise AssertionError("the bucket is nowhere")


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """With an empty bucket. Skips the test where Swift is missing."""
    if not all(shutil.which(f"swift-{part}-server") for part in (*PARTS, "proxy")):
        pytest.skip(f"missing: OpenStack Swift (apt-get install --no-install-recommends {PACKAGES})")
    with TemporaryDirectory(prefix="credit-repair-swift.", dir="/tmp") as folder:
        store = ObjectStore(Path(folder))
        try:
            store.start()
            store.client().create_bucket(Bucket=BUCKET)
            yield store
        finally:
            store.stop()
