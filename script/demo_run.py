"""Starts portal, worker, beat and sharing-platform sandbox, watches over them, and stops them all.

Run by script/demo. The demonstration is always the embedded mode: variables that would point it at a real
database, broker, mail server or platform are not passed on.
"""

import argparse
import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from demo_ports import Failure, PortTaken, answers, free_port, is_free

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
PYTHON = sys.executable
PORTAL_PORT = 8000
# The sharing platforms that are stood in for, by region, and the ports they prefer.
PROVINCE, CITY = "320000", "320100"
SANDBOX_PORTS = {PROVINCE: 8010, CITY: 8011}
SMS_PORT = 8012
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10
# What the settings read to leave the embedded mode.
SERVED_MODE = {
    "DATABASE_URL", "REPLICA_URL", "BROKER_URL", "CACHE_URL", "MEDIA_ROOT", "FILES_S3_BUCKET", "CLAMD_ADDRESS",
    "STATIC_ROOT", "BEHIND_PROXY", "DEBUG",
    "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS",
    "SMS_GATEWAY_URL", "SMS_GATEWAY_KEY",
    "SECRET_KEY", "FIELD_KEY", "LEDGER_KEY", "PLATFORM_KEY",
    # Not a setting, but without compiled modules every start is slow.
    "PYTHONDONTWRITEBYTECODE",
}  # fmt: skip


class Stop(Exception):
    """Somebody asked for the end; ``code`` is the exit code that a shell expects for that signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def say(text: str) -> None:
    print(f"==> {text}", file=sys.stderr, flush=True)


def tail(path: Path, lines: int = 20) -> str:
    with contextlib.suppress(FileNotFoundError):
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    return ""


@contextlib.contextmanager
def locked(path: Path, wait: bool = True) -> Iterator[None]:
    """Holds the lock file; raises BlockingIOError if another process has it and ``wait`` is false."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def logged(path: Path, words: str) -> Callable[[], bool]:
    def check() -> bool:
        # The whole log: a busy worker writes hundreds of lines between two looks.
        return path.exists() and words in path.read_text(errors="replace")

    return check


@dataclass
class Child:
    name: str
    log: Path
    process: subprocess.Popen[bytes]
    ready: Callable[[], bool]
    port: int | None = None


