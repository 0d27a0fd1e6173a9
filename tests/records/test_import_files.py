"""Files as a whole: encodings, spreadsheets, headings, files that are not what they say, the second import."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from applications.files.storage import StorageAway, StorageFull
from applications.ledger.models import Event
from applications.records.importing.reading import FULL, Limits
from applications.records.importing.refusal import FileRefused
from applications.records.models import DishonestyRecord, ImportBatch
from applications.records.services import annotate_and_withdraw, import_records, preview_import
from tests.fixtures import moment
from tests.records.files import HEADINGS, as_csv, as_xlsx, person, row

NUMBER = "11010519491231002X"
NOW = moment("2026-11-23 10:00")
LATER = moment("2026-11-24 10:00")


def load(organ, content, name="a.csv", at=NOW, limits=FULL):
    return import_records(content=content, file_name=name, organ=organ, at=at, actor=None, limits=limits)


def refusal(organ, content, name="a.csv", limits=FULL) -> str:
    with pytest.raises(FileRefused) as refused:
        load(organ, content, name, limits=limits)
    assert ImportBatch.objects.count() == DishonestyRecord.objects.count() == 0
    return str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_every_encoding_that_offices_write(market_bureau, encoding):
    load(market_bureau, as_csv(row(), encoding=encoding))
    assert DishonestyRecord.objects.get().subject.name == "南京示例食品有限公司"


def test_private_use_characters_of_gb18030_become_what_they_stand_for(market_bureau):
    old = as_csv(row() | {"行政相对人名称": "王\u9fb5有限公司"}, encoding="utf-8").decode("utf-8-sig")
    # As the unit's system writes it: FE61, which Python reads as U+E826.
    content = old.replace("\u9fb5", "\ue826").encode("gb18030")
    assert b"\xfe\x61" in content
    load(market_bureau, content)
    assert DishonestyRecord.objects.get().subject.name == "王\u9fb5有限公司"


def test_they_do_so_in_a_workbook_too(market_bureau):
    load(market_bureau, as_xlsx(row() | {"行政相对人名称": "王\ue831有限公司"}), "a.xlsx")
    assert DishonestyRecord.objects.get().subject.name == "王\U000215d7有限公司"


def test_a_workbook_with_real_dates_and_numbers(market_bureau):
    content = as_xlsx(
        row()
        | {"处罚决定日期": datetime(2026, 5, 1), "处罚有效期": date(2099, 12, 31), "罚款金额（万元）": 0.5}
    )
    batch, new = load(market_bureau, content, "a.xlsx")
    assert (new, batch.created) == (True, 1)
    record = DishonestyRecord.objects.get()
    assert (record.decided_on, record.valid_until, str(record.fine_amount)) == (
        date(2026, 5, 1),
        None,
        "0.500000",
    )


def test_a_long_number_that_the_spreadsheet_has_rounded_is_noticed(market_bureau):
    content = as_xlsx(person() | {"证件号码": 320106198808080017})
    preview = preview_import(content=content, file_name="a.xlsx", organ=market_bureau, at=NOW)
    assert "末几位已经丢失" in preview.rejected[0].faults["identity_number"]


def test_older_headings_are_understood(market_bureau):
    old = {
        "违法事实": "处罚事由",
        "处罚内容": "CF_JG_处罚结果",
        "行政相对人名称": "CF_XDR_MC",
        "行政相对人代码_1（统一社会信用代码）": "行政相对人代码_1 (统一社会信用代码) *",
        "处罚有效期": "处罚截止期",
    } | {"处罚内容": "处罚结果"}
    headings = [old.get(heading, heading) for heading in HEADINGS]
    renamed = {old.get(heading, heading): value for heading, value in row().items()}
    load(market_bureau, as_csv(renamed, headings=headings))
    record = DishonestyRecord.objects.get()
    assert (record.facts, record.penalty_content) == ("标签未标明生产日期。", "罚款5000元，没收违法所得120元")


def test_a_title_above_the_headings_and_empty_lines_do_no_harm(market_bureau):
    content = "2026年行政处罚公示表\r\n\r\n".encode() + as_csv(row(), encoding="utf-8") + b",,,\r\n\r\n"
    assert load(market_bureau, content)[0].created == 1


WHOLE_FILES = [
    ("a.csv", b"", "空文件"),
    ("a.csv", as_csv(), "没有记录"),
    ("a.csv", "你好\r\n".encode(), "找不到列名"),
    ("a.csv", ";".join(HEADINGS).encode(), "没有用英文逗号分列"),
    ("a.csv", as_csv(row(), headings=[*HEADINGS, "心情"]), "不认识的列：“心情”"),
    ("a.csv", as_csv(row(), headings=HEADINGS[:-1]), "缺少必需的列：“履行状态”"),
    ("a.csv", as_csv(row(), headings=[*HEADINGS, "CF_WSH"]), "是同一列"),
    ("a.csv", as_xlsx(row()), "内容与文件名不符"),
    ("a.xlsx", as_csv(row()), "内容与文件名不符"),
    ("a.xlsx", b"PK\x03\x04 broken", "不是可以读取的 Excel 工作簿"),
    ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "旧版 Excel"),
    ("a.pdf", b"%PDF-1.7", "不是 .csv 或 .xlsx"),
    ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "不是"),
    ("a.csv", as_csv(row(备注="响\x07铃")), "不是文本"),
    ("a.csv", as_csv(row(), encoding="utf-8") + '"没有结尾,'.encode(), "引号不成对"),
]


@pytest.mark.parametrize(
    ("name", "content", "reason"), WHOLE_FILES, ids=[f"{n}-{r}" for n, _, r in WHOLE_FILES]
)
def test_a_file_that_cannot_be_used_says_why_and_changes_nothing(market_bureau, name, content, reason):
    assert reason in refusal(market_bureau, content, name)


def test_an_archive_that_is_no_workbook(market_bureau):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "hello")
    assert "不是可以读取的 Excel 工作簿" in refusal(market_bureau, content.getvalue(), "a.xlsx")


def test_too_many_rows_are_refused_before_any_is_imported(market_bureau):
    limits = Limits(rows=2, size=FULL.size)
    rows = [row(行政处罚决定书文号=f"〔2026〕{n}号") for n in range(3)]
    assert "超过 2 行" in refusal(market_bureau, as_csv(*rows), limits=limits)
    assert load(market_bureau, as_csv(*rows[:2]), limits=limits)[0].created == 2


def test_too_many_bytes(market_bureau):
    assert "请拆成几个文件" in refusal(market_bureau, as_csv(row()), limits=Limits(rows=2, size=100))


def test_a_row_with_too_many_cells_is_refused_alone(market_bureau):
    content = as_csv(row(), row(行政处罚决定书文号="〔2026〕2号")).rstrip() + b",extra\r\n"
    batch, _ = load(market_bureau, content)
    assert (batch.created, batch.rejected) == (1, 1)


def test_only_identifying_units_have_records(credit_bureau):
    assert "只能以认定单位的名义导入" in refusal(credit_bureau, as_csv(row()))


# -- The workbook of rejected rows


def rejected_workbook(batch):
    with batch.errors.file.open("rb") as file:
        return openpyxl.load_workbook(io.BytesIO(file.read())).active


def test_bad_rows_come_back_with_all_columns_and_the_reason_beside_the_cell(market_bureau):
    bad = row(行政处罚决定书文号="〔2026〕2号", 处罚决定日期="2026-02-30", 失信严重程度="较重")
    batch, _ = load(market_bureau, as_csv(row(), bad))
    assert (batch.created, batch.rejected) == (1, 1)
    sheet = rejected_workbook(batch)
    headings = [cell.value for cell in sheet[1]]
    assert headings == [*HEADINGS, "原文件行号", "退回原因"]
    cells = dict(zip(headings, sheet[2], strict=True))
    assert cells["行政相对人名称"].value == "南京示例食品有限公司"
    assert cells["原文件行号"].value == 3
    assert cells["处罚决定日期"].value == "2026-02-30"
    assert "不存在" in cells["处罚决定日期"].comment.text
    assert cells["处罚决定日期"].fill.start_color.rgb == "FFFFC7CE"
    assert "较重" in cells["失信严重程度"].comment.text
    assert cells["备注"].comment is None
    assert "处罚决定日期" in cells["退回原因"].value
    assert "失信严重程度" in cells["退回原因"].value


def test_the_corrected_workbook_can_be_imported_as_it_is(market_bureau):
    batch, _ = load(market_bureau, as_csv(row(处罚决定日期="2026-02-30")))
    sheet = rejected_workbook(batch)
    position = next(cell.column for cell in sheet[1] if cell.value == "处罚决定日期")
    sheet.cell(2, position).value = "2026-05-01"
    content = io.BytesIO()
    sheet.parent.save(content)
    again, _ = load(market_bureau, content.getvalue(), "退回记录.xlsx")
    assert (again.created, again.rejected) == (1, 0)


def test_the_workbook_masks_the_numbers_of_people(market_bureau):
    """In their own columns even if they are wrong, elsewhere by their look, and in what is said about a cell."""
    wrong = "110105194912310021"
    batch, _ = load(
        market_bureau,
        as_csv(
            person(证件号码=wrong, 违法事实=f"周示安（{NUMBER}，手机13912345678）销售。"),
            row(法定代表人身份证号=NUMBER, 行政相对人类别=NUMBER),
        ),
    )
    workbook = rejected_workbook(batch)
    shown = [cell.value for cells in workbook for cell in cells] + [
        cell.comment.text for cells in workbook for cell in cells if cell.comment
    ]
    text = "\n".join(str(value) for value in shown)
    assert "1101**********0021" in text and "1101**********002X" in text and "13*******78" in text
    for number in (wrong, NUMBER, "13912345678", "19491231"):
        assert number not in text
    # What finds the row in the unit's own file.
    assert "宁市监处罚〔2026〕15号" in text
    assert workbook.cell(2, workbook.max_column - 1).value == 2


def test_a_row_without_headings_is_refused_without_its_numbers(market_bureau):
    headings = [*HEADINGS, NUMBER]
    with pytest.raises(FileRefused, match=r"不认识的列：“1101\*{10}002X”"):
        load(market_bureau, as_csv(row(), headings=headings))


def test_a_masked_number_that_comes_back_asks_for_the_whole_one(market_bureau):
    batch, _ = load(market_bureau, as_csv(person(证件号码="110105194912310021")))
    with batch.errors.file.open("rb") as file:
        again, _ = load(market_bureau, file.read(), "退回记录.xlsx")
    assert again.rejected == 1
    sheet = rejected_workbook(again)
    assert "填写完整的号码" in sheet.cell(2, sheet.max_column).value


def test_a_record_s_remarks_repeat_nobody_s_number(market_bureau):
    content = as_csv(person(备注=f"周示安（{NUMBER}）已到场。"))
    import_records(
        content=content, file_name="a.csv", organ=market_bureau, at=NOW, actor=None, confirmed=True
    )
    assert DishonestyRecord.objects.get().remarks == "周示安（1101**********002X）已到场。"


@pytest.mark.parametrize("text", ['=HYPERLINK("http://example.com")', "+1", "-1", "@SUM(1)", "\t=1"])
def test_a_cell_never_becomes_a_formula(market_bureau, text):
    batch, _ = load(market_bureau, as_csv(row(行政相对人名称=text, 失信严重程度="较重")))
    cell = rejected_workbook(batch).cell(2, 1)
    assert cell.data_type == "s"
    assert cell.value == text.strip()
    assert cell.quotePrefix


# -- The second time


def test_the_same_file_again_changes_nothing(market_bureau):
    content = as_csv(row())
    first, _ = load(market_bureau, content)
    events = Event.objects.count()
    second, new = load(market_bureau, content, "另一个名字.csv", LATER)
    assert (second.pk, new) == (first.pk, False)
    assert (ImportBatch.objects.count(), DishonestyRecord.objects.count(), Event.objects.count()) == (
        1,
        1,
        events,
    )


def test_the_same_rows_in_another_file_are_unchanged(market_bureau):
    load(market_bureau, as_csv(row()))
    batch, new = load(market_bureau, as_xlsx(row()), "a.xlsx", LATER)
    assert (new, batch.created, batch.updated, batch.unchanged) == (True, 0, 0, 1)


def test_what_changed_is_updated_and_told_in_the_ledger(market_bureau):
    load(market_bureau, as_csv(row()))
    changed = row(备注="更正", 履行状态="罚款:2026-06-01；没收违法所得:2026-07-01")
    batch, _ = load(market_bureau, as_csv(changed), at=LATER)
    assert (batch.updated, batch.unchanged) == (1, 0)
    record = DishonestyRecord.objects.get()
    assert record.remarks == "更正"
    assert record.obligations.get(name="没收违法所得").fulfilled_on == date(2026, 7, 1)
    events = Event.objects.filter(chain=record.reference).order_by("position")
    assert [event.verb for event in events] == ["record.imported", "record.updated"]
    assert events[1].payload["changed"] == ["obligations", "remarks"]


def test_a_corrected_date_brings_an_expired_record_back(market_bureau):
    load(market_bureau, as_csv(row(处罚决定日期="2025-05-01")))
    assert DishonestyRecord.objects.get().publicity == "expired"
    load(market_bureau, as_csv(row()), at=LATER)
    record = DishonestyRecord.objects.get()
    assert (record.publicity, record.publicity_ended_at) == ("published", None)


@pytest.fixture
def repaired(market_bureau, db):
    from django.db import transaction

    load(market_bureau, as_csv(row()))
    record = DishonestyRecord.objects.get()
    with transaction.atomic():
        annotate_and_withdraw(
            record=record,
            case_number="XF-1",
            decision_number="宁市监信修〔2026〕1号",
            organ=market_bureau,
            decided_on=date(2026, 11, 23),
            at=NOW,
            actor=None,
        )
    return record


def test_a_repaired_record_is_neither_changed_nor_published_again(market_bureau, repaired):
    batch, _ = load(market_bureau, as_csv(row(失信严重程度="严重", 公示截止期="2029-01-01")), at=LATER)
    assert (batch.updated, batch.rejected) == (0, 1)
    repaired.refresh_from_db()
    assert (repaired.publicity, repaired.severity) == ("withdrawn", "general")
    assert repaired.annotation.decision_number == "宁市监信修〔2026〕1号"
    last = Event.objects.filter(chain=repaired.reference).latest("position")
    assert last.verb == "record.reinsertion_blocked"
    assert "已由决定 宁市监信修〔2026〕1号 标注修复" in rejected_workbook(batch).cell(2, 35).value


def test_a_repaired_record_that_comes_again_unchanged_stays_as_it_is(market_bureau, repaired):
    batch, _ = load(market_bureau, as_xlsx(row()), "a.xlsx", LATER)
    assert (batch.unchanged, batch.rejected) == (1, 0)
    repaired.refresh_from_db()
    assert repaired.publicity == "withdrawn"


def test_a_preview_writes_nothing(market_bureau):
    content, errors = as_csv(row(), row(处罚类别="打手心")), io.BytesIO()
    preview = preview_import(content=content, file_name="a.csv", organ=market_bureau, at=NOW, errors=errors)
    assert (preview.created, len(preview.rejected), preview.earlier) == (1, 1, None)
    assert openpyxl.load_workbook(errors).active.max_row == 2
    assert ImportBatch.objects.count() == DishonestyRecord.objects.count() == Event.objects.count() == 0


@pytest.mark.parametrize(("error", "said"), [(StorageFull, "存储空间已满"), (StorageAway, "暂时没有响应")])
def test_rejected_rows_that_find_no_room_keep_the_whole_file_out(market_bureau, monkeypatch, error, said):
    def refuse(**_more):
        raise error

    monkeypatch.setattr("applications.records.services.imports.store_content", refuse)
    with pytest.raises(FileRefused, match=f"没有导入任何记录：.*{said}"):
        load(market_bureau, as_csv(row(), row(处罚类别="打手心")))
    assert not ImportBatch.objects.exists() and not DishonestyRecord.objects.exists()
