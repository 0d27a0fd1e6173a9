"""What happens to each kind of file that people, and people with bad intentions, upload."""

import hashlib
import io
import struct
import zlib
from pathlib import Path

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from applications.files.inspection import inspected
from applications.files.models import StoredFile
from applications.files.responses import file_response
from applications.files.services import store_content, store_upload
from tests.fixtures import moment

NOW = moment("2026-11-20 10:00")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def make_pdf(pages: int = 1, change=None, **save) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    if change:
        change(pdf)
    out = io.BytesIO()
    pdf.save(out, **save)
    return out.getvalue()


def make_image(kind: str, size=(60, 40), **save) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **save)
    return out.getvalue()


def upload(name: str, content: bytes, user, at=NOW) -> StoredFile:
    return store_upload(upload=inspected(SimpleUploadedFile(name, content)), user=user, at=at)


def refusal(name: str, content: bytes, user) -> str:
    with pytest.raises(ValidationError) as caught:
        upload(name, content, user)
    assert StoredFile.objects.count() == 0
    return caught.value.messages[0]


def test_a_pdf_is_kept_as_it_is(alice, tmp_path):
    content = make_pdf(3)
    stored = upload("营业执照（副本）.pdf", content, alice)
    assert stored.pages == 3
    assert stored.content_type == "application/pdf"
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.size == len(content)
    assert stored.stored_by == alice
    assert stored.file.read() == content
    # The name on the disk tells nothing.
    path = Path(stored.file.path)
    assert tmp_path in path.parents
    assert "执照" not in str(path)
    assert path.suffix == ""


@pytest.mark.parametrize(
    "name",
    ["扫描 (1) [终稿].pdf", "📄缴款书.pdf", "a'b\"c.PDF", "100%&<b>.pdf", "非常长" * 100 + ".pdf"],
)
def test_any_name_is_taken_and_shown_back(alice, name):
    stored = upload(name, make_pdf(), alice)
    if len(name) <= 255:
        assert stored.name == name
    else:
        assert len(stored.name) == 255
        assert stored.name.endswith(".pdf")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/回执.pdf", "回执.pdf"),
        ("C:\\我的文档\\回执.pdf", "回执.pdf"),
        ("回\x00执\r\n.pdf", "回执.pdf"),
        ("\u202efdp.执照.pdf", "fdp.执照.pdf"),
        ("👨‍👩‍👧.pdf", "👨‍👩‍👧.pdf"),
        ("..", "未命名文件"),
    ],
)
def test_folders_and_invisible_characters_are_removed(alice, sent, kept):
    assert store_content(name=sent, content=b"x", content_type="application/pdf", at=NOW).name == kept


@pytest.mark.parametrize(
    ("kind", "name", "mime"), [("JPEG", "照片.jpeg", "image/jpeg"), ("PNG", "图.png", "image/png")]
)
def test_an_image_is_reencoded_without_its_metadata(alice, kind, name, mime):
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    stored = upload(name, make_image(kind, exif=exif) + b"<script>hidden</script>", alice)
    assert stored.content_type == mime
    assert stored.pages == 1
    content = stored.file.read()
    assert b"SECRET-PLACE" not in content
    assert b"script" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (60, 40)


def test_a_photo_taken_sideways_stands_upright(alice):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    stored = upload("照片.jpg", make_image("JPEG", exif=exif), alice)
    with Image.open(io.BytesIO(stored.file.read())) as image:
        assert image.size == (40, 60)


def with_javascript(pdf):
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def with_javascript_names(pdf):
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([])))


def with_chained_javascript(pdf):
    pdf.pages[0].Annots = Array(
        [Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, Next=Array([Dictionary(S=Name.JavaScript)])))]
    )


def with_launch(pdf):
    pdf.pages[0].AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("cmd.exe")))


def with_attachment(pdf):
    pdf.attachments["a.exe"] = b"MZ"


