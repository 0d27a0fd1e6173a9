"""PDFs that are made to cost or to harm, most of them from raw bytes, because no library writes such files."""

import io
import random
import struct
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from tests.files.hostile_words import (
    ATTACHED,
    COMPLEX,
    DAMAGED,
    HOSTILE,
    LAUNCH,
    MEDIA,
    OUTSIDE,
    SCRIPT,
    TAKEN,
    UNREADABLE,
    Make,
    hostile,
)

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


@hostile("打开密码", "设有打开密码")
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
