"""Uploads that are made to cost or to harm, each with the word of its refusal.

They are made when they are asked for, most of them from raw bytes, because no library writes such files.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image

COMPLEX, OUTSIDE, PIXELS, SIDE = "结构过于复杂", "文件以外的内容", "像素过多", "过长或过宽"
SCRIPT, LAUNCH, ATTACHED, MEDIA = "脚本", "启动程序", "内嵌了其他文件", "音视频"
DAMAGED, BROKEN = "已损坏，无法读取", "不完整或已损坏"
TOO_LARGE = "太大"
UNREADABLE = "有一部分无法读取"
# Harmless in the end: what was hidden is left out, or nothing of it is ever unpacked.
TAKEN = "taken"

Make = Callable[[], bytes]
HOSTILE: dict[str, tuple[str, Make, str]] = {}


def hostile(name: str, word: str, kind: str = "pdf"):
    def keep(make: Make) -> Make:
        HOSTILE[name] = (f"{name}.{kind}", make, word)
        return make

    return keep


# -- PDF, from raw bytes


def raw_pdf(*more: bytes, trailer: bytes = b"", kids: bytes = b"3 0 R", catalog: bytes = b"") -> bytes:
    """A one-page PDF and more objects, numbered from 4."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Count 1/Kids[%s]>>" % kids,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        *more,
    ]
    out = [b"%PDF-1.7\n"]
    offsets, at = [], len(out[0])
    for number, body in enumerate(objects, start=1):
        offsets.append(at)
        out.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        at += len(out[-1])
    out.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out += [b"%010d 00000 n \n" % offset for offset in offsets]
    out.append(
        b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, at)
    )
    return b"".join(out)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def packed_pdf(members: bytes, count: int, first: int, *, packed: bytes | None = None) -> bytes:
    """A PDF whose objects from 10 on lie in one object stream."""
    body = zlib.compress(members, 9) if packed is None else packed
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n")
    starts = {}
    for number, text in {
        1: b"<</Type/Catalog/Pages 2 0 R/X 10 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[5 0 R]>>",
        3: stream(body, b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (count, first)),
        5: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    }.items():
        starts[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, text))
    table = out.tell()
    rows = [(0, 0, 65535)]
    rows += [(1, starts[n], 0) if n in starts else (0, 0, 0) for n in range(1, 10)]
    rows += [(2, 3, n % 65536) for n in range(count)]
    rows[4] = (1, table, 0)
    data = zlib.compress(b"".join(struct.pack(">BIH", *row) for row in rows))
    out.write(b"4 0 obj\n")
    out.write(stream(data, b"/Type/XRef/Size %d/W[1 4 2]/Root 1 0 R/Filter/FlateDecode" % (10 + count)))
    out.write(b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


@hostile("百万个小对象", COMPLEX)
def _():
    return raw_pdf(*[b"1"] * 250_000)


@hostile("十万个字典", COMPLEX)
def _():
    return raw_pdf(*[b"<</A<</B<</C<</D 1>>>>>>>>"] * 95_000)


@hostile("一个对象里的数组", UNREADABLE)
def _():
    return raw_pdf(b"[" + b"[1]" * 2_500_000 + b"]")


@hostile("一个对象里的字典", UNREADABLE)
def _():
    return raw_pdf(b"[" + b"<</A 1>>" * 1_000_000 + b"]")


@hostile("三百万个数字", UNREADABLE)
def _():
    return raw_pdf(b"[" + b"1 " * 4_500_000 + b"]")


@hostile("三百万个名称", COMPLEX)
def _():
    return raw_pdf(b"<<" + b"".join(b"/N%d 1" % n for n in range(600_000)) + b">>")


@hostile("深层嵌套", UNREADABLE)
def _():
    return raw_pdf(b"[" * 200_000 + b"]" * 200_000)


@hostile("对象流里的十万个对象", COMPLEX)
def _():
    index = b"".join(b"%d %d " % (10 + n, 2 * n) for n in range(150_000))
    return packed_pdf(index + b"1 " * 150_000, 150_000, len(index))


@hostile("对象流里的数组", UNREADABLE)
def _():
    index = b"10 0 "
    return packed_pdf(index + b"[" + b"[1]" * 3_000_000 + b"]", 1, len(index))


@hostile("对象流炸弹", UNREADABLE)
def _():
    packer = zlib.compressobj(1)
    packed = packer.compress(b"10 0 ") + b"".join(packer.compress(bytes(1 << 20)) for _ in range(150))
    return packed_pdf(b"", 1, 5, packed=packed + packer.flush())


@hostile("双层炸弹", UNREADABLE)
def _():
    data = zlib.compress(zlib.compress(bytes(90 << 20), 1), 1)
    return packed_pdf(b"", 1, 5, packed=data).replace(
        b"/Filter/FlateDecode", b"/Filter[/FlateDecode/FlateDecode]", 1
    )


@hostile("交叉引用表称有四十亿个对象", TAKEN)
def _():
    return raw_pdf().replace(b"/Size 4", b"/Size 4000000000").replace(b"xref\n0 4\n", b"xref\n0 4000000000\n")


@hostile("交叉引用流炸弹", DAMAGED)
def _():
    data = zlib.compress(bytes(120 << 20), 1)
    body = b"%PDF-1.5\n1 0 obj\n" + stream(
        data, b"/Type/XRef/Size 20000000/W[1 4 1]/Root 2 0 R/Filter/FlateDecode"
    )
    return body + b"\nendobj\nstartxref\n9\n%%EOF\n"


@hostile("交叉引用成环", TAKEN)
def _():
    content = raw_pdf()
    at = content.rindex(b"xref\n0")
    return content.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % at).replace(b"/Count 1", b"/Count 0", 1)


