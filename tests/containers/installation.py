"""An installation of the portal as its operator has it: a folder with docker-compose.yml, .env and a certificate."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOST = "credit.example.test"
# What stands beside the operator's own files: other ports than 80 and 443, and a mail server. Where packages come from
# is the machine's own affair, so the image is built in its network.
OVERRIDE = """
services:
  nginx:
    ports: !override ["127.0.0.1:{https}:443", "127.0.0.1:{http}:80"]
  web:
    build: {{network: host}}
  mail:
    image: credit-repair-portal:${{PORTAL_TAG:-latest}}
    command: python /tests/containers/mail.py
    volumes: ["./tests:/tests:ro"]
    networks: [inside]
    init: true
"""
LASTING = ("nginx", "web", "worker", "renderer", "runner", "beat", "postgres", "redis")


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode()


class Installation:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.https, self.http = free_port(), free_port()
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        (folder / "docker-compose.override.yml").write_text(OVERRIDE.format(https=self.https, http=self.http))
        self.new_certificate()
        shutil.copy(folder / "deploy/env.example", folder / ".env")
        (folder / ".env").chmod(0o600)
        self.fill_in(
            SITE_HOST=HOST,
            TLS_CERTIFICATE=str(folder / "certificate.pem"),
            TLS_KEY=str(folder / "key.pem"),
            PLATFORM_URL="http://sandbox:8010",
            EMAIL_HOST="mail",
            EMAIL_PORT="2525",
            EMAIL_USE_TLS="0",
            DEFAULT_FROM_EMAIL=f"portal@{HOST}",
        )

    # --- What the operator does -----------------------------------------------------------------------

    def run(self, *command: str, check: bool = True, stdin: bytes | None = None, **more: str) -> str:
        """Run a command in the folder; its output, both kinds. ``more`` are environment variables."""
        result = subprocess.run(
            command,
            cwd=self.folder,
            env={
                **os.environ,
                "COMPOSE_PROFILES": "sandbox",
                "COMPOSE_PROGRESS": "plain",
                "DOCKER_BUILDKIT": "1",
                **more,
            },
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output = result.stdout.decode(errors="replace")
        if check and result.returncode:
            raise AssertionError(f"{' '.join(command)} ended with {result.returncode}:\n{output[-4000:]}")
        return output

    def compose(self, *arguments: str, check: bool = True, stdin: bytes | None = None) -> str:
        return self.run("docker", "compose", *arguments, check=check, stdin=stdin)

    def manage(self, *arguments: str, check: bool = True) -> str:
        return self.compose("exec", "-T", "web", "python", "manage.py", *arguments, check=check)

    def fill_in(self, **values: str) -> None:
        path = self.folder / ".env"
        text = path.read_text()
        for name, value in values.items():
            text, found = re.subn(rf"(?m)^{name}=.*$", f"{name}={value}", text)
            assert found == 1, name
        path.write_text(text)

    def value(self, name: str) -> str:
        return re.search(rf"(?m)^{name}=(.*)$", (self.folder / ".env").read_text()).group(1)

    def new_certificate(self) -> None:
        """Written over the old one, as docs/operations.md says: a mounted file must stay the same file."""
        made = self.folder / "made"
        made.mkdir(exist_ok=True)
        self.run(
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"),
            *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
            *("-keyout", str(made / "key.pem"), "-out", str(made / "certificate.pem")),
        )
        for name in ("certificate.pem", "key.pem"):
            (self.folder / name).write_bytes((made / name).read_bytes())
        shutil.rmtree(made)

    # --- What can be seen of it -----------------------------------------------------------------------

    def ids(self, service: str) -> list[str]:
        return self.compose("ps", "--quiet", service).split()

    def inspect(self, service: str) -> dict:
        (container,) = self.ids(service)
        return json.loads(self.run("docker", "inspect", container))[0]

    def health(self, service: str) -> str:
        return self.inspect(service)["State"]["Health"]["Status"]

    def logs(self, service: str) -> str:
        return self.run("docker", "logs", *self.ids(service))

    def wait_until_healthy(self, *services: str, within: float = 300) -> None:
        for service in services or LASTING:
            wait_for(
                lambda service=service: self.health(service) == "healthy", within, f"{service} is not healthy"
            )

    def sql(self, statement: str, role: str = "portal", check: bool = True) -> str:
        """Over the network of the containers, with the role's own password, as the portal comes in."""
        password = self.value("POSTGRES_OWNER_PASSWORD" if role == "portal_owner" else "POSTGRES_PASSWORD")
        return self.compose(
            *("exec", "-T", "--env", f"PGPASSWORD={password}", "postgres", "psql", "--host", "postgres"),
            *("--username", role, "--dbname", "portal", "-v", "ON_ERROR_STOP=1", "-qAtc", statement),
            check=check,
        ).strip()

    def kill(self, service: str) -> float:
        """SIGKILL the first process of the container, as no command of the engine does; seconds until it is back."""
        state = self.inspect(service)["State"]
        os.kill(state["Pid"], signal.SIGKILL)
        started = time.monotonic()

        def back() -> bool:
            now = self.inspect(service)["State"]
            return now["Pid"] not in (0, state["Pid"]) and now["Health"]["Status"] == "healthy"

        wait_for(back, 120, f"{service} does not come back")
        return time.monotonic() - started

    @contextmanager
    def frozen(self, *services: str) -> Iterator[None]:
        """Their processes stand still, as a hanging one does; the engine knows of nothing."""
        pids = []
        for service in services:
            top = self.run("docker", "top", *self.ids(service), "-eo", "pid,args")
            pids += [int(line.split()[0]) for line in top.splitlines()[1:] if "docker-init" not in line]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    # --- What a visitor does --------------------------------------------------------------------------

    def ask(
        self,
        path: str,
        method: str = "GET",
        *,
        host: str = HOST,
        scheme: str = "https",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 60,
    ) -> Answer:
        connection: http.client.HTTPConnection
        if scheme == "https":
            connection = http.client.HTTPSConnection(host, timeout=timeout, context=trusting_nobody())
        else:
            connection = http.client.HTTPConnection(host, timeout=timeout)
        port = self.https if scheme == "https" else self.http
        connection._create_connection = lambda *_, **__: socket.create_connection(
            ("127.0.0.1", port), timeout
        )
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    @contextmanager
    def slow_posts(self, path: str, length: int, number: int) -> Iterator[list[socket.socket]]:
        """So many posts at once, each of which says its length and then sends one byte."""
        begun: list[socket.socket] = []
        try:
            for _ in range(number):
                plain = socket.create_connection(("127.0.0.1", self.https), 60)
                begun.append(trusting_nobody().wrap_socket(plain, server_hostname=HOST))
                begun[-1].sendall(
                    f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\n\r\nx".encode()
                )

            def full() -> bool:
                try:
                    return (
                        self.ask(path, "POST", headers={"Content-Length": str(length)}, timeout=2).status
                        == 503
                    )
                except TimeoutError:
                    return False

            wait_for(full, 10, "one more is let in")
            yield begun
        finally:
            for each in begun:
                each.close()

    @contextmanager
    def visitors(self, *paths: str, each_seconds: float = 0.1) -> Iterator["Visits"]:
        """Ten requests a second, whatever becomes of the earlier ones, until the block ends."""
        visits = Visits()
        over = threading.Event()
        threads: list[threading.Thread] = []

        def visit(path: str) -> None:
            try:
                status: object = self.ask(path, timeout=30).status
            except (OSError, http.client.HTTPException) as error:
                status = repr(error)
            visits.seen.append((time.monotonic(), path, status))

        def come() -> None:
            due, number = time.monotonic(), 0
            while not over.wait(max(0, due - time.monotonic())):
                threads.append(threading.Thread(target=visit, args=[paths[number % len(paths)]]))
                threads[-1].start()
                due, number = due + each_seconds, number + 1

        source = threading.Thread(target=come)
        source.start()
        try:
            yield visits
        finally:
            over.set()
            source.join()
            for thread in threads:
                thread.join()


class Visits:
    def __init__(self) -> None:
        self.seen: list[tuple[float, str, object]] = []

    @property
    def failed(self) -> list[tuple[float, str, object]]:
        return [each for each in self.seen if each[2] != 200]


def trusting_nobody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def wait_for(condition, seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.2)
