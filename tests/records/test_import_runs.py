"""Files that a worker imports: how far it is, what it found, the word to go on, and the word to stop."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from applications.files import pending
from applications.files.tasks import remove_old_pending_uploads
from applications.records import admin_batches
from applications.records.importing.reading import Limits
from applications.records.models import DishonestyRecord, ImportBatch, ImportRun
from applications.records.services import import_records, runs
from applications.records.tasks import run_imports
from tests.records.files import as_csv, row
from tests.records.previews import FINE
from tests.records.running import IMPORT, nothing_imported, rows, upload

pytestmark = pytest.mark.usefixtures("few_rows_are_many")


def test_it_is_checked_looked_at_confirmed_and_imported(client, run):
    page = client.get(run).text
    assert "等待检查" in page and "<progress" in page and "更新进度" in page
    # Without a script there is a link.
    assert f'href="{run}"' in page

    assert run_imports() == 1
    page = client.get(run).text
    assert "新增 3 条" in page and "退回 1 条" in page and "不是处罚类别" in page
    assert "<progress" not in page and nothing_imported()

    client.post(run + "confirm/")
    assert "等待导入" in client.get(run).text and nothing_imported()
    assert run_imports() == 1
    page = client.get(run).text
    assert "已导入：新增 3 条，更新 0 条，无变化 0 条，退回 1 条。" in page
    batch = ImportBatch.objects.get()
    assert reverse("admin:records_importbatch_change", args=[batch.pk]) in page
    assert (batch.file_name, batch.imported_by.email) == (
        "市监.csv",
        ImportRun.objects.get().requested_by.email,
    )
    assert DishonestyRecord.objects.count() == 3
    # What the page showed of the file is not kept.
    assert ImportRun.objects.get().preview is None
    assert run_imports() == 0


def test_the_page_says_how_far_the_worker_is(client, run, monkeypatch):
    seen = []
    tell = runs._telling

    def telling(one, clock):
        told = tell(one, clock)

        def look(share, count):
            told(share, count)
            seen.append(client.get(run).text)

        return look

    monkeypatch.setattr(runs, "_telling", telling)
    run_imports()
    assert any("正在检查：60%，已处理 4 行" in page and 'value="60"' in page for page in seen)


def test_a_file_that_waits_can_be_cancelled(client, run):
    client.post(run + "cancel/")
    assert "已取消，没有导入任何记录" in client.get(run).text
    assert run_imports() == 0 and nothing_imported()


@pytest.mark.parametrize("confirmed", [False, True])
def test_so_can_one_that_a_worker_has(client, run, market_bureau, monkeypatch, confirmed):
    if confirmed:
        run_imports()
        client.post(run + "confirm/")
    tell = runs._telling

    def telling(one, clock):
        told = tell(one, clock)

        def cancelled_at_the_end(share, count):
            if share == 1:
                client.post(run + "cancel/")
            told(share, count)

        return cancelled_at_the_end

    monkeypatch.setattr(runs, "_telling", telling)
    run_imports()
    assert "已取消，没有导入任何记录" in client.get(run).text
    assert nothing_imported()
    monkeypatch.undo()
    monkeypatch.setattr(admin_batches, "QUICK", Limits(rows=2, size=10_000_000))
    # The same file again.
    again = upload(client, market_bureau, *rows(3), row(处罚类别="打手心"))
    run_imports()
    client.post(again + "confirm/")
    run_imports()
    assert DishonestyRecord.objects.count() == 3


def test_a_file_that_is_of_no_use_says_why(client, wang, market_bureau):
    client.force_login(wang)
    broken = as_csv(*rows(3)) + '"没有结尾,'.encode()
    response = client.post(IMPORT, {"organ": market_bureau.pk, "file": SimpleUploadedFile("a.csv", broken)})
    run_imports()
    page = client.get(response.url).text
    assert "引号不成对" in page and "上传文件" in page and nothing_imported()


def test_doubtful_rows_need_the_word(client, wang, market_bureau):
    client.force_login(wang)
    run = upload(client, market_bureau, *rows(3, 处罚内容="罚款3万元，没收违法所得120元"))
    run_imports()
    page = client.get(run).text
    assert f"{FINE}：处罚内容写的是罚款30000元" in page and 'name="confirmed"' in page
    answer = client.post(run + "confirm/", follow=True).text
    assert "有 3 行需要您核对后确认（第 2、3、4 行）" in answer and 'name="confirmed"' in answer
    assert run_imports() == 0 and nothing_imported()
    client.post(run + "confirm/", {"confirmed": "on"})
    run_imports()
    assert DishonestyRecord.objects.count() == 3


def test_what_a_killed_worker_left_is_taken_up(client, run):
    run_imports()
    client.post(run + "confirm/")
    now = timezone.now()
    left = {"state": "importing", "attempts": 1}
    ImportRun.objects.update(alive_at=now - timedelta(minutes=4), **left)
    assert run_imports() == 0
    ImportRun.objects.update(alive_at=now - timedelta(minutes=6), **left)
    assert run_imports() == 1
    assert DishonestyRecord.objects.count() == 3


def test_one_that_goes_on_saying_so_is_left_to_its_worker(client, run):
    now = timezone.now()
    ImportRun.objects.update(state="checking", attempts=1, alive_at=now - timedelta(minutes=30))
    runs._telling(ImportRun.objects.get(), lambda: now - timedelta(minutes=1))
    assert run_imports() == 0


def test_what_ended_its_worker_three_times_has_failed(client, run):
    ImportRun.objects.update(state="checking", attempts=3, alive_at=timezone.now() - timedelta(hours=1))
    assert run_imports() == 0
    assert "没有导入任何记录。请重新上传文件" in client.get(run).text


def test_an_error_of_ours_is_told_and_nothing_is_imported(client, run, monkeypatch):
    from applications.notifications.models import Fault

    run_imports()
    client.post(run + "confirm/")

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "import_file", broken)
    run_imports()
    assert "已通知系统管理员" in client.get(run).text
    assert Fault.objects.get().work == "import" and nothing_imported()


def test_a_new_file_takes_the_place_of_the_one_before(client, run, market_bureau):
    upload(client, market_bureau, *rows(4))
    assert "已取消" in client.get(run).text
    assert run_imports() == 1


def test_a_file_that_waited_too_long_for_its_person_has_to_come_again(client, run, time_machine):
    """Before a round has looked, too."""
    run_imports()
    time_machine.move_to(timezone.now() + timedelta(minutes=26), tick=False)
    client.force_login(ImportRun.objects.get().requested_by)
    page = client.post(run + "confirm/", follow=True).text
    assert "没有在规定时间内确认，文件不再保留" in page
    run_imports()
    assert nothing_imported()


def test_what_waits_for_a_worker_does_so_however_long(client, run, time_machine, market_bureau, monkeypatch):
    """Checked after three hours, confirmed 24 minutes later, imported in three hours more; and no room is needed for that."""
    monkeypatch.setattr(pending, "MAX_BYTES", 0)
    for minutes, step in (
        (180, run_imports),
        (24, lambda: client.post(run + "confirm/")),
        (180, run_imports),
    ):
        time_machine.move_to(timezone.now() + timedelta(minutes=minutes), tick=False)
        client.force_login(ImportRun.objects.get().requested_by)
        assert remove_old_pending_uploads() == 0
        step()
    assert "已导入：新增" in client.get(run).text
    time_machine.move_to(timezone.now() + timedelta(minutes=31), tick=False)
    assert remove_old_pending_uploads() == 1


@pytest.mark.parametrize("state", ["checking", "importing"])
def test_so_does_what_a_worker_has_or_has_left(run, time_machine, state):
    ImportRun.objects.update(state=state)
    time_machine.move_to(timezone.now() + timedelta(hours=3), tick=False)
    assert remove_old_pending_uploads() == 0


def test_files_that_wait_for_a_worker_have_one_bound(
    client, run, time_machine, market_bureau, li, monkeypatch
):
    """However old they are, they keep their place."""
    monkeypatch.setattr(pending, "MAX_BYTES", 0)
    time_machine.move_to(timezone.now() + timedelta(hours=3), tick=False)
    assert pending.keep_file([b"x"], user=li, purpose=runs.PURPOSE) == ""
    ImportRun.objects.update(state="cancelled")
    assert pending.keep_file([b"x"], user=li, purpose=runs.PURPOSE)


def test_a_file_that_is_lost_while_it_is_checked_is_not_shown_to_be_confirmed(
    client, run, settings, monkeypatch
):
    preview_file = runs.preview_file

    def lost(**how):
        (kept,) = Path(settings.MEDIA_ROOT, "waiting").glob("*/*")
        kept.unlink()
        return preview_file(**how)

    monkeypatch.setattr(runs, "preview_file", lost)
    run_imports()
    assert "已经不在系统中。没有导入任何记录，请重新上传。" in client.get(run).text


def test_a_file_that_is_gone_has_to_come_again(client, run, settings):
    run_imports()
    client.post(run + "confirm/")
    for kept in (Path(settings.MEDIA_ROOT) / "waiting").rglob("*"):
        if kept.is_file():
            kept.unlink()
    run_imports()
    assert "已经不在系统中。没有导入任何记录，请重新上传。" in client.get(run).text and nothing_imported()


def test_of_two_that_bring_the_same_file_the_second_is_told(client, run, market_bureau):
    run_imports()
    same = as_csv(*rows(3), row(处罚类别="打手心"))
    import_records(content=same, file_name="a.csv", organ=market_bureau, at=timezone.now(), actor=None)
    client.post(run + "confirm/")
    run_imports()
    page = client.get(run).text
    assert "该文件以前导入过，没有变化。" in page and "已导入" not in page


def test_a_run_is_for_who_brought_the_file(client, run, qian, li):
    for other in (qian, li):
        client.force_login(other)
        for page in (run, run + "confirm/", run + "cancel/"):
            assert client.get(page).status_code in (403, 404)
            assert client.post(page).status_code in (403, 404)
    assert ImportRun.objects.get().state == "waiting"


def test_confirming_what_is_not_ready_does_nothing(client, run):
    page = client.post(run + "confirm/", follow=True).text
    assert "已经不在等待确认" in page
    assert ImportRun.objects.get().state == "waiting"


def test_the_waiting_file_cannot_be_read(client, run, settings):
    from pathlib import Path

    (kept,) = (Path(settings.MEDIA_ROOT) / "waiting").glob("*/*")
    assert "示例".encode() not in kept.read_bytes() and kept.stat().st_mode & 0o777 == 0o600


def test_no_number_of_a_person_is_kept_with_the_preview(client, wang, market_bureau):
    from tests.records.files import person

    client.force_login(wang)
    number = "110105194912310021"
    upload(client, market_bureau, *rows(2), person(证件号码=number, 处罚类别=f"罚款{number}"))
    run_imports()
    kept = str(ImportRun.objects.get().preview)
    assert "1101**********0021" in kept and not re.search(number, kept)