@hostile("没有交叉引用表的对象", COMPLEX)
def _():
    return b"%PDF-1.4\n" + b"".join(b"%d 0 obj 1 endobj\n" % n for n in range(1, 300_000)) + b"%%EOF\n"


@hostile("重建时的垃圾", DAMAGED)
def _():
    return b"%PDF-1.4\n" + b"1 0 obj<<" * 90_000 + b"\n%%EOF\n"


@hostile("九兆垃圾", DAMAGED)
def _():
    return b"%PDF-1.4\n" + random.Random(1).randbytes(9 << 20).replace(b"obj", b"o-j") + b"\n%%EOF\n"


@hostile("九兆空格", DAMAGED)
def _():
    return b"%PDF-1.4\n" + b" " * (9 << 20) + b"\n%%EOF\n"


@hostile("九兆括号", DAMAGED)
def _():
    return b"%PDF-1.4\n1 0 obj\n" + b"(" * (9 << 20) + b"\n%%EOF\n"


@hostile("页面树成环", DAMAGED)
def _():
    return raw_pdf(kids=b"2 0 R")


@hostile("同一页一百万次", COMPLEX)
def _():
    return raw_pdf(kids=b"3 0 R " * 1_000_000)


@hostile("深层页面树", DAMAGED)
def _():
    nodes = [b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % (n + 5) for n in range(30_000)]
    return raw_pdf(*nodes, b"<</Type/Page/MediaBox[0 0 9 9]>>", kids=b"4 0 R")


@hostile("一百个过滤器", UNREADABLE)
def _():
    filters = b"/FlateDecode" * 100
    return packed_pdf(b"10 0 1", 1, 5).replace(b"/Filter/FlateDecode", b"/Filter[%s]" % filters, 1)


@hostile("引用自己", "没有任何页面")
def _():
    return raw_pdf(b"4 0 R", kids=b"4 0 R")


@hostile("负的长度", TAKEN)
def _():
    return packed_pdf(b"10 0 1", 1, 5).replace(b"/Length ", b"/Length -")


# -- PDF that runs, hides or fetches


def pdf(change: Callable[[pikepdf.Pdf], None], **save) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def action(**entries) -> Dictionary:
    return Dictionary(**entries)


def opens(**entries) -> Make:
    return lambda: pdf(lambda document: setattr(document.Root, "OpenAction", action(**entries)))


def links_to(address: str) -> Make:
    def change(document):
        link = Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String(address)))
        document.pages[0].Annots = Array([link])

    return lambda: pdf(change)


def catalog(**entries) -> Make:
    def change(document):
        for key, value in entries.items():
            document.Root["/" + key] = value

    return lambda: pdf(change)


def with_stream(**entries) -> Make:
    return lambda: pdf(
        lambda document: setattr(document.Root, "X", document.make_indirect(Stream(document, b"", **entries)))
    )


