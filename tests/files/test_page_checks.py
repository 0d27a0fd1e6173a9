"""What is seen on the pages of a file that will be hard to read, and what is said about it."""

import io
import json

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from PIL import Image

from applications.files import bounded, looking
from applications.files.examining import JPEG, PDF
from applications.files.inspection import inspect
from applications.files.models import StoredFile
from applications.files.remarks import remarks_on
from tests.files import sheets


def seen(content: bytes, content_type: str = JPEG) -> dict:
    """What the child would say, said in this process."""
    first, *pictures = looking.look(content, content_type)
    told = json.loads(first)
    assert [size for _page, size in told["pictures"]] == [len(picture) for picture in pictures]
    return told["findings"]


def said(content: bytes, content_type: str = JPEG, *, sealed: bool = False, pages: int = 1) -> list[str]:
    findings = seen(content, content_type) | {"pictures": [1]}
    file = StoredFile(name="执照.jpg", pages=pages, upload_sha256="00", findings=findings)
    return [words for remark in remarks_on(file, sealed=sealed) for words in remark.sentences]


@pytest.mark.parametrize("shade", [lambda sheet: sheet, sheets.shaded])
def test_a_good_page_is_not_remarked_on(shade):
    assert said(sheets.jpeg(shade(sheets.sealed(sheets.printed()))), sealed=True) == []


@pytest.mark.parametrize("shade", [lambda sheet: sheet, sheets.shaded])
def test_a_blank_page_is_seen(shade):
    assert seen(sheets.jpeg(shade(sheets.blank())))["blank"] == [1]
    (words,) = said(sheets.jpeg(shade(sheets.blank())))
    assert words == "第1页看起来是空白的。原件不是空白的，请重新拍照或扫描。"
    with translation.override("en"):
        (words,) = said(sheets.jpeg(shade(sheets.blank())))
    assert words == "Page 1 looks blank. If the original is not blank, photograph or scan it again."


def test_a_covered_lens_is_no_page_either():
    assert seen(sheets.jpeg(Image.new("RGB", sheets.A4, (6, 5, 5))))["blank"] == [1]


def test_a_seal_alone_is_no_blank_page():
    assert seen(sheets.jpeg(sheets.sealed(sheets.blank())))["blank"] == []


@pytest.mark.parametrize("turn", [90, 270])
@pytest.mark.parametrize("shade", [lambda sheet: sheet, sheets.shaded])
def test_a_page_on_its_side_is_seen(turn, shade):
    page = shade(sheets.printed()).rotate(turn, expand=True)
    assert seen(sheets.jpeg(page))["sideways"] == [1]
    assert said(sheets.jpeg(page))[0].startswith("第1页的文字好像是横着的。")


def test_a_sheet_that_is_wider_than_high_is_not_on_its_side():
    assert seen(sheets.jpeg(sheets.printed((1754, 1240))))["sideways"] == []


def test_a_coarse_photo_is_told_its_measure_and_what_is_asked():
    (words,) = said(sheets.jpeg(sheets.printed((600, 800))))
    # 800 / 11.69 inches; 120 × 11.69 inches.
    assert words.startswith(
        "第1页是600×800像素，按A4纸算约68 DPI，低于120 DPI（长边1403像素），小字可能看不清。"
    )
    assert seen(sheets.jpeg(sheets.printed((992, 1404))))["coarse"] == []


def test_a_scan_is_measured_by_its_picture():
    fine, coarse = sheets.printed(), sheets.printed((500, 707))
    assert seen(sheets.scanned(fine, coarse), PDF)["coarse"] == [[2, 500, 707, 60]]


def test_a_paper_made_of_a_photo_counts_as_a_sheet_of_a4_however_large_it_says_that_it_is():
    assert seen(sheets.scanned(sheets.printed(), inches=(1240 / 72, 1754 / 72)), PDF)["coarse"] == []


def test_print_has_no_grain_and_what_a_scanner_recognised_is_not_print():
    coarse = sheets.printed((500, 707))
    visible, hidden = (b"BT /F 12 Tf %d Tr 50 50 Td (record) Tj ET" % mode for mode in (0, 3))
    assert seen(sheets.scanned(coarse, over=visible), PDF)["coarse"] == []
    assert seen(sheets.scanned(coarse, over=hidden), PDF)["coarse"] != []


