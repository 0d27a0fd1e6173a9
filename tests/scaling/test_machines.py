"""The portal on several machines: two web processes, three workers and one beat, with a database and a broker elsewhere.

docs/scaling.md says how; here each of them has a network of its own, and two are killed while people work.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import psycopg2
import pytest
from django.conf import settings as configured
from django.test import Client

from applications.accounts.models import User
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.records.models import DishonestyRecord
from applications.repairs.models import RepairCase
from applications.sharing.models import Delivery
from tests.fixtures import make_record
from tests.repairs.steps import accepted, reviewed
from tests.scaling.namespaces import Network, network
from tests.scaling.processes import ROOT, Process, answered, database_url, listens, wait_for
from tests.scaling.standby import asking, copy_of_server
from tests.sharing.platforms import platform_of
from tests.sharing_sandbox.process import KEY

CASES = 16
WEBS, WORKERS = ("web1", "web2"), ("worker1", "worker2", "worker3")
QUEUES = "deadlines,sharing,mail,documents,long"
TOKEN = "a" * 32
# What a worker had in its hands when it died is free after this long (notifications.models.Message.LEASE), and time to do it.
SECONDS_OF_LEASES = 5 * 60 + 120


class Machines:
    """All of them, each in a network of its own, on a copy of the test's database."""

    def __init__(self, net: Network, folder: Path) -> None:
        self.net, self.folder = net, folder
        self.address = {
            name: net.add(name) for name in (*WEBS, *WORKERS, "beat", "postgres", "redis", "platform")
        }
        self.webs = [f"{self.address[name]}:8000" for name in WEBS]
        self.processes: dict[str, Process] = {}
        redis = f"redis://{self.address['redis']}:6379"
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.scaling.machine_settings",
            "DATABASE_URL": database_url(f"{self.address['postgres']}:5432"),
            "BROKER_URL": f"{redis}/0",
            "CACHE_URL": f"{redis}/1",
            "ALLOWED_HOSTS": ",".join(self.address[name] for name in WEBS),
            "DATA_DIR": str(folder / "data"),
        }

    def start(self, name: str, *command: object, **how: object) -> None:
        self.processes[name] = Process(
            [*self.net.on(name), *command], log=self.folder / f"{name}.log", env=self.environment, **how
        )

    def start_all(self) -> None:
        self.start("redis", "redis-server", "--bind", self.address["redis"], "--protected-mode", "no", "--save", "",
                   "--dir", self.folder)  # fmt: skip
        self.start("platform", sys.executable, "-m", "sharing_sandbox", "--host", self.address["platform"],
                   "--data", self.folder / "platform", "--key", KEY)  # fmt: skip
        celery = [sys.executable, "-m", "celery", "-A", "credit_repair"]
        for name, host in zip(WEBS, self.webs, strict=True):
            self.start(name, sys.executable, "-m", "gunicorn", "credit_repair.wsgi", "--bind", host, "--threads", "4",
                       "--no-control-socket")  # fmt: skip
        for name in WORKERS:
            self.start(name, *celery, "worker", "--pool", "solo", "-Q", QUEUES, "-n", f"{name}@%h")
        self.start("beat", *celery, "beat", "-s", self.folder / "beat")
        for host in self.webs:
            wait_for(lambda host=host: listens(host), self.words)
        for name in WORKERS:
            wait_for(lambda name=name: " ready." in self.processes[name].words(), self.words)

    def start_database(self, data: Path, programs: Path, user: str | None) -> None:
        with (data / "data/pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {self.net.range}.0/24 trust\n")
        as_user = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"] if user else []
        self.start("postgres", *as_user, programs / "postgres", "-D", data / "data", "-p", "5432", "-k", data,
                   "-c", "listen_addresses=*", "-c", "fsync=off", cwd=data)  # fmt: skip
        wait_for(self.has_database, self.words)

    def has_database(self) -> bool:
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect(self.environment["DATABASE_URL"]).close()
            return True
        return False

    def kill(self, name: str) -> None:
        self.processes[name].end(signal.SIGKILL)

    def stop(self) -> None:
        for name, each in self.processes.items():
            each.end(signal.SIGQUIT if name == "postgres" else signal.SIGKILL)

    def words(self) -> str:
        return "\n".join(f"--- {name}\n{each.words()[-3000:]}" for name, each in self.processes.items())