UNC = r"\\10.0.0.1\share\x.pdf"
for _name, _make, _word in [
    ("打开时运行脚本", opens(S=Name.JavaScript, JS=String("app.alert(1)")), SCRIPT),
    ("打开时启动程序", opens(S=Name.Launch, F=String("cmd.exe")), LAUNCH),
    ("打开共享文件夹里的文件", opens(S=Name.GoToR, F=String(UNC), D=Array([0, Name.Fit])), OUTSIDE),
    ("打开时访问网址", opens(S=Name.URI, URI=String("https://example.com/?opened")), OUTSIDE),
    ("打开时访问文件地址", opens(S=Name.URI, URI=String("file://10.0.0.1/x")), OUTSIDE),
    ("打开时访问共享文件夹", opens(S=Name.URI, URI=String(UNC)), OUTSIDE),
    ("打开时提交表单", opens(S=Name.SubmitForm, F=String("https://example.com/")), LAUNCH),
    ("打开时导入数据", opens(S=Name.ImportData, F=String(UNC)), LAUNCH),
    ("打开时跳到别的文件的文章", opens(S=Name.Thread, F=String(UNC), D=0), OUTSIDE),
    (
        "动作之后的动作",
        opens(S=Name.GoTo, D=Array([]), Next=Array([action(S=Name.URI, URI=String("http://a.example"))])),
        OUTSIDE,
    ),
    (
        "关闭时访问网址",
        catalog(AA=Dictionary(WC=action(S=Name.URI, URI=String("http://a.example")))),
        OUTSIDE,
    ),
    ("基准地址是共享文件夹", catalog(URI=Dictionary(Base=String("//10.0.0.1/share/"))), OUTSIDE),
    ("链接到共享文件夹", links_to(UNC), OUTSIDE),
    ("链接到共享文件夹的斜线写法", links_to("//10.0.0.1/share/x"), OUTSIDE),
    ("链接到本机文件", links_to("file:///c:/windows/x"), OUTSIDE),
    ("链接到盘符", links_to(r"c:\windows\x.exe"), OUTSIDE),
    ("链接到脚本", links_to("java\nscript:alert(1)"), SCRIPT),
    ("链接到其他协议", links_to("search-ms:query=x"), OUTSIDE),
    ("流在别的文件里", with_stream(F=String(UNC)), OUTSIDE),
    ("流在网址里", with_stream(F=Dictionary(FS=Name.URL, F=String("http://a.example/"))), OUTSIDE),
    ("流的外部过滤器", with_stream(FFilter=Name.FlateDecode), OUTSIDE),
    ("引用别的文件的页面", with_stream(Subtype=Name.Form, Ref=Dictionary(F=String(UNC), Page=0)), OUTSIDE),
    ("印前替换图像", with_stream(Subtype=Name.Image, OPI=Dictionary()), OUTSIDE),
    ("打印机程序", with_stream(Subtype=Name.PS), SCRIPT),
    ("网址文件说明", catalog(X=Dictionary(FS=Name.URL, F=String("http://a.example/"))), OUTSIDE),
    ("外部文件说明", catalog(X=Dictionary(Type=Name.Filespec, F=String(UNC))), OUTSIDE),
    ("文件集", catalog(Collection=Dictionary()), ATTACHED),
    ("动态表单", catalog(AcroForm=Dictionary(XFA=String("<xdp/>"))), SCRIPT),
    ("附件批注", catalog(X=Dictionary(Subtype=Name.FileAttachment)), ATTACHED),
    ("三维内容", catalog(X=Dictionary(Subtype=Name("/3D"))), MEDIA),
    ("声音动作", catalog(X=Dictionary(S=Name.Sound)), MEDIA),
]:
    HOSTILE[_name] = (f"{_name}.pdf", _make, _word)


@hostile("内嵌文件", ATTACHED)
def _():
    return pdf(lambda document: document.attachments.__setitem__("a.exe", b"MZ"))


@hostile("打开密码", "已加密")
def _():
    return pdf(lambda document: None, encryption=pikepdf.Encryption(user="a", owner="b"))


@hostile("权限密码", "权限密码")
def _():
    return pdf(lambda document: None, encryption=pikepdf.Encryption(user="", owner="b"))


@hostile("旧算法的权限密码", "权限密码")
def _():
    return pdf(
        lambda document: None,
        encryption=pikepdf.Encryption(user="", owner="b", R=2, aes=False, metadata=False),
    )


