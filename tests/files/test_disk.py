"""A disk that is full: no partial file stays, the page says what was kept, and the health check says so."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse

from applications.deadlines.services import sweep_deadlines
from applications.files.examining import PDF
from applications.files.inspection import Inspected
from applications.files.models import StoredFile
from applications.files.responses import file_response
from applications.files.services import store_content, store_upload, storing
from applications.files.storage import StorageFull
from applications.repairs.models import Material
from tests.fixtures import moment
from tests.repairs.steps import pdf, prepared

NOW = moment("2026-11-20 10:00")


@pytest.fixture
def small_disk(settings, tmp_path):
    """MEDIA_ROOT on a disk of its own of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if not mount or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("missing: the right to mount a tmpfs (root)")
    settings.MEDIA_ROOT = folder
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def paper(size: int) -> Inspected:
    return Inspected("营业执照.pdf", os.urandom(size), PDF, pages=1)


def test_a_file_that_finds_no_room_leaves_nothing(small_disk, alice):
    kept = store_upload(upload=paper(100_000), user=alice, at=NOW)
    with pytest.raises(ValidationError) as refused:
        store_upload(upload=paper(200_000), user=alice, at=NOW)
    assert refused.value.messages == [
        "“营业执照.pdf”没有保存：系统的存储空间已满。您以前保存的内容和文件都还在，请过一段时间再上传这个文件，或到窗口办理。"
    ]
    assert files_in(small_disk) == [Path(kept.file.path)]
    assert StoredFile.objects.get() == kept
    assert len(kept.file.read()) == 100_000
    # What fits is still taken.
    assert store_upload(upload=paper(50_000), user=alice, at=NOW)


def test_what_the_portal_makes_itself_leaves_nothing_either(small_disk, db):
    with pytest.raises(StorageFull):
        store_content(name="a.pdf", content=bytes(500_000), content_type=PDF, at=NOW)
    assert files_in(small_disk) == []


def test_the_page_says_what_was_not_saved_and_shows_what_was(
    client, small_disk, alice, general_record, market_bureau
):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    free = shutil.disk_usage(small_disk).free
    (small_disk / "ballast").write_bytes(bytes(free - 8192))
    before = set(files_in(small_disk))
    url = reverse("repairs:files", args=[case.number, "other"])
    page = client.post(
        url, {"uploads": [pdf("小.pdf"), SimpleUploadedFile("大.jpg", picture())]}
    ).content.decode()
    assert "“大.jpg”没有保存：系统的存储空间已满" in page
    assert Material.objects.filter(case=case, kind="other").get().file.name == "小.pdf"
    assert "小.pdf" in page
    assert len(set(files_in(small_disk)) - before) == 1


def picture() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.frombytes("RGB", (300, 200), os.urandom(180_000)).save(out, "JPEG")
    return out.getvalue()


def test_a_transaction_that_fails_takes_its_files_with_it(alice, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "own"
    with pytest.raises(ZeroDivisionError), storing():
        store_upload(upload=paper(1000), user=alice, at=NOW)
        with storing():
            store_upload(upload=paper(1000), user=alice, at=NOW)
        raise ZeroDivisionError
    assert files_in(tmp_path / "own") == []
    assert not StoredFile.objects.exists()


def test_a_full_disk_elsewhere_has_a_page_of_its_own(client, monkeypatch, alice):
    """The database or the folder of temporary files: nothing was saved, and the page says so."""
    client.raise_request_exception = False
    client.force_login(alice)
    for error in (OSError(28, "No space left on device"), OperationalError("database or disk is full")):

        def full(*_arguments, error=error, **_more):
            raise error

        monkeypatch.setattr("applications.subjects.views.claims.claims_of", full)
        answer = client.get("/subjects/")
        assert answer.status_code == 507
        assert "系统的存储空间已满" in answer.content.decode()
        assert "以前保存的草稿、文件和申请都还在" in answer.content.decode()


def test_the_health_check_fails_before_the_disk_is_full(client, db, time_machine, settings, caplog):
    time_machine.move_to(NOW, tick=False)
    sweep_deadlines(at=moment("2026-11-20 09:58"))
    healthy = client.get("/healthz/")
    assert (healthy.status_code, healthy.json()["status"]) == (200, "ok")
    settings.DISK_ALARM_MB = healthy.json()["disk_free_mb"] + 100_000
    failing = client.get("/healthz/")
    assert (failing.status_code, failing.json()["status"]) == (503, "failing")
    assert "nearly full" in caplog.text


def test_a_stored_file_whose_bytes_are_gone_is_said_to_be_gone(alice, caplog):
    stored = store_upload(upload=paper(100), user=alice, at=NOW)
    Path(stored.file.path).unlink()
    answer = file_response(stored, inline=True)
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "“营业执照.pdf”登记在案，但在存储中找不到它的内容" in page
    assert str(stored.pk) in caplog.text
