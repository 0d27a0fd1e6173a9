"""The columns of a record file: the 29 of the 双公示 standard, what repair needs besides, and their older names.

The process that reads the file looks here as well, so nothing here imports Django.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rules.sameness import INVISIBLE


@dataclass(frozen=True)
class Column:
    """``key`` names it in the code, ``heading`` is what a new file should say. ``also``: other headings that
    are met. ``needed``: a file without it is refused. ``kept`` False: it is accepted and not read."""

    key: str
    heading: str
    also: tuple[str, ...] = ()
    needed: bool = False
    kept: bool = True


# In the order of the standard; the English codes are its own column codes.
STANDARD = (
    Column("name", "行政相对人名称", ("CF_XDR_MC", "相对人名称"), needed=True),
    Column("kind", "行政相对人类别", ("CF_XDR_LB", "相对人类别"), needed=True),
    Column(
        "uscc",
        "行政相对人代码_1（统一社会信用代码）",
        ("CF_XDR_SHXYM", "行政相对人代码_1", "行政相对人统一社会信用代码", "统一社会信用代码"),
    ),
    Column(
        "registration",
        "行政相对人代码_2（工商注册号）",
        (
            "CF_XDR_GSZC",
            "CF_XDR_GSDJ",
            "行政相对人代码_2",
            "行政相对人代码_2（工商登记码）",
            "行政相对人代码_3（工商登记码）",
            "行政相对人代码_3（工商注册号）",
            "工商注册号",
            "工商登记码",
        ),
    ),
    Column(
        "organisation_code",
        "行政相对人代码_3（组织机构代码）",
        (
            "CF_XDR_ZZJG",
            "CF_XDR_ZDM",
            "行政相对人代码_3",
            "行政相对人代码_2（组织机构代码）",
            "组织机构代码",
        ),
    ),
    Column("tax_code", "行政相对人代码_4（税务登记号）", ("CF_XDR_SWDJ", "行政相对人代码_4", "税务登记号")),
    Column(
        "institution_code",
        "行政相对人代码_5（事业单位证书号）",
        ("CF_XDR_SYDW", "行政相对人代码_5", "事业单位证书号"),
    ),
    Column(
        "association_code",
        "行政相对人代码_6（社会组织登记证号）",
        ("CF_XDR_SHZZ", "行政相对人代码_6", "社会组织登记证号"),
    ),
    Column("representative", "法定代表人", ("CF_FRDB", "CF_FR", "法定代表人姓名", "负责人")),
    # An identity number that repair does not need is not stored.
    Column(
        "representative_number",
        "法定代表人身份证号",
        ("CF_FR_ZJHM", "CF_FR_SFZH", "法定代表人证件号码", "法定代表人身份证号码"),
        kept=False,
    ),
    Column("identity_type", "证件类型", ("CF_XDR_ZJLX", "自然人证件类型")),
    Column(
        "identity_number",
        "证件号码",
        (
            "CF_XDR_ZJHM",
            "CF_XDR_SFZ",
            "自然人证件号码",
            "行政相对人代码_5（居民身份证号）",
            "居民身份证号",
            "身份证号码",
        ),
    ),
    Column(
        "document_number",
        "行政处罚决定书文号",
        ("CF_WSH", "处罚决定书文号", "决定书文号", "文号"),
        needed=True,
    ),
    Column(
        "violation_type",
        "违法行为类型",
        ("CF_WFXW", "CF_CFMC", "CF_AJMC", "处罚名称", "案件名称"),
        needed=True,
    ),
    Column("facts", "违法事实", ("CF_SY", "处罚事由"), needed=True),
    Column("legal_basis", "处罚依据", ("CF_YJ",), needed=True),
    Column("penalties", "处罚类别", ("CF_CFLB", "CF_CFLB1", "处罚类别1", "处罚种类"), needed=True),
    Column("penalty_content", "处罚内容", ("CF_NR", "CF_JG", "处罚结果"), needed=True),
    Column("fine_amount", "罚款金额（万元）", ("CF_NR_FK", "罚款金额")),
    Column(
        "confiscated_amount",
        "没收违法所得、没收非法财物的金额（万元）",
        ("CF_NR_WFFF", "没收违法所得、没收非法财物的金额", "没收金额（万元）"),
    ),
    Column("permit_affected", "暂扣或吊销证照名称及编号", ("CF_NR_ZKDX",)),
    Column("decided_on", "处罚决定日期", ("CF_JDRQ", "决定日期"), needed=True),
    Column("valid_until", "处罚有效期", ("CF_YXQ", "CF_JZQ", "处罚截止期"), needed=True),
    Column("publicity_until", "公示截止期", ("CF_GSJZQ", "公示截止日期")),
    Column("penalising_organ", "处罚机关", ("CF_CFJG", "CF_XZJG", "行政处罚机关"), needed=True),
    Column(
        "penalising_organ_uscc",
        "处罚机关统一社会信用代码",
        ("CF_CFJGDM", "行政处罚机关统一社会信用代码"),
        needed=True,
    ),
    Column("source_organ", "数据来源单位", ("CF_SJLY", "数据来源"), needed=True),
    Column("source_organ_uscc", "数据来源单位统一社会信用代码", ("CF_SJLYDM",), needed=True),
    Column("remarks", "备注", ("BZ",)),
)
# What the standard leaves out and the repair notice needs (Articles 4 to 6 and 18).
REPAIR = (
    Column("severity", "失信严重程度", ("CF_SXYZCD", "严重程度"), needed=True),
    Column("domains", "失信领域", ("领域",), needed=True),
    Column("conducts", "失信行为", ("失信行为类型",), needed=True),
    Column("fulfilment", "履行状态", ("履行情况",), needed=True),
)
OPTIONAL = (
    Column("identified_on", "认定日期"),
    Column("region", "地方编码", ("DFBM", "CF_AREACODE", "行政区划代码", "认定地行政区划")),
    Column("second_penalty", "处罚类别2", ("CF_CFLB2",)),
    Column("present_state", "当前状态", ("DQZT", "CF_ZT")),
    Column("scope_of_use", "信息使用范围", ("SYFW", "CF_SYFW")),
)
# Met in files and of no use here; the last two are those that the workbook of rejected rows adds.
IGNORED = (
    Column("representative_number_type", "法定代表人证件类型", ("CF_FR_ZJLX",), kept=False),
    Column("serial", "序号", ("序", "行号", "NO", "NO."), kept=False),
    Column("publicity_date", "公示日期", ("公示期限", "CF_QX", "GSQX"), kept=False),
    Column("stamp", "数据更新时间戳", ("SJC", "时间戳"), kept=False),
    Column("exported_at", "数据导出时间", kept=False),
    Column("row_number", "原文件行号", kept=False),
    Column("rejection", "退回原因", kept=False),
)
COLUMNS = STANDARD + REPAIR + OPTIONAL + IGNORED
# What the layout of 2016 called by these names; its numbered codes mean something else than those of 2018.
LAYOUT_2016 = frozenset({"CF_CFMC", "CF_JG", "CF_XZJG", "处罚名称", "处罚事由", "处罚结果"})
NUMBERED = frozenset({"行政相对人代码_2", "行政相对人代码_3", "行政相对人代码_5"})
# What identifies a person by its number: never repeated in plain.
IDENTITY_COLUMNS = frozenset({"identity_number", "representative_number"})
HEADINGS = {column.key: column.heading for column in COLUMNS}
ROW_NUMBER, REJECTION = HEADINGS["row_number"], HEADINGS["rejection"]


def fold(text: str) -> str:
    """A heading as it is compared: full width as half width, no spaces, no mark of a required field."""
    folded = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
    return "".join(folded.split()).strip("*●:").upper()


_BY_HEADING = {fold(text): column for column in COLUMNS for text in (column.heading, *column.also)}


def find_column(heading: str) -> Column | None:
    return _BY_HEADING.get(fold(heading))


def is_heading_line(cells: Sequence[str]) -> bool:
    """Whether this line of a file names columns: three of those that are known."""
    return sum(bool(cell) and find_column(cell) is not None for cell in cells) >= 3
