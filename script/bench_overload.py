#!/usr/bin/env python3
"""Ten times what the portal can answer, for a minute: how long anybody waits, what the others are told, and how soon it is over.

nginx with the settings of deploy/nginx before gunicorn as the Dockerfile starts it, on PostgreSQL; visitors come from many
addresses of the loopback. The page is the officers' queue, the dearest one that people open all day. First the rate is
measured that it bears (each visitor asks again when answered), then visitors come at ten times that rate, whether they are
answered or not. Nothing is printed where a refusal does not say when to come again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench_pages import fill, prepare
from throwaway_postgres import scratch_database

ROOT = Path(__file__).resolve().parent.parent
HOST = "portal.test"
SIZES = {"subjects": 3_000, "records": 10_000, "cases": 2_000}
VISITORS_AT_ONCE = 24
TIMES = 10


@dataclass(frozen=True)
class Answer:
    sent: float
    seconds: float
    status: int
    says_when: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        sys.exit("nginx is missing: apt-get install nginx-light")
    with scratch_database(), tempfile.TemporaryDirectory(prefix="credit-repair-overload.") as folder:
        prepare()
        cookie, path = officer(fill(SIZES))
        with served(Path(folder), nginx) as port:
            asking = Asking(port, path, cookie)
            asyncio.run(asking.in_turn(3))
            bears = asyncio.run(asking.in_turn(10))
            rate = len(bears) / 10
            flood, after = asyncio.run(asking.flooded(rate * TIMES, seconds))
    report(rate, bears, flood, after, seconds)


def officer(made: dict[str, dict[str, str]]) -> tuple[str, str]:
    """The session of somebody who decides, and the address of the queue."""
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from applications.accounts.models import User

    client = Client()
    client.force_login(
        User.objects.get(email=made["accounts"]["approver"]), settings.AUTHENTICATION_BACKENDS[0]
    )
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}", reverse("admin:repairs_repaircase_changelist")


@contextmanager
def served(folder: Path, nginx: str) -> Iterator[int]:
    """The portal behind nginx; the port of the latter."""
    door, line, inside, health = free_port(), free_port(), free_port(), free_port()
    with (folder / "portal.log").open("wb") as log:
        portal = start_portal(
            folder, inside, log, ALLOWED_HOSTS=f"{HOST},127.0.0.1", SITE_URL=f"https://{HOST}"
        )
        proxy = subprocess.Popen(
            [nginx, "-c", str(settings_of_nginx(folder, door, line, inside, health)), "-p", str(folder)],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        for port in (inside, door):
            wait_for(port, folder / "portal.log")
        yield door
    finally:
        for process in (proxy, portal):
            process.terminate()
        for process in (proxy, portal):
            process.wait(60)


def start_portal(folder: Path, port: int, log: IO[bytes], **environment: str) -> subprocess.Popen[bytes]:
    """gunicorn as the image starts it, which soon listens on 127.0.0.1."""
    everything = {**os.environ, "DEBUG": "", "DATA_DIR": str(folder), **environment}
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=ROOT, env=everything, check=True,
    )  # fmt: skip
    command = re.search(r"^CMD (\[.*?\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE | re.DOTALL)
    assert command is not None
    options = json.loads(command[1].replace("\\\n", "").replace("0.0.0.0:8000", f"127.0.0.1:{port}"))
    # Whoever asks it has a share of the machine of its own, as nginx has in its container.
    return subprocess.Popen(
        ["nice", "-n", "10", sys.executable, "-m", *options], cwd=ROOT, env=everything, stdout=log, stderr=log
    )


def settings_of_nginx(folder: Path, door: int, line: int, inside: int, health: int) -> Path:
    """Those of deploy/nginx, with the ports of this run and a certificate of its own."""
    for name in ("tls_key", "tls_certificate"):
        (folder / name).touch()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={HOST}", "-keyout", str(folder / "tls_key"),
         "-out", str(folder / "tls_certificate")],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (ROOT / "deploy/nginx/default.conf.template").read_text()
    for old, new in (
        ("${SITE_HOST}", HOST),
        ("/run/secrets/", f"{folder}/"),
        ("http://$portal:8000", f"http://127.0.0.1:{inside}"),
        ("127.0.0.1:8081", f"127.0.0.1:{health}"),
        ("127.0.0.1:8082", f"127.0.0.1:{line}"),
        ("listen [::]:443", f"listen [::1]:{door}"),
        ("listen [::]:80", f"listen [::1]:{health}"),
        ("listen 443", f"listen {door}"),
        ("listen 80", f"listen 127.0.0.2:{health}"),
        ("/dev/stdout portal", "off"),
    ):
        if old not in site:
            sys.exit(f"the settings of nginx have no {old} any more")
        site = site.replace(old, new)
    # As Debian and the official image have them; http2 is said in another way before nginx 1.25.
    site = site.replace("    http2 on;\n", "")
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nworker_processes auto;\n"
        f"events {{ worker_connections 1024; }}\n"
        f"http {{\n  client_body_temp_path {folder}/body;\n  proxy_temp_path {folder}/proxy;\n"
        f"  fastcgi_temp_path {folder}/f;\n  uwsgi_temp_path {folder}/u;\n  scgi_temp_path {folder}/s;\n"
        f"{site}\n}}\n"
    )
    return whole


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nobody listens on port {port}:\n{log.read_text()[-3000:]}")


class Asking:
    """Visitors of one page, each from an address and over a connection of its own."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        self.port = port
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode()
        )
        self.tls = ssl.create_default_context()
        self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        self.visitors = 0

    async def once(self) -> Answer:
        self.visitors += 1
        address = (
            f"127.{1 + self.visitors // 62_500 % 200}.{self.visitors // 250 % 250}.{1 + self.visitors % 250}"
        )
        sent = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.port, ssl=self.tls, server_hostname=HOST, local_addr=(address, 0)
            )
            writer.write(self.request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (OSError, asyncio.IncompleteReadError):
            return Answer(sent, time.monotonic() - sent, 0, says_when=False)
        with suppress(OSError):
            # A door that closes at once behind its answer has given it.
            await reader.read(-1)
        writer.close()
        return Answer(sent, time.monotonic() - sent, int(head.split()[1]), "\r\nretry-after:" in head.lower())

    async def in_turn(self, seconds: float) -> list[Answer]:
        """VISITORS_AT_ONCE of them, each of whom asks again when answered."""
        until, answers = time.monotonic() + seconds, list[Answer]()

        async def visitor() -> None:
            while time.monotonic() < until:
                answers.append(await self.once())

        await asyncio.gather(*(visitor() for _ in range(VISITORS_AT_ONCE)))
        return answers

    async def flooded(self, rate: float, seconds: float) -> tuple[list[Answer], list[Answer]]:
        """As many a second as said, answered or not; and then one after the other for twenty seconds."""
        began, tasks = time.monotonic(), list[asyncio.Task[Answer]]()
        while (now := time.monotonic() - began) < seconds:
            while len(tasks) < now * rate:
                tasks.append(asyncio.create_task(self.once()))
            await asyncio.sleep(0.005)
        ended, after = time.monotonic(), list[Answer]()
        while time.monotonic() < ended + 20:
            after.append(await self.once())
        return list(await asyncio.gather(*tasks)), after


def report(rate: float, bears: list[Answer], flood: list[Answer], after: list[Answer], seconds: int) -> None:
    refused = [each for each in flood if each.status in (429, 503)]
    if any(not each.says_when for each in refused):
        sys.exit("a refusal does not say when to come again")
    if not refused or not any(each.status == 200 for each in flood):
        sys.exit("nobody was refused, or nobody was answered: that was no overload")
    usual = statistics.median(each.seconds for each in bears)
    waits = sorted(each.seconds for each in flood if each.status == 200)
    # From when on everybody is answered, and no slower than under the load that it bears.
    last = max(
        (each.sent + each.seconds for each in after if each.status != 200 or each.seconds > usual),
        default=None,
    )
    ended = after[0].sent
    recovered = max(0.0, last - ended) if last else 0.0
    statuses = Counter(each.status for each in flood)
    print(
        f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores"
    )
    print(
        f"it bears {rate:.1f} pages a second ({VISITORS_AT_ONCE} visitors at once, median {usual * 1000:.0f} ms)"
    )
    print(f"asked for {len(flood) / seconds:.1f} a second for {seconds} s: {dict(statuses.most_common())}")
    print(
        f"answered {len(waits) / seconds:.1f} a second; they waited "
        f"{statistics.median(waits):.2f} s (median), {waits[int(len(waits) * 0.95)]:.2f} s (95th percentile), "
        f"{waits[-1]:.2f} s at most"
    )
    print(f"refused within {max(each.seconds for each in refused):.2f} s, all with Retry-After")
    if statuses[0]:
        print(f"{statuses[0]} had no answer at all")
    print(f"as before {recovered:.1f} s after the last of them")
    print(
        json.dumps(
            {
                "bench": "overload", "bears": round(rate, 1), "asked": len(flood), "statuses": dict(statuses),
                "longest_wait": round(waits[-1], 2), "recovered": round(recovered, 1),
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
