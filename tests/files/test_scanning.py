"""What becomes of an upload where a virus scanner is configured, whatever that answers or does not."""

import os
from datetime import timedelta

import pytest
from django.core.management import call_command

from applications.files.clamd import Away, threat_in
from applications.files.examining import PDF
from applications.files.inspection import Inspected
from applications.files.models import StoredFile, VirusScan
from applications.files.responses import file_response
from applications.files.scanning import is_withheld, put_older_in_line, scan_uploads, standing_of
from applications.files.services import store_content, store_upload
from applications.files.viewing import upload_response, viewer_page
from credit_repair.schedule import BEAT
from tests.files import scanners
from tests.fixtures import TODAY

NOWHERE = "127.0.0.1:9"


@pytest.fixture(autouse=True)
def alone(settings):
    # The test's own transaction is nobody's to wait for.
    settings.ALLOW_OUTBOUND_IN_TRANSACTION = True
    settings.CLAMD_ADDRESS = NOWHERE


def upload(user, *, infected: bool = False, at=TODAY) -> StoredFile:
    content = scanners.paper(infected=infected)
    return store_upload(upload=Inspected("凭证.pdf", content, PDF, 1), user=user, at=at)


def again(file: StoredFile) -> StoredFile:
    return StoredFile.objects.get(pk=file.pk)


def words(file: StoredFile, at=TODAY) -> str:
    standing = standing_of(again(file), at)
    assert standing is not None
    return standing.words


def test_a_good_file_passes(alice, settings):
    file = upload(alice)
    assert words(file) == "检查中"
    with scanners.clamd() as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        assert scan_uploads(at=TODAY) == {"clean": 1}
        assert clamd.seen == [scanners.paper()]
    assert words(file) == "通过"
    assert again(file).scan.scanned_at >= TODAY
    assert not is_withheld(again(file))


def test_a_large_file_arrives_whole(settings):
    content = os.urandom(700_001)
    with scanners.clamd() as clamd:
        assert threat_in(content, clamd.address) == ""
        assert clamd.seen == [content]


def test_an_infected_file_is_named_and_opened_to_nobody(alice, settings, rf):
    file = upload(alice, infected=True)
    with scanners.clamd() as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        assert scan_uploads(at=TODAY) == {"infected": 1}
    standing = standing_of(again(file), TODAY)
    assert standing.words == "发现病毒" and scanners.NAME in standing.more and "已隔离" in standing.more
    for answer in (
        file_response(again(file)),
        viewer_page(rf.get("/"), again(file), label="凭证"),
        upload_response(rf.get("/"), again(file), label="凭证"),
    ):
        assert answer.status_code == 403
        assert "在“凭证.pdf”中发现病毒" in answer.content.decode()
    # It is kept all the same.
    assert again(file).file.read() == scanners.paper(infected=True)


def test_a_scanner_that_is_down_is_said_to_be_and_asked_again(alice, settings):
    file = upload(alice)
    assert scan_uploads(at=TODAY) == {"waiting": 1}
    assert words(file) == "无法检查"
    assert "自动再试" in standing_of(again(file), TODAY).more
    with scanners.clamd() as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        assert scan_uploads(at=TODAY + timedelta(seconds=30)) == {}
        assert scan_uploads(at=TODAY + timedelta(minutes=2)) == {"clean": 1}
    assert words(file) == "通过"


def test_one_that_is_down_is_not_asked_for_each_file(alice, monkeypatch):
    asked = []

    def away(content, address):
        asked.append(address)
        raise Away("down")

    monkeypatch.setattr("applications.files.clamd.threat_in", away)
    for _ in range(5):
        upload(alice)
    scan_uploads(at=TODAY)
    assert len(asked) == 1


def test_one_that_hangs_up_is_down(alice, settings):
    file = upload(alice)
    with scanners.clamd("") as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        scan_uploads(at=TODAY)
    assert words(file) == "无法检查"


