"""A file looked at page by page: a page without scripts, in a frame of this site alone, that shows it as a picture."""

import base64
import io
import re

import pikepdf
import pytest
from PIL import Image

from applications.files.examining import JPEG, PDF, PNG
from applications.files.models import StoredFile
from applications.files.services import store_content
from applications.files.viewing import viewer_page
from tests.fixtures import TODAY


def paper(*, pages: int = 1, size: tuple[int, int] = (595, 842)) -> bytes:
    """A PDF whose pages are black on the left half, so that one sees how they are turned."""
    document = pikepdf.Pdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=size)
        page = document.pages[-1]
        page.Contents = document.make_stream(f"0 0 {size[0] // 2} {size[1]} re f".encode())
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def photo(kind: str, mode: str = "RGB", size: tuple[int, int] = (3000, 2000)) -> bytes:
    content = io.BytesIO()
    Image.new(mode, size).save(content, kind)
    return content.getvalue()


def stored(content: bytes, content_type: str, name: str = "凭证.pdf") -> StoredFile:
    return store_content(name=name, content=content, content_type=content_type, at=TODAY)


def pictures(page: str) -> list[Image.Image]:
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


@pytest.fixture
def look(db, rf):
    def page(file: StoredFile, **asked):
        answer = viewer_page(rf.get("/", asked), file, label="履行完毕证明")
        return answer, answer.content.decode()

    return page


def test_it_runs_nothing_loads_nothing_and_is_framed_by_this_site_alone(look):
    answer, page = look(stored(paper(), PDF))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert "sandbox" in policy and "allow-scripts" not in policy
    assert answer["Cache-Control"] == "private, no-store"
    assert "<script" not in page and "履行完毕证明" in page and "凭证.pdf" in page


def test_a_page_is_as_wide_as_asked_and_turned(look):
    file = stored(paper(), PDF)
    (picture,) = pictures(look(file)[1])
    assert picture.width == 900 and picture.getpixel((10, 600)) < (50, 50, 50)
    assert picture.getpixel((890, 600)) > (200, 200, 200)
    (larger,) = pictures(look(file, zoom="200")[1])
    assert larger.width == 1800
    # A quarter to the right: what was on the left is on top.
    (turned,) = pictures(look(file, turn="90")[1])
    assert turned.height == 900 and turned.getpixel((600, 10)) < (50, 50, 50)


def test_pages_are_turned_and_small_ones_lead_to_them(look):
    file = stored(paper(pages=20), PDF)
    page = look(file, page="10")[1]
    assert "第10页，共20页" in page
    assert 'href="?page=9&amp;zoom=100&amp;turn=0">上一页' in page
    assert 'href="?page=11&amp;zoom=100&amp;turn=0">下一页' in page
    small, large = pictures(page)[:-1], pictures(page)[-1]
    assert large.width == 900 and {each.width for each in small} == {120}
    assert page.count("data:image") == 1 + len(small) <= 9


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("0", 1), ("-1", 1), ("x", 1), ("999999999", 1), ("99", 3), ("２", 1), ("", 1)],
)
def test_a_page_that_does_not_exist_is_the_nearest(look, asked, shown):
    answer, page = look(stored(paper(pages=3), PDF), page=asked, zoom="7", turn="45")
    assert answer.status_code == 200
    assert f"第{shown}页，共3页" in page


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (photo("JPEG"), JPEG),
        (photo("PNG"), PNG),
        (photo("PNG", "RGBA", (40, 30)), PNG),
        (photo("PNG", "1"), PNG),
        (photo("PNG", "I;16", (40, 30)), PNG),
        (photo("JPEG", "CMYK", (40, 30)), JPEG),
    ],
)
def test_pictures_are_shown(look, content, kind):
    (picture,) = pictures(look(stored(content, kind, "照片"))[1])
    assert picture.width <= 900


def test_what_is_transparent_is_shown_on_white(look):
    (picture,) = pictures(look(stored(photo("PNG", "RGBA", (40, 30)), PNG))[1])
    assert picture.getpixel((5, 5)) > (250, 250, 250)


def test_a_page_of_any_shape_stays_within_bounds(look):
    (picture,) = pictures(look(stored(paper(size=(3, 14400)), PDF), zoom="300")[1])
    assert picture.height <= 5000


@pytest.mark.parametrize("content", [b"%PDF-1.7 nothing", b""])
def test_what_cannot_be_drawn_leads_to_the_file(look, content):
    answer, page = look(stored(content, PDF))
    assert answer.status_code == 503
    assert "打开原文件" in page and not pictures(page)


def test_bytes_that_are_gone_are_said_to_be(look):
    file = stored(paper(), PDF)
    file.file.storage.delete(file.file.name)
    answer, page = look(file)
    assert answer.status_code == 404
    assert "找不到它的内容" in page
