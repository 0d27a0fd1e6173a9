"""How runs end: by their worker, by who brought the file, by another file, by time; each end once, and told truly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from applications.files.tasks import remove_old_pending_uploads
from applications.ledger.locking import LedgerBusy
from applications.notifications import faults
from applications.notifications.models import Fault
from applications.records.models import DishonestyRecord, ImportBatch, ImportRun
from applications.records.services import import_records, imports, runs
from applications.records.services.previews import preview_file
from applications.records.tasks import run_imports
from tests.records.files import as_csv
from tests.records.running import IMPORT, nothing_imported, rows, upload

NOW = timezone.now
# The share of the work after which an import begins its transaction.
CHECKED = runs._CHECKED


def at(monkeypatch, share: float, act) -> None:
    """Have something happen when a worker has done so much."""
    tell = runs._telling

    def telling(one, clock):
        told = tell(one, clock)

        def look(done, count):
            told(done, count)
            if done == share:
                act()

        return look

    monkeypatch.setattr(runs, "_telling", telling)


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_what_has_ended_is_not_imported_after_all(client, run, monkeypatch, ended):
    """Others took the worker for dead."""
    run_imports()
    client.post(run + "confirm/")
    at(monkeypatch, CHECKED, lambda: ImportRun.objects.update(state=ended, said="先前的结果"))
    run_imports()
    assert "先前的结果" in client.get(run).text and nothing_imported()


def test_one_that_is_cancelled_at_its_last_row_does_not_wait_to_be_confirmed(client, run, monkeypatch):
    at(monkeypatch, 1, lambda: client.post(run + "cancel/"))
    run_imports()
    assert "已取消，没有导入任何记录" in client.get(run).text
    assert ImportRun.objects.get().state == "cancelled"


def test_cancelling_promises_nothing_of_what_is_done(client, run):
    run_imports()
    client.post(run + "confirm/")
    run_imports()
    page = client.post(run + "cancel/", follow=True).text
    assert "已请求取消；已经导入完的不再取消。" in page and "已导入：新增 3 条" in page


def test_a_worker_leaves_a_run_to_the_one_that_was_heard(client, run):
    now = NOW()
    ImportRun.objects.update(state="checking", attempts=1, alive_at=now - timedelta(minutes=30))
    one = ImportRun.objects.get()
    runs._telling(one, lambda: now - timedelta(minutes=4))
    assert not runs.work_on(run_id=one.pk, clock=lambda: now)
    assert ImportRun.objects.get().attempts == 1
    runs._telling(one, lambda: now - timedelta(minutes=6))
    assert runs.work_on(run_id=one.pk, clock=lambda: now)
    assert ImportRun.objects.get().state == "ready"


def test_where_others_write_the_archive_the_next_round_imports(client, run, monkeypatch, time_machine):
    changed = rows(3, 备注="更正")
    run_imports()
    client.post(run + "confirm/")
    run_imports()
    one = ImportRun.objects.get()
    second = upload(client, one.organ, *changed)
    run_imports()
    client.post(second + "confirm/")
    lock = imports.lock_ledger

    def busy(seconds):
        raise LedgerBusy

    for _round in range(4):
        # For longer than an upload is kept.
        time_machine.move_to(timezone.now() + timedelta(minutes=12), tick=False)
        assert remove_old_pending_uploads() == 0
        client.force_login(one.requested_by)
        monkeypatch.setattr(imports, "lock_ledger", busy)
        run_imports()
        assert "等待导入" in client.get(second).text
        assert not DishonestyRecord.objects.filter(remarks="更正").exists()
    monkeypatch.setattr(imports, "lock_ledger", lock)
    run_imports()
    assert DishonestyRecord.objects.filter(remarks="更正").count() == 3


def test_what_nobody_confirms_ends_with_its_file(client, run, time_machine):
    one = ImportRun.objects.get()
    # Checked ten minutes after it came.
    begun = timezone.localtime(one.requested_at) + timedelta(minutes=10)
    time_machine.move_to(begun, tick=False)
    client.force_login(one.requested_by)
    run_imports()
    until = begun + timedelta(minutes=25)
    assert f"请在 {until:%Y年}{until.month}月{until.day}日 {until:%H:%M} 前确认" in client.get(run).text
    time_machine.move_to(until + timedelta(seconds=1), tick=False)
    assert run_imports() == 0
    client.force_login(one.requested_by)
    assert "没有在规定时间内确认，文件不再保留。没有导入任何记录，请重新上传。" in client.get(run).text
    assert ImportRun.objects.get().preview is None


def to_import(client, run, monkeypatch, import_file) -> None:
    run_imports()
    client.post(run + "confirm/")
    monkeypatch.setattr(runs, "import_file", import_file)


@pytest.mark.parametrize("ended", [SoftTimeLimitExceeded, SystemExit])
def test_what_the_end_of_its_round_interrupts_is_taken_up_again(
    client, run, monkeypatch, time_machine, ended
):
    import_file = runs.import_file

    def over(**how):
        import_file(**how)
        raise ended

    to_import(client, run, monkeypatch, over)
    with pytest.raises(ended):
        run_imports()
    assert "正在导入" in client.get(run).text and nothing_imported() and not Fault.objects.exists()
    monkeypatch.setattr(runs, "import_file", import_file)
    time_machine.move_to(NOW() + timedelta(minutes=6), tick=False)
    client.force_login(ImportRun.objects.get().requested_by)
    run_imports()
    assert "已导入：新增 3 条" in client.get(run).text


def test_what_is_interrupted_so_three_times_has_failed(client, run, monkeypatch, time_machine):
    def over(**how):
        raise SoftTimeLimitExceeded

    to_import(client, run, monkeypatch, over)
    for _round in range(runs.MAX_ATTEMPTS):
        with pytest.raises(SoftTimeLimitExceeded):
            run_imports()
        time_machine.move_to(NOW() + timedelta(minutes=6), tick=False)
    assert run_imports() == 0
    client.force_login(ImportRun.objects.get().requested_by)
    assert "系统多次中断，没有导入任何记录。请重新上传文件。" in client.get(run).text


def test_a_round_takes_no_other_file_after_half_of_its_time(
    client, run, market_bureau, li, monkeypatch, time_machine
):
    for minutes, done in ((29, 2), (31, 1)):
        ImportRun.objects.update(state="cancelled")
        for actor in (ImportRun.objects.earliest("pk").requested_by, li):
            runs.begin(
                content=[as_csv(*rows(3))], file_name="a.csv", organ=market_bureau, actor=actor, at=NOW()
            )

        def long(minutes=minutes, **how):
            time_machine.move_to(NOW() + timedelta(minutes=minutes), tick=False)
            return preview_file(**how)

        monkeypatch.setattr(runs, "preview_file", long)
        assert run_imports() == done
    monkeypatch.setattr(runs, "preview_file", preview_file)
    # The next round has it.
    assert run_imports() == 1


def test_a_page_says_that_administrators_were_told_only_when_they_are(client, run, monkeypatch):
    """Where they cannot be, it is taken up again."""

    def broken(**how):
        raise ZeroDivisionError

    to_import(client, run, monkeypatch, broken)
    monkeypatch.setattr(faults, "notify", broken)
    run_imports()
    assert "正在导入" in client.get(run).text and not Fault.objects.exists()


LIST = reverse("admin:records_importbatch_changelist")


def said_of_it(client, run) -> list[bool]:
    """Whether the form and the list lead back to the run."""
    return [f'href="{run}"' in client.get(page).text for page in (IMPORT, LIST)]


def test_form_and_list_lead_back_to_what_is_under_way(client, run, qian):
    for _step in ("waiting", "ready"):
        assert said_of_it(client, run) == [True, True]
        run_imports()
    assert "市监.csv</a>（南京市市场监督管理局）：等待确认。" in client.get(LIST).text
    client.post(run + "confirm/")
    assert said_of_it(client, run) == [True, True]
    run_imports()
    # The list has the batch.
    assert said_of_it(client, run) == [False, False]


def test_and_to_what_came_to_nothing_until_something_is_imported(client, run, market_bureau, monkeypatch):
    why = "系统多次中断，没有导入任何记录。请重新上传文件。"
    ImportRun.objects.update(state="failed", said=why, finished_at=NOW() - timedelta(days=1))
    assert said_of_it(client, run) == [True, True]
    assert why in client.get(LIST).text
    import_records(content=as_csv(*rows(1)), file_name="a.csv", organ=market_bureau, at=NOW(),
                   actor=ImportRun.objects.get().requested_by)  # fmt: skip
    assert said_of_it(client, run) == [False, False]


def test_nobody_is_led_back_to_what_he_cancelled_nor_to_that_of_others(client, run, li):
    ImportRun.objects.update(state="ready", preview={})
    client.force_login(li)
    assert f'href="{run}"' not in client.get(LIST).text
    client.force_login(ImportRun.objects.get().requested_by)
    client.post(run + "cancel/")
    assert said_of_it(client, run) == [False, False]


@pytest.mark.parametrize("state", ["confirmed", "importing"])
def test_no_other_file_before_the_confirmed_one_is_imported(client, run, market_bureau, state):
    run_imports()
    client.post(run + "confirm/")
    ImportRun.objects.update(state=state, alive_at=NOW())
    file = SimpleUploadedFile("另一个.csv", as_csv(*rows(4)))
    page = client.post(IMPORT, {"organ": market_bureau.pk, "file": file})
    assert "您已确认的“市监.csv”还没有导入完" in page.text
    ImportRun.objects.update(state="confirmed")
    run_imports()
    assert DishonestyRecord.objects.count() == 3 and ImportBatch.objects.get().file_name == "市监.csv"


@pytest.mark.parametrize("state", ["waiting", "checking", "ready"])
def test_another_file_ends_what_was_not_confirmed(client, run, market_bureau, state):
    if state == "ready":
        run_imports()
    else:
        ImportRun.objects.update(state=state, alive_at=NOW())
    upload(client, market_bureau, *rows(4))
    assert "已取消，没有导入任何记录。" in client.get(run).text
    assert run_imports() == 1