class Demo:
    """One demonstration: its data directory, its ports, its environment and its processes."""

    def __init__(self, data: Path, logs: Path, *, usual_ports: bool) -> None:
        self.data, self.logs = data, logs
        self.logs.mkdir(parents=True, exist_ok=True)
        self.children: list[Child] = []
        self.portal_port = free_port(PORTAL_PORT if usual_ports else None)
        self.sandboxes: dict[str, str] = {}
        port = 0
        for region, preferred in SANDBOX_PORTS.items():
            # Nobody listens yet: the one before would be free still.
            port = free_port(max(preferred, port + 1) if usual_ports else None)
            self.sandboxes[region] = f"http://127.0.0.1:{port}"
        # Never among those that the platforms may still take.
        port = free_port(max(SMS_PORT, port + 1) if usual_ports else None)
        self.sms_gateway = f"http://127.0.0.1:{port}"
        self.portal_url = f"http://127.0.0.1:{self.portal_port}"
        self.environment = {
            name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in SERVED_MODE
        } | {
            "DATA_DIR": str(data),
            # Whatever starts this, a test with settings of its own too: what runs is the portal as it is.
            "DJANGO_SETTINGS_MODULE": "credit_repair.settings",
            # Style sheets and scripts are the same whatever the data: collected once for every run.
            "STATIC_ROOT": str(VAR / "static"),
            "SITE_URL": self.portal_url,
            # The key that portal and sandboxes agree on is the one that the embedded portal makes.
            "PLATFORM_URL": self.sandboxes[PROVINCE],
            "SMS_GATEWAY_URL": self.sms_gateway,
            # Known to this run of portal and sandbox alone.
            "SMS_GATEWAY_KEY": secrets.token_urlsafe(32),
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "PYTHONUNBUFFERED": "1",
        }

    def manage(self, *arguments: str) -> str:
        """Runs one management command and returns what it printed."""
        result = subprocess.run(
            [PYTHON, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise Failure(
                f"manage.py {' '.join(arguments)} 失败。\nmanage.py {' '.join(arguments)} failed.\n"
                f"{result.stdout}{result.stderr}".rstrip()
            )
        return result.stdout

    def prepare(self) -> None:
        self.collect_static()
        say("准备数据库 preparing the database")
        self.manage("migrate", "--noinput", "--verbosity", "0")
        say("装载示例数据 loading the sample province")
        self.manage("load_sample", "--trial", "--platform", f"{CITY}={self.sandboxes[CITY]}")
        self.manage("make_test_certificates", "--trial")

    def collect_static(self) -> None:
        """Collects and compresses style sheets and scripts, unless nothing that goes into them has changed."""
        digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
        for file in sorted([*ROOT.glob("static/**/*"), *ROOT.glob("applications/*/static/**/*")]):
            if file.is_file():
                digest.update(f"{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
        stamp, manifest = VAR / "static.collected", VAR / "static" / "staticfiles.json"
        with locked(VAR / "static.lock"):
            if manifest.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
                return
            say("压缩样式与脚本 compressing style sheets and scripts")
            self.manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
            stamp.write_text(digest.hexdigest())

    def start(self) -> None:
        say("启动门户、任务、定时、共享平台沙箱 starting portal, worker, beat and sharing-platform sandboxes")
        celery = [PYTHON, "-m", "celery", "-A", "credit_repair"]
        for region, address in self.sandboxes.items():
            self._spawn(
                f"sandbox-{region}",
                [PYTHON, "-m", "sharing_sandbox", "--port", address.rpartition(":")[2],
                 "--data", str(self.data / f"sandbox-{region}")],
                answers(f"{address}/healthz/"),
                int(address.rpartition(":")[2]),
            )  # fmt: skip
        self._spawn(
            "sms-gateway",
            [PYTHON, "-m", "sharing_sandbox.sms", "--port", self.sms_gateway.rpartition(":")[2]],
            answers(f"{self.sms_gateway}/healthz"),
            int(self.sms_gateway.rpartition(":")[2]),
        )
        self._spawn(
            "portal",
            [PYTHON, "-m", "gunicorn", "credit_repair.wsgi", "--bind", f"127.0.0.1:{self.portal_port}",
             "--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"],
            answers(f"{self.portal_url}/healthz/"),
            self.portal_port,
        )  # fmt: skip
        self._spawn(
            "worker",
            [*celery, "worker", "--concurrency", "3", "--queues", "deadlines,sharing,mail,long",
             "--hostname", "worker@%h", "--without-gossip", "--without-mingle", "--loglevel", "INFO"],
            logged(self.logs / "worker.log", " ready."),
        )  # fmt: skip
        # Drawing PDFs takes the most time and is the least urgent: no decision waits behind it for the platform.
        self._spawn(
            "renderer",
            [*celery, "worker", "--concurrency", "1", "--queues", "documents",
             "--hostname", "renderer@%h", "--without-gossip", "--without-mingle", "--loglevel", "INFO"],
            logged(self.logs / "renderer.log", " ready."),
        )  # fmt: skip
        self._spawn(
            "beat",
            [*celery, "beat", "--pidfile=", "--loglevel", "INFO"],
            logged(self.logs / "beat.log", "beat: Starting"),
        )
        # Beat sweeps after its first five minutes; until a sweep has ended the portal calls itself unwell.
        self.manage("sweep_deadlines")

    def wait_until_ready(self) -> None:
        waiting = list(self.children)
        deadline = time.monotonic() + SECONDS_TO_START
        while waiting:
            self.check()
            waiting = [child for child in waiting if not child.ready()]
            if waiting and time.monotonic() > deadline:
                child = waiting[0]
                raise Failure(
                    f"{child.name} 在 {SECONDS_TO_START} 秒内没有就绪，日志 {child.log}：\n"
                    f"{child.name} was not ready within {SECONDS_TO_START} s; its log:\n{tail(child.log)}"
                )
            time.sleep(0.1)

    def _spawn(
        self, name: str, command: list[str], ready: Callable[[], bool], port: int | None = None
    ) -> None:
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            # A session of its own keeps the terminal's Ctrl-C from reaching it: this program stops things in
            # order. The death signal stops it even where this program is killed without a chance to.
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.children.append(Child(name, log, process, ready, port))

    def check(self) -> None:
        """Raises Failure if one of the processes has ended; PortTaken where another program has its port."""
        for child in self.children:
            code = child.process.poll()
            if code is not None:
                kind = Failure if child.port is None or is_free(child.port) else PortTaken
                raise kind(
                    f"{child.name} 意外退出（退出码 {code}），日志 {child.log}：\n"
                    f"{child.name} ended unexpectedly (exit code {code}); its log:\n{tail(child.log)}"
                )

    def stop(self, patience: float) -> None:
        """Asks every process to end, waits so many seconds, then kills what is left of their sessions."""
        if patience:
            for child in reversed(self.children):
                if child.process.poll() is None:
                    child.process.terminate()
        deadline = time.monotonic() + patience
        for child in reversed(self.children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
        self.children = []


def started(data: Path, *, usual_ports: bool) -> Demo:
    """A demonstration that runs and is ready. Where a port is taken on the way it begins again, on others."""
    tries = 0
    while True:
        tries += 1
        demo = Demo(data, data / "log", usual_ports=usual_ports)
        try:
            demo.prepare()
            demo.start()
            demo.wait_until_ready()
            return demo
        except BaseException as error:
            demo.stop(SECONDS_TO_STOP)
            if tries == 3 or not isinstance(error, PortTaken):
                raise
        say("端口刚被别的程序占用，换一个重新启动 a port was taken meanwhile: starting again on another")


def run_until_stopped() -> int:
    """The demonstration for a person: keeps its data, and runs until it is told to stop."""
    data = Path(os.environ.get("DATA_DIR") or VAR).resolve()
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        try:
            # Two demonstrations on one data directory would answer each other's messages.
            stack.enter_context(locked(data / "demo.lock", wait=False))
        except BlockingIOError:
            raise Failure(
                f"另一个演示正在使用 {data}，请先停止它。\n"
                f"Another demonstration is using {data}; stop it first."
            ) from None
        demo = started(data, usual_ports=True)
        try:
            accounts = demo.manage("load_sample", "--trial", "--accounts").rstrip()
            say(f"已启动，用时 {time.monotonic() - began:.0f} 秒 started")
            print(f"\n门户 portal:                       {demo.portal_url}/")
            print(f"管理后台 officers' desk:           {demo.portal_url}/admin/")
            print(f"省级共享平台沙箱 province's platform: {demo.sandboxes[PROVINCE]}/")
            print(f"南京共享平台沙箱 Nanjing's platform:  {demo.sandboxes[CITY]}/")
            print(f"短信网关沙箱 SMS gateway:            {demo.sms_gateway}/")
            print(f"日志 logs:                         {demo.logs}/")
            print(f"发出的邮件 mails sent:             {demo.data / 'mail'}/")
            print(f"\n{accounts}\n\n按 Ctrl-C 停止。Press Ctrl-C to stop.", flush=True)
            while True:
                demo.check()
                time.sleep(0.5)
        finally:
            say("正在停止 stopping")
            demo.stop(SECONDS_TO_STOP)


def run_once(keep: Path | None) -> int:
    """The main job, unattended, on throw-away data. Returns the exit code of script/demo_once.py."""
    data = Path(tempfile.mkdtemp(prefix="credit-repair-demo."))
    demo = driver = None
    try:
        demo = started(data, usual_ports=False)
        command = [
            PYTHON,
            "script/demo_once.py",
            "--base-url",
            demo.portal_url,
            "--city-platform",
            demo.sandboxes[CITY],
            "--province-platform",
            demo.sandboxes[PROVINCE],
        ]
        if keep:
            command += ["--keep", str(keep.resolve())]
        driver = subprocess.Popen(command, cwd=ROOT, env=demo.environment, stdin=subprocess.DEVNULL)
        while driver.poll() is None:
            demo.check()
            time.sleep(0.1)
        if driver.returncode:
            for child in demo.children:
                print(f"--- {child.name}\n{tail(child.log)}", file=sys.stderr)
        return driver.returncode
    finally:
        if driver and driver.poll() is None:
            driver.terminate()
            driver.wait()
        # What is thrown away needs no orderly end.
        if demo:
            demo.stop(0)
        shutil.rmtree(data, ignore_errors=True)


def _stop(number: int, frame: FrameType | None) -> None:
    # A second signal must not interrupt the stopping that the first one began.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    raise Stop(number)


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="do the main job once, unattended, then stop")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="with --once: copy every PDF to DIR")
    options = parser.parse_args()
    if options.keep and not options.once:
        parser.error("--keep 只能与 --once 一起使用 / --keep goes with --once only")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return run_once(options.keep) if options.once else run_until_stopped()
    except Stop as stop:
        # Being stopped is how the demonstration for a person ends well.
        return stop.code if options.once else 0
    except Failure as failure:
        print(f"错误 error: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
