"""Numbers of persons where the public looks, and where a code belongs: refused, named, never repeated."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.db import connection

from applications.records.models import DishonestyRecord
from applications.records.services import import_records
from tests.records.files import as_csv, person, row
from tests.records.previews import CODE, NOW, doubts, faults, preview_row

# The example of GB 11643.
NUMBER = "11010519491231002X"
PUBLIC = {
    "行政相对人名称": "name",
    "法定代表人": "representative",
    "行政处罚决定书文号": "document_number",
    "违法行为类型": "violation_type",
    "违法事实": "facts",
    "处罚依据": "legal_basis",
    "处罚内容": "penalty_content",
    "暂扣或吊销证照名称及编号": "permit_affected",
    "数据来源单位": "source_organ",
}
CODES = {
    "行政相对人代码_2（工商注册号）": "registration",
    "行政相对人代码_3（组织机构代码）": "organisation_code",
    "行政相对人代码_4（税务登记号）": "tax_code",
    "行政相对人代码_5（事业单位证书号）": "institution_code",
    "行政相对人代码_6（社会组织登记证号）": "association_code",
}


@pytest.mark.parametrize(
    "number", [NUMBER, "１１０１０５１９４９１２３１００２Ｘ", "110105 19491231 002X", "护照E23456789", "手机13912345678", "11010519491231\u200b002X"]
)  # fmt: skip
@pytest.mark.parametrize("heading", PUBLIC)
def test_no_number_of_a_person_in_a_column_that_becomes_public(market_bureau, heading, number):
    found = faults(market_bureau, row(**{heading: f"周某（{number}）"}))
    assert list(found) == [PUBLIC[heading]]
    assert "不能导入" in found[PUBLIC[heading]]
    assert "1949" not in found[PUBLIC[heading]] and "234" not in found[PUBLIC[heading]]


@pytest.mark.parametrize("number", [NUMBER, NUMBER + "00", "321023850714032", "13912345678"])
@pytest.mark.parametrize("heading", CODES)
def test_nor_in_the_columns_of_codes(market_bureau, heading, number):
    found = faults(market_bureau, row(**{heading: number}))
    assert list(found) == [CODES[heading]]
    assert number not in found[CODES[heading]]


def test_nor_as_the_code_of_a_company(market_bureau):
    # It is right by both standards: as a resident's number and as a code of a lawyers' chamber.
    for number in (NUMBER, "320199199001010298"):
        assert "自然人的身份证号码" in faults(market_bureau, row(**{CODE: number}))["uscc"]


def test_nor_in_the_name_of_a_duty(market_bureau):
    assert "fulfilment" in faults(market_bureau, row(履行状态=f"向{NUMBER}退款:未履行"))


def test_other_numbers_may_stand_anywhere(market_bureau):
    one = row(
        违法事实="查获D20标号水泥13912345678千克，合同编号HT-2026050112。",
        暂扣或吊销证照名称及编号="食品经营许可证JY13201020012345",
        **{
            "行政相对人代码_2（工商注册号）": "320100000012345",
            "行政相对人代码_3（组织机构代码）": "74820466-0",
        },
    )
    assert faults(market_bureau, one) == {}
    assert doubts(market_bureau, one) == {}


def test_what_may_be_a_number_is_masked_if_the_importer_says_so(market_bureau):
    one = row(违法事实="生产批号E20260501的饮料。")
    assert "遮盖后保存为“生产批号E2*****01的饮料。”" in doubts(market_bureau, one)["facts"]
    import_records(
        content=as_csv(one), file_name="a.csv", organ=market_bureau, at=NOW, actor=None, confirmed=True
    )
    assert DishonestyRecord.objects.get().facts == "生产批号E2*****01的饮料。"


def test_nothing_of_it_is_in_the_database_or_plain_in_the_workbook(market_bureau):
    rows = [
        row(行政处罚决定书文号=f"〔2026〕{n}号", **{heading: NUMBER}) for n, heading in enumerate(CODES)
    ] + [row(行政处罚决定书文号="〔2026〕9号", 违法事实=f"周某{NUMBER}", **{CODE: NUMBER})]
    batch, _new = import_records(
        content=as_csv(*rows), file_name="a.csv", organ=market_bureau, at=NOW, actor=None
    )
    assert (batch.created, batch.rejected) == (0, len(rows))
    with batch.errors.file.open("rb") as file:
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
    text = " ".join(
        f"{cell.value} {cell.comment.text if cell.comment else ''}" for cells in sheet for cell in cells
    )
    assert "1101**********002X" in text
    assert NUMBER not in text and "19491231" not in text
    with connection.cursor() as cursor:
        for table in ("records_dishonestyrecord", "subjects_subject", "ledger_event"):
            cursor.execute(f"SELECT * FROM {table}")
            assert NUMBER not in str(cursor.fetchall())


@pytest.mark.parametrize("written", ["其他-军官证", "其他－军官证", "其他（军官证）"])
def test_other_papers_as_the_standard_writes_them(market_bureau, written):
    content = as_csv(person(证件类型=written, 证件号码="军字第0012345号"))
    import_records(content=content, file_name="a.csv", organ=market_bureau, at=NOW, actor=None)
    record = DishonestyRecord.objects.get()
    assert (record.subject.identity_type, record.subject.identity_number) == ("other", "军字第0012345号")
    assert record.other_columns == {"identity_type": written}
    # Nobody knows from it how old the person is.
    assert record.publicity == "withheld"


def test_other_papers_without_a_name_are_refused(market_bureau):
    found = preview_row(market_bureau, person(证件类型="其他", 证件号码="0012345")).rejected[0].faults
    assert "请写明是什么证件" in found["identity_type"]