def test_what_the_scanner_cannot_say_of_one_file_stops_no_other(alice, settings):
    strange, good = upload(alice, at=TODAY - timedelta(seconds=1)), upload(alice)
    with scanners.clamd("stream: Heuristics.Limits.Exceeded ERROR") as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        assert scan_uploads(at=TODAY) == {"waiting": 1, "clean": 1}
    assert (words(strange), words(good)) == ("无法检查", "通过")
    assert "Limits" in again(strange).scan.last_error


def test_what_is_not_tried_any_more_says_so(alice, monkeypatch):
    file = upload(alice)
    monkeypatch.setattr(VirusScan, "MAX_ATTEMPTS", 1)
    assert scan_uploads(at=TODAY) == {"failed": 1}
    assert words(file) == "无法检查" and "系统不再重试" in standing_of(again(file), TODAY).more
    assert put_older_in_line(at=TODAY) == 1 and words(file) == "检查中"


def test_nobody_is_told_for_long_that_the_scanner_is_at_it(alice):
    file = upload(alice)
    assert words(file, TODAY + timedelta(minutes=10)) == "检查中"
    assert words(file, TODAY + timedelta(minutes=11)) == "无法检查"


def test_officers_see_pages_of_what_has_not_passed_and_not_the_file(alice, rf, settings):
    file = upload(alice)
    page = upload_response(rf.get("/"), again(file), label="凭证").content.decode()
    assert "data:image/jpeg;base64," in page
    assert "还没有通过病毒检查，只能在这里按页查看" in page and "打开原文件" not in page
    VirusScan.objects.update(status=VirusScan.CLEAN)
    answer = upload_response(rf.get("/"), again(file), label="凭证")
    assert answer["Content-Type"] == PDF and b"".join(answer.streaming_content) == scanners.paper()


def test_without_a_scanner_nothing_waits_and_nothing_is_said(alice, settings, rf):
    settings.CLAMD_ADDRESS = ""
    file = upload(alice)
    assert not VirusScan.objects.exists() and scan_uploads(at=TODAY) == {}
    assert standing_of(again(file), TODAY) is None and not is_withheld(again(file))


def test_what_came_before_there_was_a_scanner_is_said_not_to_be_checked_until_it_is(alice, settings):
    settings.CLAMD_ADDRESS = ""
    before = upload(alice)
    letter = store_content(name="决定书.pdf", content=scanners.paper(), content_type=PDF, at=TODAY)
    with scanners.clamd() as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        assert words(before) == "没有检查"
        assert scan_uploads(at=TODAY) == {}
        assert put_older_in_line(at=TODAY) == 2
        assert scan_uploads(at=TODAY) == {"clean": 2}
    assert words(before) == words(letter) == "通过"


def test_the_command_says_what_came_of_it(alice, settings, capsys):
    upload(alice)
    upload(alice, infected=True)
    with scanners.clamd() as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        call_command("scan_uploads")
    assert capsys.readouterr().out.startswith(
        "通过 1 个，发现病毒 1 个，稍后重试 0 个，无法检查 0 个；等待检查共 0 个。"
    )


def test_beat_asks_again_every_minute():
    assert BEAT["scan-uploads"] == {"task": "applications.files.tasks.scan_uploads", "schedule": 60}


@pytest.mark.scanner
class TestClamav:
    """Debian's clamd, with one signature of its own."""

    @pytest.fixture(autouse=True)
    def real(self, settings):
        settings.CLAMD_ADDRESS = os.environ["TEST_CLAMD_ADDRESS"]

    def test_it_passes_a_paper_and_finds_what_is_hidden_in_one(self, alice):
        good, bad = upload(alice), upload(alice, infected=True)
        assert scan_uploads(at=TODAY) == {"clean": 1, "infected": 1}
        assert (words(good), words(bad)) == ("通过", "发现病毒")
        assert scanners.NAME in again(bad).scan.threat

    def test_a_file_of_the_largest_size_is_taken(self, settings):
        assert threat_in(b"%PDF-1.4 " + os.urandom(10 * 1024 * 1024), settings.CLAMD_ADDRESS) == ""
