"""What examining a stranger's file may cost, and that whoever exceeds it is ended and refused."""

import io
import json
import random
import re
import sys

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from applications.files import bounded
from applications.files.inspection import MAX_BYTES, inspect, inspected
from tests.files.hostile import HOSTILE, TAKEN
from tests.files.hostile_papers import links_to
from tests.files.hostile_pictures import png
from tests.files.measuring import measured
from tests.files.test_uploads import make_image, make_pdf

HERE = "tests.files.tasks:"


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_upload_is_within_the_budget_or_refused(case):
    name, make, word = HOSTILE[case]
    content = make()
    assert len(content) <= 10 * 1024 * 1024
    if word == TAKEN:
        with measured() as cost:
            assert inspect(name, content).pages == 1
        cost.assert_within_limits()
        return
    with measured() as cost, pytest.raises(ValidationError) as refused:
        inspect(name, content)
    cost.assert_within_limits()
    (said,) = refused.value.messages
    assert said.startswith(f"“{name}”")
    assert word in said
    assert re.search("请.*(上传|检查)", said), "the remedy"


def test_there_are_many():
    assert len(HOSTILE) >= 60


def test_the_answer_comes_back():
    with bounded.run(HERE + "answer", b"file", "a", "b") as answer:
        assert answer.read() == b"fileab"


def test_a_child_that_stands_still_is_killed(monkeypatch):
    monkeypatch.setattr(bounded, "WALL_SECONDS", 1)
    with pytest.raises(bounded.OverBudget):
        bounded.run(HERE + "stand_still", b"")


def test_a_child_that_computes_on_and_on_is_killed(monkeypatch):
    monkeypatch.setattr(bounded, "CPU_SECONDS", 0.3)
    with pytest.raises(bounded.OverBudget):
        bounded.run(HERE + "compute", b"")


@pytest.mark.parametrize("task", ["eat", "write", "break_down"])
def test_a_child_that_takes_too_much_is_ended(task):
    with pytest.raises(bounded.OverBudget):
        bounded.run(HERE + task, b"")


@pytest.mark.parametrize("task", ["be_killed", "have_a_fault", "no_such_task"])
def test_what_is_not_the_files_fault_is_told_apart_and_logged(task, caplog):
    with pytest.raises(bounded.NotExamined):
        bounded.run(HERE + task, b"")
    assert task in caplog.text


def test_what_children_compute_is_counted(monkeypatch):
    with bounded.metered() as meter:
        bounded.run(HERE + "answer", b"").close()
        assert 0 < meter.seconds < bounded.CPU_SECONDS
        before = meter.seconds
        monkeypatch.setattr(bounded, "CPU_SECONDS", 0.3)
        with pytest.raises(bounded.OverBudget):
            bounded.run(HERE + "compute", b"")
        # What ends a child and what its account says are counted by two clocks of the kernel, some ticks apart.
        assert meter.seconds - before >= 0.15


def test_whoever_has_no_turn_is_told_so_and_does_not_wait_on_and_on(monkeypatch):
    monkeypatch.setattr(bounded, "TURN_SECONDS", 0.01)
    with bounded._turn, bounded.metered() as meter:
        with pytest.raises(ValidationError, match=r"“a\.pdf”暂时无法检查，没有保存。请稍后重新上传"):
            inspect("a.pdf", make_pdf())
        assert meter.seconds == bounded.CPU_SECONDS
    assert inspect("a.pdf", make_pdf()).pages == 1


def test_a_child_knows_no_secret_and_no_database(db, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "a secret")
    with bounded.run(HERE + "tell_what_you_know", b"") as answer:
        known = json.loads(answer.read())
    assert {each.partition("=")[0] for each in known["environment"].split("\0")} - {""} <= {"LANG", "PATH"}
    others = [each for each in known["files"] if not each.startswith(("/memfd:", "/dev/null", "/proc/"))]
    assert others == []


def test_nobody_waits_in_a_transaction_for_an_examination(db):
    with transaction.atomic(), pytest.raises(RuntimeError, match="before the transaction begins"):
        inspected(SimpleUploadedFile("a.pdf", make_pdf()))


def test_where_no_process_can_be_started_the_file_is_not_blamed(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ValidationError, match="”暂时无法检查，没有保存。请稍后重新上传"):
        inspect("a.pdf", make_pdf())


# -- What honest people bring is taken


def test_a_link_to_a_web_page_or_a_mail_address_is_taken():
    for address in ("https://www.gov.cn/", "mailto:a@example.com", "tel:025-12345678", "www.gov.cn/zhengce"):
        assert inspect("a.pdf", links_to(address)()).pages == 1


def test_an_opening_at_a_page_is_taken():
    from pikepdf import Array, Dictionary, Name

    def change(pdf):
        pdf.Root.OpenAction = Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]))

    assert inspect("a.pdf", make_pdf(change=change)).pages == 1


def test_a_photo_of_48_megapixels_is_taken():
    assert inspect("a.jpg", make_image("JPEG", (8000, 6000))).content_type == "image/jpeg"


def test_a_large_scan_is_taken():
    assert inspect("a.png", png(7_000, 7_000, colour=2)).content_type == "image/png"


def test_a_large_photo_taken_sideways_keeps_the_mark_that_says_so():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "SECRET-PLACE"
    taken = inspect("a.jpg", make_image("JPEG", (6_000, 4_500), exif=exif)).content
    assert b"SECRET-PLACE" not in taken
    with Image.open(io.BytesIO(taken)) as image:
        assert dict(image.getexif()) == {0x0112: 6}


def noise(side: int, quality: int) -> bytes:
    """A JPEG of nothing but detail."""
    grey = Image.frombytes("L", (side, side), random.Random(8).randbytes(side * side))
    out = io.BytesIO()
    grey.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_a_photo_that_would_grow_beyond_the_limit_loses_a_little_quality_instead():
    """Encoded as other photos are, it would take 13 MB."""
    brought = noise(4_000, 25)
    assert len(brought) < 5_000_000
    taken = inspect("a.jpg", brought).content
    assert len(taken) <= MAX_BYTES
    with Image.open(io.BytesIO(taken)) as image:
        assert image.size == (4_000, 4_000)


def test_a_photo_that_is_too_large_however_it_is_encoded_is_refused():
    with pytest.raises(ValidationError, match=r"“a\.jpg”检查后重新编码，仍然超过10 MB。请缩小尺寸"):
        inspect("a.jpg", noise(6_500, 3))


def test_a_comment_in_a_photo_is_left_out():
    assert b"SECRET" not in inspect("a.jpg", make_image("JPEG", comment=b"SECRET")).content


def test_a_paper_of_many_pages_is_taken():
    assert inspect("a.pdf", make_pdf(1_500)).pages == 1_500
