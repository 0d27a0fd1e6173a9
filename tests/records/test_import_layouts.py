"""Files as they are laid out: sheets before the data, row numbers, groups, sums, notes, and the layout of 2016."""

from __future__ import annotations

import pytest

from applications.records.importing.refusal import FileRefused
from applications.records.models import DishonestyRecord
from applications.records.services import import_records
from tests.records.files import HEADINGS, as_csv, as_xlsx, row
from tests.records.previews import NOW, one_row, preview, preview_row, workbook


def refusal(organ, content, name="a.xlsx") -> str:
    with pytest.raises(FileRefused) as refused:
        preview(organ, content, name)
    return str(refused.value)


@pytest.mark.parametrize("heading", ["序号", "序 号", "NO.", "行号"])
def test_a_column_of_row_numbers_is_passed_over(market_bureau, heading):
    content = as_csv({heading: "1"} | row(), headings=[heading, *HEADINGS])
    assert preview(market_bureau, content).created == 1


def test_numbered_rows_without_anything_else_are_blank(market_bureau):
    rows = [{"序号": "1"} | row(), {"序号": "2"}, {"序号": "3"}]
    found = preview(market_bureau, as_csv(*rows, headings=["序号", *HEADINGS]))
    assert (found.created, len(found.rejected), found.passed_over) == (1, 0, ())


def test_instructions_on_a_sheet_before_the_data(market_bureau):
    notes = [["填报说明"], ["一、带*的为必填项"], ["行政相对人名称", "与证照一致"]]
    content = workbook(("说明", notes), ("数据", one_row()), ("代码表", [["一般"], ["严重"]]))
    assert preview(market_bureau, content, "a.xlsx").created == 1


def test_two_sheets_of_data_are_refused_by_name(market_bureau):
    content = workbook(("一月", one_row()), ("二月", one_row(行政处罚决定书文号="〔2026〕2号")))
    said = refusal(market_bureau, content)
    assert "“一月”“二月”" in said and "分别另存" in said


def test_titles_of_groups_sums_and_notes_are_no_records_and_are_listed(market_bureau):
    cells = one_row()[1]
    second = one_row(行政处罚决定书文号="〔2026〕2号")[1]
    blank = [""] * len(HEADINGS)
    total = [*blank]
    total[0], total[18] = "合  计", "1.0"
    foot = [*blank]
    foot[0], foot[8] = "填报人：周示安", "审核人：吴示平"
    content = workbook(
        (
            "a",
            [["2026年行政处罚"], HEADINGS, ["一、食品"], cells, HEADINGS, ["二、药品"], second, total, foot],
        )
    )
    found = preview(market_bureau, content, "a.xlsx")
    assert (found.created, len(found.rejected)) == (2, 0)
    assert [line for line, _said in found.passed_over] == [3, 5, 6, 8, 9]
    assert found.passed_over[3][1].startswith("合")


def test_a_sum_that_might_be_a_record_is_one(market_bureau):
    found = preview_row(market_bureau, row(行政相对人名称="合计示例有限公司"))
    assert (found.created, found.passed_over) == (1, ())
    found = preview_row(market_bureau, row(行政相对人名称="", 行政处罚决定书文号=""))
    assert (len(found.rejected), found.passed_over) == (1, ())


def test_what_is_passed_over_repeats_nobody_s_number(market_bureau):
    found = preview(market_bureau, as_csv(row(), {HEADINGS[0]: "联系人11010519491231002X"}))
    assert "1101**********002X" in found.passed_over[0][1]