@contextmanager
def running(folder: Path) -> Iterator[Machines]:
    """The machines; until they are stopped."""
    with network() as net:
        machines = Machines(net, folder)
        platform_of("320100", f"http://{machines.address['platform']}:8010")
        with copy_of_server() as database:
            try:
                machines.start_database(*database)
                machines.start_all()
                yield machines
            finally:
                machines.stop()


@pytest.fixture
def cases(acme, market_bureau, alice, wang, li, zhao) -> list[RepairCase]:
    """Examined, so that an approver can grant them."""
    made = []
    for number in range(CASES):
        record = make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{number + 1}号")
        DishonestyRecord.objects.filter(pk=record.pk).update(publicity_until=date(2099, 1, 1))
        record.refresh_from_db()
        made.append(reviewed(accepted(record, market_bureau, alice, wang), li))
    return made


class Officer:
    """Grants cases at either web process, and tries once more at the other where one fails."""

    def __init__(self, person: User) -> None:
        client = Client()
        client.force_login(person)
        name = configured.SESSION_COOKIE_NAME
        self.headers = {
            "Cookie": f"{name}={client.cookies[name].value}; csrftoken={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.failures: Counter[str] = Counter()
        self.done = threading.Semaphore(0)

    def grant(self, case: RepairCase, webs: list[str]) -> None:
        body = urlencode({"version": case.version, "csrfmiddlewaretoken": TOKEN})
        path = f"/admin/repairs/repaircase/{case.pk}/step/grant/"
        for attempt in range(2):
            host = webs[(case.pk + attempt) % 2]
            try:
                status, page = answered(host, path, method="POST", headers=self.headers, body=body)
            except (OSError, http.client.HTTPException):
                self.failures[case.number] += 1
                continue
            # Not 302: the first try was taken, and only its answer was lost.
            assert status == 302 or (attempt and status in (200, 409)), page
            break
        self.done.release()


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_a_web_process_and_a_worker_killed_under_load_lose_and_double_nothing(cases, zhao, tmp_path):
    officer = Officer(zhao)
    with running(tmp_path) as machines:
        with ThreadPoolExecutor(4) as people:
            at_work = [people.submit(officer.grant, case, machines.webs) for case in cases]
            for _ in range(CASES // 4):
                officer.done.acquire()
            machines.kill("web1")
            machines.kill("worker1")
            for each in at_work:
                each.result()
        assert officer.failures, "nobody noticed that a web process was gone"
        assert set(officer.failures.values()) == {1}, "somebody had to try more than twice"

        with asking(machines.address["postgres"]):
            wait_for(all_is_handed_over, machines.words, seconds=SECONDS_OF_LEASES)
            once = {case.number: 1 for case in cases}
            letters = Document.objects.filter(kind="grant_decision")
            rendered = Event.objects.filter(
                verb="document.rendered", payload__number__in=[*letters.values_list("number", flat=True)]
            )
            assert RepairCase.objects.filter(status="granted").count() == CASES
            for done in (
                Event.objects.filter(verb="repair.granted").values_list("chain", flat=True),
                letters.values_list("about", flat=True),
                rendered.values_list("chain", flat=True),
                Delivery.objects.values_list("about", flat=True),
                received_by(machines.address["platform"]),
            ):
                assert Counter(done) == once
            assert run_on(machines, "verify_ledger") == 0
            assert run_on(machines, "check_queues") == 0


def all_is_handed_over() -> bool:
    return not (
        Delivery.objects.exclude(status="delivered").exists()
        or Document.objects.filter(pdf=None).exists()
        or Message.objects.filter(channel="email", status="waiting").exists()
    )


def received_by(platform: str) -> list[str]:
    status, answer = answered(f"{platform}:8010", "/v1/received")
    assert status == 200
    return [message["payload"]["case_number"] for message in json.loads(answer)["messages"]]


def run_on(machines: Machines, command: str) -> int:
    """A command of manage.py beside a web process; its exit code."""
    words = [*machines.net.on("web2"), sys.executable, "manage.py", command]
    return subprocess.run(
        words, env=machines.environment, cwd=ROOT, check=False, capture_output=True
    ).returncode
