"""Public pages from a streaming replica: while it follows, and for nobody who could miss what was just written."""

import itertools
import json
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.utils import timezone

from applications.records.models import DishonestyRecord
from tests.fixtures import make_record
from tests.scaling.processes import answered, portal, wait_for
from tests.scaling.standby import standby
from tests.sharing_sandbox.process import free_port

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

SEARCH = "/search/?q=91350100M000100Y43"
NUMBER = "宁市监处罚〔2026〕15号"
RECORDS = "records_dishonestyrecord"


class Site:
    """The portal with a replica."""

    def __init__(self, port: int, replica) -> None:
        self.host, self.replica = f"127.0.0.1:{port}", replica
        self.visitors = itertools.count(1)

    def ask(self, path: str = SEARCH, **how) -> str:
        """The page, for a visitor of an address that nobody else has."""
        headers = {"X-Forwarded-For": f"2001:db8:0:{next(self.visitors):x}::1", **how.pop("headers", {})}
        status, page = answered(self.host, path, headers=headers, **how)
        assert status == 200, page
        return page

    def asked_replica(self, **how) -> bool:
        """Whether answering took a question to the replica."""
        before = self.replica.times_asked(RECORDS)
        self.ask(**how)
        return self.replica.times_asked(RECORDS) > before

    def wait_for_replica(self) -> None:
        wait_for(self.asked_replica, lambda: f"{self.state()}\n{self.replica.server.words()[-4000:]}")

    def state(self) -> str:
        return json.loads(answered(self.host, "/healthz/")[1])["replica"]


@pytest.fixture
def record(acme, market_bureau) -> DishonestyRecord:
    record = make_record(acme, market_bureau, decided_on=date(2026, 5, 1))
    DishonestyRecord.objects.update(publicity_until=date(2099, 1, 1))
    return record


@pytest.fixture
def site(record, tmp_path):
    with standby() as replica, portal(port := free_port(), tmp_path, REPLICA_URL=replica.url):
        site = Site(port, replica)
        wait_for(lambda: site.state() == "following", site.state)
        yield site


def test_a_page_of_the_public_comes_from_the_replica_and_nothing_of_who_may_have_changed_something(site):
    site.wait_for_replica()
    assert NUMBER in site.ask()
    for cookie in ("sessionid=1234567890abcdef", "changed=1"):
        assert not site.asked_replica(headers={"Cookie": cookie})
    # A visitor who posts, and the form's own protection.
    token = "csrftoken=" + "a" * 32
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": token}
    assert not site.asked_replica(
        method="POST",
        path="/search/",
        body=f"q=91350100M000100Y43&csrfmiddlewaretoken={'a' * 32}",
        headers=form,
    )
    site.wait_for_replica()


@pytest.mark.parametrize(
    ("late", "in_time"),
    [
        (["SELECT pg_wal_replay_pause()"], ["SELECT pg_wal_replay_resume()"]),
        (
            ["ALTER SYSTEM SET recovery_min_apply_delay = '60s'", "SELECT pg_reload_conf()"],
            ["ALTER SYSTEM RESET recovery_min_apply_delay", "SELECT pg_reload_conf()"],
        ),
    ],
    ids=["stands still", "a minute behind"],
)
def test_what_is_withdrawn_is_gone_within_a_minute_however_late_the_replica_is(site, late, in_time):
    site.wait_for_replica()
    for statement in late:
        site.replica.run(statement)
    DishonestyRecord.objects.update(
        publicity=DishonestyRecord.Publicity.WITHDRAWN, publicity_ended_at=timezone.now()
    )
    wait_for(lambda: NUMBER not in site.ask(), seconds=50)
    assert site.state() == "behind"
    assert not site.asked_replica()
    for statement in in_time:
        site.replica.run(statement)
    site.wait_for_replica()
    assert NUMBER not in site.ask()
    assert site.state() == "following"


def test_pages_are_answered_while_the_replicas_processes_are_frozen(site):
    """A line to them stays open, and takes questions in."""
    site.wait_for_replica()
    with site.replica.frozen(), ThreadPoolExecutor(4) as visitors:
        asked = [visitors.submit(site.ask) for _ in range(20)]
        pages = [page.result(timeout=60) for page in asked]
        assert all(NUMBER in page for page in pages)
        assert site.state() == "away"
    site.wait_for_replica()
    # A process that was not asked meanwhile leaves it alone for some seconds more.
    wait_for(lambda: site.state() == "following", site.state)


def test_no_request_fails_when_the_replica_is_killed(site):
    site.wait_for_replica()
    killed = False

    def visit(_number: int) -> bool:
        return NUMBER in site.ask()

    with ThreadPoolExecutor(4) as visitors:
        pages = visitors.map(visit, range(100))
        for number, page in enumerate(pages):
            assert page
            if number > 20 and not killed:
                site.replica.server.end(signal.SIGKILL)
                killed = True
    assert site.state() == "away"
    assert NUMBER in site.ask()
