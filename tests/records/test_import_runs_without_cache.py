"""Runs while the cache is away, or has lost what it was told: they go on, and a word to stop that was taken is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import ConnectionError as NoConnection

from applications.records.models import DishonestyRecord, ImportRun
from applications.records.services import runs
from applications.records.tasks import run_imports
from tests.records.running import nothing_imported, rows, upload
from tests.records.test_import_run_ends import CHECKED, at


class Away:
    def __init__(self) -> None:
        self.asked = 0

    def get(self, *_what, **_more):
        self.asked += 1
        raise NoConnection

    set = get


@pytest.fixture
def away(monkeypatch):
    """The cache, as runs see it."""
    cache_away = Away()
    monkeypatch.setattr(runs, "cache", cache_away)
    return cache_away


@pytest.fixture
def confirmed(client, run):
    run_imports()
    client.post(run + "confirm/")


def test_a_file_is_checked_and_imported_all_the_same(client, run, away):
    run_imports()
    client.post(run + "confirm/")
    run_imports()
    assert "已导入：新增 3 条" in client.get(run).text and DishonestyRecord.objects.count() == 3


def test_it_is_asked_again_once_a_minute(run, away):
    now = [timezone.now()]
    told = runs._telling(ImportRun.objects.get(), lambda: now[0])
    for seconds, asked in ((0, 1), (59, 1), (1, 2), (1, 2)):
        now[0] += timedelta(seconds=seconds)
        told(0.5, 1)
        assert away.asked == asked


@pytest.mark.parametrize("share", [CHECKED, 1])
def test_an_import_is_cancelled_all_the_same(client, run, confirmed, monkeypatch, away, share):
    """Also after the worker has looked for the last time."""
    at(monkeypatch, share, lambda: client.post(run + "cancel/"))
    run_imports()
    assert "已取消，没有导入任何记录" in client.get(run).text and nothing_imported()


def test_what_was_cancelled_before_its_worker_was_lost_is_not_imported_by_another(client, run, confirmed):
    ImportRun.objects.update(state="importing", attempts=1, alive_at=timezone.now() - timedelta(minutes=6))
    client.post(run + "cancel/")
    cache.clear()
    run_imports()
    assert "已取消，没有导入任何记录" in client.get(run).text and nothing_imported()


def test_nobody_takes_a_run_from_its_worker_while_nobody_knows_how_far_it_is(client, run, monkeypatch):
    ImportRun.objects.update(state="checking", attempts=1, alive_at=timezone.now() - timedelta(minutes=30))
    with monkeypatch.context() as patched:
        patched.setattr(runs, "cache", Away())
        assert "正在检查。可以离开本页" in client.get(run).text
        assert run_imports() == 0
        assert not runs.work_on(run_id=ImportRun.objects.get().pk, clock=timezone.now)
    assert run_imports() == 1


def test_another_file_takes_the_place_of_one_that_waits(client, run, market_bureau, away):
    upload(client, market_bureau, *rows(4))
    assert "已取消，没有导入任何记录。" in client.get(run).text
