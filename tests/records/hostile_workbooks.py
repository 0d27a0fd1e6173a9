"""Record files that are made to cost, each with the word of its refusal."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable

from tests.records.files import row

Make = Callable[[], bytes]
HOSTILE: dict[str, tuple[str, Make, str]] = {}

AROUND, COMPLEX, BROKEN, ROWS = "附加内容过多", "结构过于复杂", "不是可以读取的", "超过 3000 行"
UNPACKED, NO_HEADINGS, UNKNOWN = "解压后超过", "找不到列名", "不认识的列"
TAKEN = "taken"

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
TYPES = (
    HEAD + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    + "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        for part, kind in [
            ("workbook", "sheet.main"),
            ("worksheets/sheet1", "worksheet"),
            ("styles", "styles"),
            ("sharedStrings", "sharedStrings"),
        ]
    )
    + "</Types>"
)


def relations(*parts: str) -> str:
    return (
        HEAD
        + '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{REL}/{kind}" Target="{target}"/>'
            for n, (kind, target) in enumerate((part.split(" ") for part in parts), start=1)
        )
        + "</Relationships>"
    )


def text_cell(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


GOOD = row()
GOOD_ROWS = "".join(
    "<row>" + "".join(text_cell(str(cell)) for cell in cells) + "</row>"
    for cells in (GOOD.keys(), GOOD.values())
)


def sheet(rows: str = GOOD_ROWS, before: str = "", after: str = "") -> str:
    return f"{HEAD}<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def styles(inside: str) -> str:
    return f"{HEAD}<styleSheet {MAIN}>{inside}</styleSheet>"


def strings(inside: str) -> str:
    return f"{HEAD}<sst {MAIN}>{inside}</sst>"


def workbook(inside: str = "") -> str:
    return (
        f'{HEAD}<workbook {MAIN} xmlns:r="{REL}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets>'
        f"{inside}</workbook>"
    )


def package(more: Iterable[tuple[str, str | bytes]] = (), **parts: str | bytes) -> bytes:
    """A workbook with one good record; ``parts``: workbook, sheet, styles, strings instead of the good ones."""
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": relations("officeDocument xl/workbook.xml"),
        "xl/_rels/workbook.xml.rels": relations(
            "worksheet worksheets/sheet1.xml", "styles styles.xml", "sharedStrings sharedStrings.xml"
        ),
        "xl/workbook.xml": parts.get("workbook", workbook()),
        "xl/worksheets/sheet1.xml": parts.get("sheet", sheet()),
        "xl/styles.xml": parts.get("styles", styles("")),
        "xl/sharedStrings.xml": parts.get("strings", strings("")),
        **dict(more),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def hostile(name: str, word: str, make: Make, kind: str = "xlsx") -> None:
    HOSTILE[name] = (f"{name}.{kind}", make, word)


def many(piece: str, count: int) -> str:
    return piece * count


# -- Formats: read as a whole, whatever the rows say

for _what, _piece, _list in [
    ("字体", "<font/>", "fonts"),
    ("填充", "<fill><patternFill/></fill>", "fills"),
    ("边框", "<border/>", "borders"),
    ("单元格格式", "<xf/>", "cellXfs"),
    ("样式格式", "<xf/>", "cellStyleXfs"),
    ("样式", '<cellStyle name="a" xfId="0"/>', "cellStyles"),
    ("数字格式", '<numFmt numFmtId="200" formatCode="0"/>', "numFmts"),
    ("条件格式", "<dxf/>", "dxfs"),
    ("表样式", '<tableStyle name="a"/>', "tableStyles"),
    ("颜色", '<rgbColor rgb="00000000"/>', "indexedColors"),
]:
    _wrapped = ("<colors>", "</colors>") if _list == "indexedColors" else ("", "")
    # Just below the bound on such parts: it is the memory that refuses these.
    for _count, _word in [(3_000_000, AROUND), (8_000_000 // len(_piece), COMPLEX)]:
        if _word == COMPLEX and _list not in ("fonts", "cellXfs", "dxfs"):
            continue
        hostile(
            f"{_count}个{_what}",
            _word,
            lambda piece=_piece, count=_count, part=_list, around=_wrapped: package(
                styles=styles(f"{around[0]}<{part}>{many(piece, count)}</{part}>{around[1]}")
            ),
        )

# -- Names, sheets, relations

hostile(
    "三百万个定义名称",
    AROUND,
    lambda: package(
        workbook=workbook(
            "<definedNames>" + many('<definedName name="a">1</definedName>', 750_000) + "</definedNames>"
        )
    ),
)
hostile(
    "二十万个定义名称",
    AROUND,
    lambda: package(
        workbook=workbook(
            "<definedNames>"
            + "".join(f'<definedName name="n{n}">1</definedName>' for n in range(200_000))
            + "</definedNames>"
        )
    ),
)
hostile(
    "五万张工作表",
    TAKEN,
    lambda: package(
        workbook=f'{HEAD}<workbook {MAIN} xmlns:r="{REL}"><sheets>'
        + many('<sheet name="a" sheetId="1" r:id="rId1"/>', 50_000)
        + "</sheets></workbook>"
    ),
)
hostile("没有工作表", BROKEN, lambda: package(workbook=f"{HEAD}<workbook {MAIN}><sheets/></workbook>"))
hostile(
    "八万个视图",
    TAKEN,
    lambda: package(workbook=workbook(f"<bookViews>{many('<workbookView/>', 80_000)}</bookViews>")),
)
hostile(
    "三百万个内容类型",
    AROUND,
    lambda: package(
        [
            (
                "[Content_Types].xml",
                TYPES[:-8] + many('<Default Extension="a" ContentType="b"/>', 300_000) + "</Types>",
            )
        ]
    ),
)
hostile(
    "八万个内容类型",
    TAKEN,
    lambda: package(
        [
            (
                "[Content_Types].xml",
                TYPES[:-8] + many('<Default Extension="a" ContentType="b"/>', 80_000) + "</Types>",
            )
        ]
    ),
)
hostile(
    "二十万个关系",
    AROUND,
    lambda: package(
        [("xl/_rels/workbook.xml.rels", relations("worksheet worksheets/sheet1.xml", *["a b"] * 150_000))]
    ),
)
hostile("属性炸弹", AROUND, lambda: package([("docProps/core.xml", bytes(20 << 20))]))
hostile("主题炸弹", AROUND, lambda: package([("xl/theme/theme1.xml", bytes(20 << 20))]))

# -- Shared strings

hostile("三百万个空字符串", COMPLEX, lambda: package(strings=strings(many("<si/>", 6_000_000))))
hostile("三百万个短字符串", COMPLEX, lambda: package(strings=strings(many("<si><t>a</t></si>", 3_000_000))))
hostile(
    "百万段富文本",
    COMPLEX,
    lambda: package(strings=strings("<si>" + many("<r><rPr><b/></rPr><t>a</t></r>", 1_500_000) + "</si>")),
)
hostile(
    "百万段注音",
    COMPLEX,
    lambda: package(strings=strings("<si>" + many('<rPh sb="0" eb="1"><t>a</t></rPh>', 1_500_000) + "</si>")),
)
hostile(
    "一个长字符串",
    COMPLEX,
    lambda: package(strings=strings("<si><t>" + many("字", 60_000_000) + "</t></si>")),
)
hostile("字符串没有结尾", BROKEN, lambda: package(strings=strings("")[:-6] + many("<si>", 10_000)))
hostile("字符串嵌套", BROKEN, lambda: package(strings=strings(many("<si>", 200_000))))
hostile(
    "一个字符串用三百万次",
    COMPLEX,
    lambda: package(
        strings=strings("<si><t>" + many("字", 30_000) + "</t></si>"),
        sheet=sheet(GOOD_ROWS + many("<row>" + many('<c t="s"><v>0</v></c>', 30) + "</row>", 2_500)),
    ),
)

# -- Rows and cells

hostile("百万空行", ROWS, lambda: package(sheet=sheet(GOOD_ROWS + many("<row/>", 1_000_000))))
hostile(
    "百万带格式的空行",
    ROWS,
    lambda: package(sheet=sheet(GOOD_ROWS + many('<row><c s="0"/></row>', 1_000_000))),
)
hostile(
    "百万行", ROWS, lambda: package(sheet=sheet(GOOD_ROWS + many("<row><c><v>1</v></c></row>", 1_000_000)))
)
hostile(
    "一行三百万格",
    COMPLEX,
    lambda: package(sheet=sheet(GOOD_ROWS + "<row>" + many("<c/>", 5_000_000) + "</row>")),
)
hostile(
    "一行百万个数",
    COMPLEX,
    lambda: package(sheet=sheet(GOOD_ROWS + "<row>" + many("<c><v>1</v></c>", 2_000_000) + "</row>")),
)
hostile(
    "一格百万段富文本",
    COMPLEX,
    lambda: package(
        sheet=sheet(
            GOOD_ROWS + '<row><c t="inlineStr"><is>' + many("<r><t>a</t></r>", 2_000_000) + "</is></c></row>"
        )
    ),
)
hostile(
    "一格很长",
    COMPLEX,
    lambda: package(sheet=sheet(GOOD_ROWS + "<row>" + text_cell(many("字", 60_000_000)) + "</row>")),
)
hostile(
    "行号四十亿",
    ROWS,
    lambda: package(sheet=sheet(GOOD_ROWS + '<row r="4000000000"><c r="A4000000000"><v>1</v></c></row>')),
)
hostile(
    "行号百万",
    ROWS,
    lambda: package(sheet=sheet(GOOD_ROWS + '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')),
)
hostile(
    "行号是负数",
    BROKEN,
    lambda: package(sheet=sheet(GOOD_ROWS + '<row r="-5"><c r="A-5"><v>1</v></c></row>')),
)
hostile(
    "列号不存在",
    BROKEN,
    lambda: package(sheet=sheet(GOOD_ROWS + '<row r="3"><c r="ZZZZZZ3"><v>1</v></c></row>')),
)
hostile("称有百亿格", TAKEN, lambda: package(sheet=sheet(before='<dimension ref="A1:XFD1048576"/>')))
hostile(
    "数字很长",
    BROKEN,
    lambda: package(sheet=sheet(GOOD_ROWS + "<row><c><v>" + many("9", 100_000) + "</v></c></row>")),
)
hostile("数字是无穷大", TAKEN, lambda: package(sheet=sheet(GOOD_ROWS + "<row><c><v>1e999</v></c></row>")))
hostile(
    "日期在一万年后",
    BROKEN,
    lambda: package(sheet=sheet(GOOD_ROWS + '<row><c t="d"><v>99999-99-99</v></c></row>')),
)
hostile(
    "字符串序号越界", BROKEN, lambda: package(sheet=sheet(GOOD_ROWS + '<row><c t="s"><v>5</v></c></row>'))
)
hostile(
    "格式序号越界",
    TAKEN,
    lambda: package(sheet=sheet(GOOD_ROWS + '<row><c s="99999999"><v>1</v></c></row>')),
)
hostile("深层嵌套", BROKEN, lambda: package(sheet=sheet(many("<row>", 300_000))))
hostile(
    "一格百万个属性",
    COMPLEX,
    lambda: package(
        sheet=sheet(GOOD_ROWS + "<row><c " + " ".join(f'a{n}="1"' for n in range(1_500_000)) + "/></row>")
    ),
)
hostile(
    "百万个合并格",
    COMPLEX,
    lambda: package(
        sheet=sheet(after="<mergeCells>" + many('<mergeCell ref="A1:B2"/>', 1_000_000) + "</mergeCells>")
    ),
)
hostile(
    "百万个列宽",
    TAKEN,
    lambda: package(sheet=sheet(before="<cols>" + many('<col min="1" max="1"/>', 100_000) + "</cols>")),
)
hostile(
    "公式炸弹",
    TAKEN,
    lambda: package(
        sheet=sheet(GOOD_ROWS.replace("</row>", "<c><f>" + many("(", 200_000) + "</f></c></row>", 1))
    ),
)

# -- XML and the package

LAUGHS = "".join(f'<!ENTITY a{n} "' + f"&a{n - 1};" * 10 + '">' for n in range(1, 10))
for _part in ("sheet", "strings", "styles", "workbook"):
    hostile(
        f"十亿次展开-{_part}",
        BROKEN,
        lambda part=_part: package(
            **{
                part: f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "哈">{LAUGHS}]><worksheet {MAIN}>&a9;</worksheet>'
            }
        ),
    )
hostile(
    "外部实体",
    BROKEN,
    lambda: package(
        sheet='<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + sheet(GOOD_ROWS + "<row><c t='inlineStr'><is><t>&a;</t></is></c></row>")[len(HEAD) :]
    ),
)
hostile("不是文字编码", BROKEN, lambda: package(sheet=b"\xff" * 1_000_000))
hostile("没有结尾", BROKEN, lambda: package(sheet=sheet()[:-30]))
hostile("五千个部件", AROUND, lambda: package((f"xl/media/{n}.png", b"") for n in range(5_000)))
hostile("三百兆零", UNPACKED, lambda: lying(package([("xl/media/a.bin", b"12345")]), 5, 300 << 20))
hostile("长度是假的", BROKEN, lambda: lying(package(), len(sheet().encode()), 10))
hostile("只有压缩包的头", BROKEN, lambda: b"PK\x03\x04" + bytes(1000))
hostile("截断的压缩包", BROKEN, lambda: package()[:-200])
hostile("目录重复十万次", BROKEN, lambda: package()[:-22] + b"PK\x01\x02" * 1_000_000)
hostile("工作表是压缩包", BROKEN, lambda: package(sheet=package()))


def lying(content: bytes, size: int, stated: int) -> bytes:
    """The directory of the package states another unpacked size for the part of this size."""
    at = content.rindex(b"PK\x01\x02", 0, content.index(b"PK\x05\x06"))
    begin = content.index(b"PK\x01\x02")
    head, directory = content[:begin], content[begin:]
    assert at and directory.count(struct.pack("<I", size))
    return head + directory.replace(struct.pack("<I", size), struct.pack("<I", stated), 1)


# -- Text files

GOOD_CSV = "\n".join(",".join(f'"{cell}"' for cell in cells) for cells in (GOOD.keys(), GOOD.values())) + "\n"

hostile("九百万个逗号", "个单元格", lambda: (GOOD_CSV + "," * 9_000_000).encode(), "csv")
hostile("每行三百个逗号", ROWS, lambda: (GOOD_CSV + (",x" * 300 + "\n") * 4_000).encode(), "csv")
hostile("九百万空行", ROWS, lambda: (GOOD_CSV + "\n" * 9_000_000).encode(), "csv")
hostile("没有列名的九兆", NO_HEADINGS, lambda: b"x\n" * 4_500_000, "csv")
hostile("一格九兆", "一个单元格超过", lambda: (GOOD_CSV + "字" * 3_000_000).encode(), "csv")
hostile("引号不成对的九兆", "一个单元格超过", lambda: (GOOD_CSV + '"' + "a\n" * 4_000_000).encode(), "csv")
hostile("九兆引号", "一个单元格超过", lambda: (GOOD_CSV + '"' * 9_000_001).encode(), "csv")
hostile("九兆控制字符", "不是文本", lambda: b"\x01" * 9_000_000, "csv")
hostile("九兆不明编码", "编码", lambda: b"\x80\xff" * 4_500_000, "csv")
hostile(
    "列名有九百个",
    UNKNOWN,
    lambda: (GOOD_CSV.replace("\n", "," + ",".join(f"列{n}" for n in range(900)) + "\n", 1)).encode(),
    "csv",
)