def with_film(pdf):
    pdf.pages[0].Annots = Array([Dictionary(Subtype=Name.RichMedia)])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (with_javascript, "脚本"),
        (with_javascript_names, "脚本"),
        (with_chained_javascript, "脚本"),
        (with_launch, "启动程序"),
        (with_attachment, "内嵌了其他文件"),
        (with_film, "音视频"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_an_active_pdf_is_refused(alice, change, word, packed):
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    message = refusal("整改报告.pdf", make_pdf(change=change, object_stream_mode=mode), alice)
    assert message.startswith("“整改报告.pdf”")
    assert word in message
    assert "重新上传" in message


def test_an_encrypted_pdf_is_refused_with_the_remedy(alice):
    content = make_pdf(encryption=pikepdf.Encryption(user="open", owner="own"))
    message = refusal("营业执照.pdf", content, alice)
    assert message.startswith("“营业执照.pdf”设有打开密码，工作人员打不开。")
    assert "点“打印”" in message and "Microsoft Print to PDF" in message and "手机" in message


def test_a_pdf_that_restricts_printing_is_refused_too(alice):
    message = refusal("回单.pdf", make_pdf(encryption=pikepdf.Encryption(user="", owner="own")), alice)
    assert message.startswith("“回单.pdf”设有权限密码（限制打印、复制或修改）")


BAD = {
    "empty": ("空.pdf", b"", "空文件（0字节）"),
    "html as pdf": ("a.pdf", b"<html><script>alert(1)</script></html>", "的内容不是 PDF（检测为 HTML）"),
    "svg as png": ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "的内容不是 PNG"),
    "text as jpg": ("a.jpg", b"hello", "的内容不是 JPG"),
    "program": ("a.exe", b"MZ" + b"\0" * 200, "不是可以接收的文件类型"),
    "no extension": ("执照", make_pdf(), "不是可以接收的文件类型"),
    "pdf named png": ("a.png", make_pdf(), "请把扩展名改为 .pdf"),
    "png named jpg": ("a.jpg", make_image("PNG"), "请把扩展名改为 .png"),
    "no pages": ("a.pdf", make_pdf(0), "没有任何页面"),
    "cut pdf": ("a.pdf", make_pdf(5)[:-200], "不完整"),
    "rubbish pdf": ("a.pdf", b"%PDF-1.7\n" + b"x" * 500 + b"\n%%EOF\n", "已损坏"),
    "zip behind pdf": ("a.pdf", make_pdf() + b"PK\x03\x04" + b"z" * 50, "PDF 以外的内容"),
    "far behind something else": ("a.pdf", b"<html>" + b" " * 1024 + make_pdf(), "的内容不是 PDF"),
    "text behind a cut pdf": ("a.pdf", make_pdf() + b"9 0 obj <</Length", "PDF 以外的内容"),
    "cut jpg": ("a.jpg", make_image("JPEG", (400, 400))[:-300], "不完整或已损坏"),
    "cut png": ("a.png", make_image("PNG", (400, 400))[:-60], "不完整或已损坏"),
    "only a signature": ("a.jpg", b"\xff\xd8\xff", "不完整或已损坏"),
    "too large": ("a.pdf", b"%PDF-1.7" + b" " * (10 * 1024 * 1024), "超过10 MB"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_by_name_with_a_remedy(alice, case):
    name, content, expected = BAD[case]
    message = refusal(name, content, alice)
    assert message.startswith(f"“{name}”")
    assert expected in message
    assert "请" in message


def test_a_picture_of_ten_thousand_million_pixels_is_refused_before_it_is_unpacked(alice):
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    content = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    assert "像素过多" in refusal("图.png", content, alice)


def test_a_picture_of_just_over_fifty_million_pixels_is_refused(alice):
    assert "像素过多" in refusal("图.png", make_image("PNG", (10_000, 5_001)), alice)


def test_a_pdf_bomb_is_refused_without_being_unpacked(alice):
    """An object stream of 300 KB that would unpack to 300 MB."""
    packed = zlib.compress(b"5 0 " + b" " * (300 * 1024 * 1024), 9)
    out = io.BytesIO(b"%PDF-1.5\n")
    out.seek(0, io.SEEK_END)
    starts = {}
    for number, body in {
        1: b"<</Type/Catalog/Pages 2 0 R/X 5 0 R>>",
        2: b"<</Type/Pages/Count 0/Kids[]>>",
        3: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream"
        % (len(packed), packed),
    }.items():
        starts[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    rows = [(0, 0, 65535), *((1, starts[n], 0) for n in (1, 2, 3)), (1, table, 0), (2, 3, 0)]
    data = b"".join(struct.pack(">BIH", *row) for row in rows)
    out.write(
        b"4 0 obj\n<</Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Length %d>>stream\n%s\nendstream\nendobj\n"
        % (len(data), data)
    )
    out.write(b"startxref\n%d\n%%%%EOF\n" % table)
    refusal("炸弹.pdf", out.getvalue(), alice)


def test_a_pdf_of_endless_small_parts_is_refused(alice):
    def many_parts(pdf):
        pdf.Root.Parts = Array([Array([number]) for number in range(210_000)])

    assert "结构过于复杂" in refusal("多.pdf", make_pdf(change=many_parts), alice)


def test_one_account_cannot_fill_the_disk(alice, bob):
    StoredFile.objects.create(
        file="x",
        name="大",
        content_type="application/pdf",
        size=500 * 1024 * 1024,
        sha256="0" * 64,
        stored_by=alice,
        stored_at=NOW,
    )
    with pytest.raises(ValidationError, match="24小时"):
        upload("a.pdf", make_pdf(), alice)
    assert upload("a.pdf", make_pdf(), bob)
    assert upload("a.pdf", make_pdf(), alice, at=moment("2026-11-21 10:01"))


def test_a_download_keeps_its_chinese_name_and_can_do_nothing(alice):
    response = file_response(upload("营业执照（副本）.pdf", make_pdf(), alice))
    # RFC 6266: the UTF-8 form of 营业执照（副本）.pdf
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''"
        "%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7%EF%BC%88%E5%89%AF%E6%9C%AC%EF%BC%89.pdf"
    )
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"
    assert b"".join(response.streaming_content).startswith(b"%PDF")


def test_only_papers_and_pictures_are_shown_in_place(alice):
    paper = upload("a.pdf", make_pdf(), alice)
    assert file_response(paper, inline=True)["Content-Disposition"].startswith("inline")
    page = store_content(name="a.html", content=b"<script>", content_type="text/html", at=NOW)
    assert file_response(page, inline=True)["Content-Disposition"].startswith("attachment")