# The names and the codes of the layout of 2016 in its order.
OF_2016 = {
    "行政处罚决定书文号": ("CF_WSH", "行政处罚决定书文号"), "处罚名称": ("CF_CFMC", "违法行为类型"),
    "处罚类别1": ("CF_CFLB1", "处罚类别"), "处罚事由": ("CF_SY", "违法事实"), "处罚依据": ("CF_YJ", "处罚依据"),
    "行政相对人名称": ("CF_XDR_MC", "行政相对人名称"),
    "行政相对人代码_1（统一社会信用代码）": ("CF_XDR_SHXYM", HEADINGS[2]),
    "行政相对人代码_2（组织机构代码）": ("CF_XDR_ZDM", "行政相对人代码_3（组织机构代码）"),
    "行政相对人代码_3（工商登记码）": ("CF_XDR_GSDJ", "行政相对人代码_2（工商注册号）"),
    "行政相对人代码_4（税务登记号）": ("CF_XDR_SWDJ", "行政相对人代码_4（税务登记号）"),
    "行政相对人代码_5（居民身份证号）": ("CF_XDR_SFZ", "证件号码"), "法定代表人姓名": ("CF_FR", "法定代表人"),
    "处罚结果": ("CF_JG", "处罚内容"), "处罚决定日期": ("CF_JDRQ", "处罚决定日期"),
    "处罚截止期": ("CF_JZQ", "处罚有效期"), "处罚机关": ("CF_XZJG", "处罚机关"), "备注": ("BZ", "备注"),
    "失信严重程度": ("CF_SXYZCD", "失信严重程度"),
}  # fmt: skip
OLD_ONLY = {
    "当前状态": "CF_ZT",
    "地方编码": "DFBM",
    "数据更新时间戳": "SJC",
    "信息使用范围": "CF_SYFW",
    "公示期限": "GSQX",
}


@pytest.mark.parametrize("coded", [False, True])
def test_the_layout_of_2016_alone_is_told_where_the_template_is(market_bureau, coded):
    names = [code if coded else name for name, (code, _now) in OF_2016.items()]
    more = [code if coded else name for name, code in OLD_ONLY.items()]
    values = [row().get(now, "") for _code, now in OF_2016.values()]
    said = refusal(
        market_bureau, as_csv(dict(zip(names, values, strict=True)), headings=[*names, *more]), "a.csv"
    )
    assert "2016年版的双公示格式" in said and "“履行状态”" in said and "下载导入模板" in said
    assert "不认识的列" not in said


@pytest.mark.parametrize("coded", [False, True])
def test_the_layout_of_2016_with_what_repair_needs_is_understood(market_bureau, coded):
    good = row(
        **{
            "行政相对人代码_2（工商注册号）": "320100000012345",
            "行政相对人代码_3（组织机构代码）": "74820466-0",
        }
    )
    renamed = {now: code if coded else name for name, (code, now) in OF_2016.items()}
    headings = [renamed.get(heading, heading) for heading in HEADINGS]
    content = as_csv({renamed.get(key, key): value for key, value in good.items()}, headings=headings)
    import_records(content=content, file_name="a.csv", organ=market_bureau, at=NOW, actor=None)
    record = DishonestyRecord.objects.get()
    assert (record.facts, record.penalty_content) == (good["违法事实"], good["处罚内容"])
    assert record.other_columns == {"registration": "320100000012345", "organisation_code": "74820466-0"}


def test_numbered_codes_that_meant_something_else_in_2016_are_not_guessed(market_bureau):
    headings = ["处罚事由" if each == "违法事实" else each for each in HEADINGS]
    headings[3] = "行政相对人代码_2"
    one = row() | {"处罚事由": "标签。"}
    assert "写明是哪一种代码" in refusal(market_bureau, as_csv(one, headings=headings), "a.csv")


def test_the_template_can_be_filled_in_and_imported(market_bureau, wang, client):
    import io

    import openpyxl

    client.force_login(wang)
    answer = client.get("/admin/records/importbatch/import/template/")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    headings = [cell.value for cell in book.worksheets[0][1]]
    assert headings == HEADINGS
    book.worksheets[0].append([row().get(heading) for heading in headings])
    content = io.BytesIO()
    book.save(content)
    assert preview(market_bureau, content.getvalue(), "a.xlsx").created == 1
    assert preview(market_bureau, as_xlsx(row()), "a.xlsx").created == 1