@pytest.mark.parametrize("ink", [(205, 40, 45), (190, 100, 100)])
def test_a_seal_is_red_also_when_it_is_pale(ink):
    assert seen(sheets.jpeg(sheets.sealed(sheets.printed(), ink)))["red"] == [1]


@pytest.mark.parametrize("ink", [(120, 120, 120), (40, 60, 190), (170, 120, 75)])
def test_what_is_not_red_is_no_seal_and_is_said_only_where_one_is_asked_for(ink):
    page = sheets.jpeg(sheets.sealed(sheets.printed(), ink))
    assert seen(page)["red"] == []
    (words,) = said(page, sealed=True)
    assert words.startswith("没有看到红色印章。这份材料要加盖公章：")
    assert "印章不是红色的，不用换" in words
    assert said(page) == []


def test_a_long_paper_says_how_far_it_was_looked_at(monkeypatch):
    monkeypatch.setattr(looking, "ENOUGH", -1)
    findings = seen(sheets.scanned(sheets.printed(), sheets.printed()), PDF)
    assert findings["seen"] == 0
    monkeypatch.undo()
    file = StoredFile(pages=9, upload_sha256="00", findings=findings | {"seen": 7, "pictures": []})
    seal, rest = remarks_on(file, sealed=True)
    assert (seal.page, seal.words) == (1, "前7页没有看到红色印章。")
    assert (rest.page, rest.sentences) == (
        8,
        ["系统只自动查看了前7页。其余的请您打开核对是否清楚、完整。"],
    )


def test_an_upload_brings_what_was_seen_and_small_pictures_of_it():
    passed = inspect("扫描.pdf", sheets.scanned(sheets.printed(), sheets.blank()))
    assert passed.findings is not None
    assert passed.findings["blank"] == [2] and passed.findings["pictures"] == [1, 2]
    pages = [page for page, _picture in passed.pictures]
    sizes = [Image.open(io.BytesIO(picture)).size for _page, picture in passed.pictures]
    assert pages == [1, 2] and all(width <= looking.SMALL for width, _height in sizes)
    assert sum(len(picture) for _page, picture in passed.pictures) < 20_000


def test_what_nobody_could_look_at_is_taken_and_said(monkeypatch):
    run = bounded.run

    def only_examine(task, *arguments):
        if "looking" in task:
            raise bounded.OverBudget
        return run(task, *arguments)

    monkeypatch.setattr(bounded, "run", only_examine)
    passed = inspect("照片.jpg", sheets.jpeg(sheets.printed((300, 400))))
    assert passed.findings is None and passed.pictures == ()
    file = StoredFile(pages=1, upload_sha256=passed.upload_sha256, findings=None)
    assert remarks_on(file, sealed=False)[0].words.startswith("系统没能自动查看这个文件的页面")


def test_what_the_portal_made_is_not_remarked_on():
    assert remarks_on(StoredFile(pages=1, findings=None), sealed=True) == []


@pytest.mark.parametrize("name", ["IMG_0001.HEIC", "IMG_0001.jpg", "IMG_0001"])
def test_a_photo_of_a_phone_becomes_a_jpg(name):
    passed = inspect(name, sheets.heic())
    assert (passed.name, passed.content_type) == ("IMG_0001.jpg", JPEG)
    picture = Image.open(io.BytesIO(passed.content))
    assert picture.format == "JPEG" and picture.size == (600, 400)
    assert passed.upload_size != len(passed.content)


def test_a_photo_of_a_phone_stands_upright():
    passed = inspect("a.heic", sheets.heic(turn=6))
    assert Image.open(io.BytesIO(passed.content)).size == (400, 600)


WORD = b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml" + b"\0" * 50 + b"word/document.xml"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("承诺书.docx", WORD),
        ("承诺书.pdf", WORD),
        ("承诺书.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("承诺书.wps", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("承诺书.rtf", rb"{\rtf1 text}"),
    ],
)
def test_a_word_file_is_answered_with_how_to_make_it_a_pdf(name, content):
    with pytest.raises(ValidationError) as caught:
        inspect(name, content)
    (words,) = caught.value.messages
    assert words.startswith(f"“{name}”是 Word 文件，不能接收，请转成 PDF 后重新上传：①")
    assert "②类型选“PDF”" in words and "手机上" in words and "盖章" in words


def test_a_table_is_not_called_a_text():
    with pytest.raises(ValidationError, match="不是可以接收的文件类型"):
        inspect("名单.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