# -- Pictures


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, interlace: int = 0, more=b"", data=None):
    """A PNG of zeros; ``data`` instead of them. ``colour``: 0 grey, 2 RGB, 3 palette, 6 RGBA."""
    if data is None:
        samples = {0: 1, 2: 3, 3: 1, 6: 4}[colour]
        row = bytes(1 + (width * samples * depth + 7) // 8)
        packer = zlib.compressobj(1)
        block = row * max(1, (1 << 20) // len(row))
        left, pieces = len(row) * height, []
        while left > 0:
            pieces.append(packer.compress(block[:left]))
            left -= len(block)
        data = b"".join(pieces) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
        + more
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


TEXT = b"Comment\0\0" + zlib.compress(bytes(80 << 20), 9)
for _name, _make, _word in [
    ("一像素宽", lambda: png(1, 50_000_000, depth=1, colour=0), SIDE),
    ("一像素高", lambda: png(50_000_000, 1, depth=1, colour=0), SIDE),
    ("一百亿像素", lambda: png(100_000, 100_000, data=zlib.compress(bytes(1000))), PIXELS),
    ("四十亿乘四十亿", lambda: png(2**31 - 1, 2**31 - 1, data=b""), PIXELS),
    ("五千零一万像素", lambda: png(10_000, 5_001, depth=1, colour=0), PIXELS),
    ("边长三万零一", lambda: png(30_001, 10, colour=0), SIDE),
    ("零像素", lambda: png(0, 0, data=b""), BROKEN),
    ("只有头", lambda: png(5_000, 5_000, data=zlib.compress(b"")), BROKEN),
    ("说明文字炸弹", lambda: png(10, 10, more=chunk(b"zTXt", TEXT)), BROKEN),
    ("色彩特性炸弹", lambda: png(10, 10, more=chunk(b"iCCP", TEXT)), BROKEN),
    ("十万段说明", lambda: png(10, 10, more=chunk(b"tEXt", b"a\0" + b"x" * 80) * 95_000), TAKEN),
    ("没有调色板", lambda: png(4_000, 4_000, colour=3), BROKEN),
    ("数据之后的炸弹", lambda: png(10, 10, data=zlib.compress(bytes(200 << 20), 1)), TAKEN),
    ("交错的大图", lambda: png(7_000, 7_000, colour=6, interlace=1), BROKEN),
    ("十六位的大图", lambda: png(7_000, 7_000, depth=16, colour=6), TAKEN),
]:
    HOSTILE[_name] = (f"{_name}.png", _make, _word)


def jpeg(size=(64, 64), **save) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, "JPEG", **save)
    return out.getvalue()


def resized(content: bytes, width: int, height: int) -> bytes:
    """The same JPEG with another size in its frame header."""
    at = next(at for at in (content.find(b"\xff\xc0"), content.find(b"\xff\xc2")) if at > 0)
    return content[: at + 5] + struct.pack(">HH", height, width) + content[at + 9 :]


@hostile("照片称有四十亿像素", PIXELS, "jpg")
def _():
    return resized(jpeg(), 65_500, 65_500)


@hostile("照片称有五万乘一", SIDE, "jpg")
def _():
    return resized(jpeg(), 50_000, 1)


@hostile("照片称有七千见方", TAKEN, "jpg")
def _():
    return resized(jpeg(), 7_000, 7_000)


@hostile("渐进照片的大图", TOO_LARGE, "jpg")
def _():
    return jpeg((4_600, 4_600), progressive=True, subsampling=0)


@hostile("一万次扫描", TOO_LARGE, "jpg")
def _():
    content = jpeg((4_400, 4_400), progressive=True)
    at = content.rindex(b"\xff\xda")
    return content[:at] + content[at:-2] * min(10_000, (9 << 20) // len(content[at:])) + b"\xff\xd9"


@hostile("倒置的大照片", TAKEN, "jpg")
def _():
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg((7_000, 7_000), exif=exif)


@hostile("成环的拍摄信息", TAKEN, "jpg")
def _():
    tiff = (
        b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0x8769, 4, 1, 8) + bytes(4)
    )
    content = jpeg()
    return content[:2] + b"\xff\xe1" + struct.pack(">H", len(tiff) + 2) + tiff + content[2:]


@hostile("动图", TAKEN, "png")
def _():
    out = io.BytesIO()
    frames = [Image.new("RGB", (800, 800), (shade, 0, 0)) for shade in range(3)]
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    return out.getvalue()


# -- Not what they say


@hostile("压缩炸弹", "的内容不是 PDF")
def _():
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(60 << 20))
    return out.getvalue()


@hostile("网页", "的内容不是 PDF")
def _():
    return b"<html>" + b"<b>" * 3_000_000


@hostile("一百万个同名文件", "的内容不是 JPG", "jpg")
def _():
    return b"PK\x03\x04" + b"PK\x01\x02" * 2_000_000
