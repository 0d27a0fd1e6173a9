"""Whom a limit counts, and that it counts exactly."""

import fcntl
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
import time_machine

from applications.accounts.limits import Limit, address_of, begin, clock_time
from credit_repair.cache import CountingFileCache
from tests.fixtures import moment

ROOT = Path(__file__).resolve().parents[2]
FIVE = Limit("test", times=5, seconds=900)


@pytest.mark.parametrize(
    ("connected", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
    ],
)
def test_an_address_of_version_6_counts_by_its_network(rf, connected, counted):
    assert address_of(rf.get("/", REMOTE_ADDR=connected)) == counted


def test_what_a_visitor_says_about_the_own_address_counts_behind_the_proxy_only(rf, settings):
    request = rf.get("/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="198.51.100.1, ::ffff:203.0.113.9")
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert address_of(request) == "10.0.0.2"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert address_of(request) == "203.0.113.9"


def test_a_limit_of_django_allauth_counts_the_same_visitor(client, db):
    """Twenty failures in five minutes: from twenty addresses of one network, and from none of the next."""

    def sign_in(serial, network):
        data = {"login": f"nobody{serial}@example.com", "password": "wrong"}
        return client.post("/accounts/login/", data, REMOTE_ADDR=f"2001:db8:{network}::{serial:x}")

    for serial in range(1, 21):
        assert "登录失败次数过多" not in sign_in(serial, "1").content.decode()
    assert "登录失败次数过多" in sign_in(21, "1").content.decode()
    assert "登录失败次数过多" not in sign_in(22, "2").content.decode()


def test_visitors_whose_addresses_came_wrapped_are_not_one_visitor(client, db):
    for serial in range(1, 26):
        data = {"login": f"nobody{serial}@example.com", "password": "wrong"}
        page = client.post("/accounts/login/", data, REMOTE_ADDR=f"::ffff:192.0.2.{serial}")
        assert "登录失败次数过多" not in page.content.decode()


def test_the_sixth_is_refused_until_the_window_is_over():
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        assert [begin(FIVE, "x").left for _ in range(5)] == [4, 3, 2, 1, 0]
        clock.shift(300)
        refused = begin(FIVE, "x")
        assert (refused.admitted, refused.wait, clock_time(refused.until)) == (False, 600, "09:15")
        assert begin(FIVE, "y").admitted
        clock.shift(601)
        assert begin(FIVE, "x").admitted


def test_what_is_taken_back_and_what_is_refused_count_nothing():
    first = begin(FIVE, "x")
    for _ in range(4):
        begin(FIVE, "x")
    for _ in range(10):
        assert not begin(FIVE, "x").admitted
    first.take_back()
    assert begin(FIVE, "x").admitted
    assert not begin(FIVE, "x").admitted


def test_a_try_refused_for_one_thing_counts_for_no_other():
    for _ in range(5):
        begin(FIVE, "address")
    for _ in range(9):
        assert not begin(FIVE, "case", "address").admitted
    assert begin(FIVE, "case").left == 4


def admitted_in_four_processes(**environment) -> tuple[int, int, int]:
    """What the portal's limit of 100 and allauth's of 5 let through, and a number counted up 4 × 60 times."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CACHE_URL")}
    command = [sys.executable, "-m", "tests.accounts.counting", "60"]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=kept | environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    printed = [process.communicate(timeout=240)[0].split()[-3:] for process in running]
    ours, theirs, counted = zip(*(map(int, line) for line in printed), strict=True)
    return sum(ours), sum(theirs), max(counted)


def test_several_processes_count_exactly_in_the_embedded_cache(tmp_path):
    """Django's own cache of files forgets some of these."""
    assert admitted_in_four_processes(DATA_DIR=str(tmp_path)) == (100, 5, 240)


@pytest.mark.server
def test_several_processes_count_exactly_in_redis(tmp_path):
    url = os.environ["BROKER_URL"]
    server = redis.Redis.from_url(url)
    keys = set(server.keys())
    try:
        assert admitted_in_four_processes(DATA_DIR=str(tmp_path), CACHE_URL=url) == (100, 5, 240)
    finally:
        for key in set(server.keys()) - keys:
            server.delete(key)


def test_counting_up_leaves_the_end_of_a_key_where_it_is(tmp_path):
    cache = CountingFileCache(str(tmp_path), {})
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        cache.set("key", 1, 900)
        clock.shift(800)
        assert cache.incr("key") == 2
        assert cache.decr("key", 2) == 0
        clock.shift(101)
        with pytest.raises(ValueError, match="not found"):
            cache.incr("key")
        with pytest.raises(ValueError, match="not found"):
            cache.incr("never")


def test_a_full_cache_drops_what_is_over_and_nothing_else(tmp_path):
    cache = CountingFileCache(str(tmp_path), {"OPTIONS": {"MAX_ENTRIES": 40}})
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        for serial in range(20):
            cache.set(f"short{serial}", 1, 10)
            cache.set(f"long{serial}", 1, 900)
        clock.shift(61)
        cache.set("one-more", 1, 900)
        assert all(cache.get(f"long{serial}") == 1 for serial in range(20))
        assert len(list(tmp_path.glob("*.djcache"))) == 21


def test_a_full_cache_is_looked_through_once_a_minute(tmp_path, monkeypatch):
    cache = CountingFileCache(str(tmp_path), {"OPTIONS": {"MAX_ENTRIES": 5}})
    looked = []
    monkeypatch.setattr(cache, "_list_cache_files", lambda: looked.append(1) or [])
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        for serial in range(50):
            cache.set(f"key{serial}", 1, 10)
        assert len(looked) == 1
        clock.shift(61)
        cache.set("key", 1, 10)
        assert len(looked) == 2


def test_a_reader_of_the_embedded_cache_waits_for_no_writer(tmp_path):
    """Each lock is held by somebody else, as by a process that stands still in the middle of its writing."""
    cache = CountingFileCache(str(tmp_path), {})
    cache.set("key", "value", 900)
    with ExitStack() as held:
        for digits in range(256):
            lock = held.enter_context(open(tmp_path / f"{digits:02x}.lock", "ab"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        answer = []
        reader = threading.Thread(
            target=lambda: answer.extend([cache.get("key"), cache.has_key("key"), cache.add("key", 1)]),
            daemon=True,
        )
        reader.start()
        reader.join(timeout=60)
        assert answer == ["value", True, False]


def test_what_is_over_is_gone_and_may_come_anew(tmp_path):
    cache = CountingFileCache(str(tmp_path), {})
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        assert cache.add("key", 1, 60)
        assert cache.touch("key", 600)
        clock.shift(61)
        assert cache.get("key") == 1 and not cache.add("key", 2, 60)
        clock.shift(600)
        assert cache.get("key", "none") == "none" and not cache.has_key("key") and not cache.touch("key")
        assert cache.add("key", 3, 60) and cache.get("key") == 3
        assert cache.delete("key") and not cache.delete("key")
