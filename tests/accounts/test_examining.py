"""Files cost computing: whoever sends costly ones is told to wait, and nobody else is."""

import re

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.accounts import examining
from applications.accounts.examining import COMPUTING, examined
from applications.accounts.limits import begin
from applications.files import bounded
from applications.files.models import StoredFile
from tests.files.test_budget import noise
from tests.files.test_uploads import make_pdf
from tests.fixtures import moment
from tests.records.files import as_csv, row


def paper(name="回单.pdf", content=None):
    return SimpleUploadedFile(name, make_pdf() if content is None else content)


@pytest.fixture
def used_up(monkeypatch):
    monkeypatch.setattr(examining, "COMPUTING", COMPUTING._replace(times=0))


def test_costly_files_make_their_sender_wait_and_nobody_else(alice, bob, monkeypatch):
    monkeypatch.setattr(examining, "COMPUTING", COMPUTING._replace(times=30))
    name, costly = "照片.jpg", noise(6_500, 3)
    refusals = []
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        with monkeypatch.context() as cheap:
            # A part of what a file may cost in truth, so that the test does not cost it.
            cheap.setattr(bounded, "CPU_SECONDS", 0.4)
            while not refusals or "太费时" not in refusals[-1]:
                with pytest.raises(ValidationError) as refused:
                    examined(paper(name, costly), user=alice)
                refusals += refused.value.messages
                assert len(refusals) <= 12
        assert refusals[-1] == (
            f"“{name}”没有检查，也没有保存：您最近上传的文件检查起来太费时。"
            "请在09:15以后再上传这个文件，或到窗口办理。"
        )
        with pytest.raises(ValidationError, match="请在09:15以后"):
            examined(paper(), user=alice)
        assert examined(paper(), user=bob).pages == 1
        clock.shift(15 * 60 + 1)
        assert examined(paper(), user=alice).pages == 1


def test_an_ordinary_paper_costs_next_to_nothing(alice):
    for _ in range(3):
        examined(paper(), user=alice)
    assert begin(COMPUTING, str(alice.pk), cost=1100).admitted


def test_who_waits_for_a_turn_in_vain_is_not_examined_for_ever(alice, monkeypatch):
    monkeypatch.setattr(bounded, "TURN_SECONDS", 0.01)
    monkeypatch.setattr(examining, "COMPUTING", COMPUTING._replace(times=60))
    said = []
    with bounded._turn:
        for _ in range(4):
            with pytest.raises(ValidationError) as refused:
                examined(paper(), user=alice)
            said += refused.value.messages
    assert [re.search("暂时无法检查|太费时", each)[0] for each in said] == ["暂时无法检查"] * 2 + [
        "太费时"
    ] * 2


def test_pages_that_take_files_say_so(client, charlie, wang, market_bureau, used_up):
    client.force_login(charlie)
    form = {"capacity": "employee", "name": "示例", "code": "91320102MA1TE5T18C", "proof": paper("执照.pdf")}
    page = client.post(reverse("subjects:claim") + "?kind=organisation", form).content.decode()
    assert "“执照.pdf”没有检查，也没有保存" in page
    client.force_login(wang)
    file = SimpleUploadedFile("记录.csv", as_csv(row()))
    form = {"organ": market_bureau.pk, "file": file}
    page = client.post(reverse("admin:records_importbatch_import"), form).content.decode()
    assert "“记录.csv”没有检查，也没有保存" in page
    assert not StoredFile.objects.exists()
