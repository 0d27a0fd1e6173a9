"""Uploads that wait for their form or their confirmation: where, how long, how many, and for whom."""

import os
from pathlib import Path

import pytest
import time_machine
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

from applications import at_rest
from applications.files import pending, renewing
from applications.files.inspection import Inspected
from applications.files.tasks import remove_old_pending_uploads
from tests.files.test_uploads import make_pdf
from tests.fixtures import moment

LICENCE = Inspected("执照.pdf", "营业执照".encode() * 1000, "application/pdf", 2)
BEGIN = moment("2026-11-24 09:00")


@pytest.fixture
def waiting(settings):
    """What lies on the disk now."""
    return lambda: sorted(each for each in Path(settings.MEDIA_ROOT, "waiting").rglob("*") if each.is_file())


def keep(user, purpose="claim-proof", upload=LICENCE):
    return pending.keep_examined([upload], user=user, purpose=purpose)


def find(token, user, purpose="claim-proof"):
    return next(iter(pending.find_examined(token, user=user, purpose=purpose)), None)


def test_it_comes_back_whole_to_who_brought_it_and_for_its_purpose_alone(alice, bob):
    token = keep(alice)
    assert find(token, alice) == LICENCE
    assert find(token, bob) is None
    assert find(token, alice, "record-import") is None
    for other in ("", "x", "令牌", token + "x"):
        assert find(other, alice) is None


def test_nothing_of_it_is_in_the_cache_and_nothing_can_be_read_on_the_disk(alice, waiting, monkeypatch):
    def never(*_arguments, **_more):
        raise AssertionError("the cache is the limits', and shares its memory with the broker")

    for method in ("set", "add", "set_many"):
        monkeypatch.setattr(LocMemCache, method, never)
    assert find(keep(alice), alice) == LICENCE
    (file,) = waiting()
    assert "营业执照".encode() not in file.read_bytes() and b"/pdf" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert cache.get("anything") is None


def test_one_waits_for_each_person_and_purpose(alice, bob, waiting):
    first, second = keep(alice), keep(alice)
    assert len(waiting()) == 1
    assert find(first, alice) is None and find(second, alice) == LICENCE
    keep(bob)
    keep(alice, "implementing-rules")
    assert len(waiting()) == 3


def test_it_is_over_after_half_an_hour_whether_or_not_a_sweep_came(alice, bob, waiting):
    with time_machine.travel(BEGIN, tick=False) as clock:
        token = keep(alice)
        clock.shift(29 * 60)
        later = keep(bob)
        assert remove_old_pending_uploads() == 0
        assert find(token, alice) == LICENCE
        clock.shift(61)
        assert find(token, alice) is None
        assert remove_old_pending_uploads() == 1
        assert len(waiting()) == 1
        assert find(later, bob) == LICENCE


def test_a_sweep_before_anything_waited_finds_nothing(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "never"
    assert remove_old_pending_uploads() == 0


def test_all_that_wait_have_one_bound_for_each_purpose(alice, bob, charlie, monkeypatch, waiting):
    monkeypatch.setattr(pending, "MAX_BYTES", 20_000)
    with time_machine.travel(BEGIN, tick=False) as clock:
        assert keep(alice)
        assert keep(bob)
        assert keep(charlie) == ""
        # Who waits already may choose another file; another purpose has its own room.
        assert keep(bob)
        assert keep(charlie, "record-import")
        clock.shift(31 * 60)
        # What is over takes nobody's place, also where no sweep runs.
        assert keep(charlie)
        assert len(waiting()) == 2


def test_where_the_disk_is_nearly_full_nothing_waits(alice, settings, waiting):
    settings.DISK_ALARM_MB = 10**9
    assert keep(alice) == ""
    assert waiting() == []


def test_where_nothing_can_be_written_the_file_has_to_come_again(alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_text("no folder")
    assert keep(alice) == ""


def test_what_somebody_changed_on_the_disk_does_not_come_back(alice, waiting):
    token = keep(alice)
    (file,) = waiting()
    file.write_bytes(file.read_bytes()[:-9] + b"tampered=")
    assert find(token, alice) is None


def test_a_whole_pdf_survives(alice):
    findings = {"seen": 3, "blank": [1], "pictures": [1, 3]}
    paper = Inspected(
        "a.pdf", make_pdf(3), "application/pdf", 3, "00ff", 9, findings, ((1, b"small"), (3, b"other"))
    )
    assert find(keep(alice, upload=paper), alice) == paper


def test_what_is_in_use_has_no_age_and_is_found_until_that_is_over(alice, bob, waiting, monkeypatch):
    users = [alice.pk]
    monkeypatch.setitem(pending._in_use, "work", lambda: users)
    with time_machine.travel(BEGIN, tick=False) as clock:
        token, other = (
            pending.keep_file([b"one", b"two"], user=each, purpose="work") for each in (alice, bob)
        )
        clock.shift(24 * 3600)
        assert remove_old_pending_uploads() == 1
        with pending.open_file(token, user=alice, purpose="work") as opened:
            opened.seek(0)
            assert opened.read() == b"onetwo"
        assert not pending.prolong(other, user=bob, purpose="work")
        # Whoever is to look at it next has the whole time.
        assert pending.prolong(token, user=alice, purpose="work")
        users.clear()
        assert remove_old_pending_uploads() == 0
        clock.shift(31 * 60)
        assert remove_old_pending_uploads() == 1 and waiting() == []


def test_what_gets_more_time_while_it_is_written_under_another_key_keeps_that(
    alice, settings, waiting, monkeypatch
):
    token = pending.keep_file([b"one"], user=alice, purpose="work")
    (kept,) = waiting()
    os.utime(kept, (1, 1))
    renewed = at_rest.renewed

    def prolonged(line):
        assert pending.prolong(token, user=alice, purpose="work")
        return renewed(line)

    monkeypatch.setattr(at_rest, "renewed", prolonged)
    settings.FIELD_KEY, settings.FIELD_KEY_OLD = "another key " * 4, [settings.FIELD_KEY]
    assert len(list(renewing._waiting(renew=True))) == 1
    assert kept.stat().st_mtime > 1
