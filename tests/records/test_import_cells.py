"""A cell is read by its type: numbers, dates, errors, formulas, and what a spreadsheet has spoilt."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from applications.records.models import DishonestyRecord
from applications.records.services import import_records
from tests.records.files import as_csv, person, row
from tests.records.previews import (
    CODE,
    CONFISCATED,
    FINE,
    NO_AMOUNTS,
    NOW,
    doubts,
    faults,
    one_row,
    preview,
    preview_row,
    said,
    workbook,
)


def load(organ, content, name="a.csv", **options):
    return import_records(content=content, file_name=name, organ=organ, at=NOW, actor=None, **options)[0]


def test_a_stated_zero_is_an_amount_and_a_blank_is_none(market_bureau):
    stated = row(处罚类别="罚款；没收非法财物", 处罚内容="罚款5000元；没收非法财物", **{CONFISCATED: "0"})
    assert load(market_bureau, as_csv(stated)).created == 1
    assert DishonestyRecord.objects.get().confiscated_amount == 0
    for blank in ("", "/", "无", "——"):
        assert "不能为空" in faults(market_bureau, stated | {CONFISCATED: blank})["confiscated_amount"]


def test_signs_for_nothing_are_blank_where_nothing_is_due(market_bureau):
    assert faults(market_bureau, row(**NO_AMOUNTS) | {FINE: "/", CONFISCATED: "无", "公示截止期": "—"}) == {}


@pytest.mark.parametrize("written", ["0,5", "1,23", "1_000", "1e3", "0.5.1", "５千"])
def test_an_amount_that_can_be_read_in_two_ways_is_refused(market_bureau, written):
    assert list(faults(market_bureau, row(**{FINE: written}))) == ["fine_amount"]


def test_a_sum_is_the_number_that_the_spreadsheet_shows(market_bureau):
    content = workbook(("a", one_row(**{FINE: 0.1 + 0.2, "处罚内容": "罚款3000元"})))
    load(market_bureau, content, "a.xlsx")
    assert DishonestyRecord.objects.get().fine_amount == Decimal("0.3")


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])
@pytest.mark.parametrize("heading", ["违法事实", "行政处罚决定书文号", "行政相对人名称"])
def test_an_error_cell_is_refused_and_named(market_bureau, error, heading):
    (rejected,) = preview(market_bureau, workbook(("a", one_row(**{heading: error}))), "a.xlsx").rejected
    assert f"错误值 {error}" in said(rejected)
    (rejected,) = preview_row(market_bureau, row(**{heading: error})).rejected
    assert f"错误值 {error}" in said(rejected)


def test_a_formula_is_refused_whatever_it_shows(market_bureau):
    (rejected,) = preview(
        market_bureau, workbook(("a", one_row(违法行为类型="=CONCATENATE(1,2)"))), "a.xlsx"
    ).rejected
    assert "单元格是公式" in rejected.faults["violation_type"]
    assert "单元格是公式" in faults(market_bureau, row(违法行为类型="=VLOOKUP(A2,B:C,2,0)"))["violation_type"]


def test_a_formula_in_a_column_that_is_not_read_does_no_harm(market_bureau):
    headings, cells = one_row()
    content = workbook(("a", [["序号", *headings], ["=ROW()-1", *cells]]))
    assert preview(market_bureau, content, "a.xlsx").created == 1


def test_escaped_line_breaks_become_line_breaks(market_bureau):
    load(market_bureau, workbook(("a", one_row(违法事实="甲行_x000D_\n乙行"))), "a.xlsx")
    assert DishonestyRecord.objects.get().facts in ("甲行\n乙行", "甲行\n\n乙行")
    batch = load(market_bureau, as_csv(row(行政处罚决定书文号="〔2026〕2号", 违法事实="丙行\r\n丁行")))
    assert batch.created == 1
    assert DishonestyRecord.objects.get(document_number="〔2026〕2号").facts == "丙行\n丁行"


@pytest.mark.parametrize(
    ("epoch", "serial", "day"), [(None, 46143, date(2026, 5, 1)), (MAC_EPOCH, 44681, date(2026, 5, 1))]
)
def test_a_plain_serial_is_read_in_the_workbook_s_own_epoch(market_bureau, epoch, serial, day):
    load(market_bureau, workbook(("a", one_row(处罚决定日期=serial)), epoch=epoch), "a.xlsx")
    assert DishonestyRecord.objects.get().decided_on == day


def test_a_date_cell_of_a_1904_workbook_is_the_date_it_shows(market_bureau):
    load(
        market_bureau, workbook(("a", one_row(处罚决定日期=datetime(2026, 5, 1))), epoch=MAC_EPOCH), "a.xlsx"
    )
    assert DishonestyRecord.objects.get().decided_on == date(2026, 5, 1)


@pytest.mark.parametrize("written", ["2026-05-01 14:30", "2026/5/1 14:30:05", "2026-05-01T14:30"])
def test_a_time_of_day_is_not_lost_in_silence(market_bureau, written):
    assert "只保存日期 2026-05-01" in doubts(market_bureau, row(处罚决定日期=written))["decided_on"]


def test_nor_is_that_of_a_date_cell(market_bureau):
    content = workbook(("a", one_row(处罚决定日期=datetime(2026, 5, 1, 14, 30))))
    (doubtful,) = preview(market_bureau, content, "a.xlsx").doubtful
    assert "14:30" in doubtful.doubts["decided_on"]
    assert load(market_bureau, content, "a.xlsx", confirmed=True).created == 1
    assert DishonestyRecord.objects.get().decided_on == date(2026, 5, 1)


def test_a_duty_with_a_time_of_day_is_refused(market_bureau):
    assert "带有时间" in faults(market_bureau, row(履行状态="罚款:2026-06-01T09:30"))["fulfilment"]


@pytest.mark.parametrize(
    ("heading", "key", "written", "reason"),
    [
        (CODE, "uscc", "9.13201E+17", "科学计数法"),
        ("证件号码", "identity_number", "3.20682E+17", "科学计数法"),
        ("行政相对人代码_2（工商注册号）", "registration", "3.2E+14", "科学计数法"),
        (FINE, "fine_amount", "5E-05", "科学计数法"),
        ("证件号码", "identity_number", "320682198808081000", "末几位是0"),
        (CODE, "uscc", "91320682123456000", "末几位是0"),
    ],
)
def test_a_number_that_a_spreadsheet_has_spoilt_says_so(market_bureau, heading, key, written, reason):
    one = person() if key == "identity_number" else row()
    found = faults(market_bureau, one | {heading: written})[key]
    assert reason in found
    assert "位，现有" not in found


@pytest.mark.parametrize("written", ["长期有效", "永久", "长 期", "2099/12/31", "9999-12-31"])
def test_without_end_is_understood(market_bureau, written):
    load(market_bureau, as_csv(row(处罚有效期=written)))
    assert DishonestyRecord.objects.get().valid_until is None


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋"])
@pytest.mark.parametrize(("heading", "key"), [("行政相对人名称", "name"), ("法定代表人", "representative")])
def test_a_name_that_begins_like_a_formula_is_no_name(market_bureau, sign, heading, key):
    found = faults(market_bureau, row(**{heading: f"{sign}扬州示例"}))
    assert "公式" in found[key]


@pytest.mark.parametrize(
    ("content", "amount"),
    [
        ("罚款300元", "300"),
        ("处以人民币伍仟元整罚款", "5"),
        ("罚款3.5万元", "0.35"),
        ("罚款1000元、罚款2000元", "0.2001"),
    ],
)
def test_amounts_that_contradict_the_words_have_to_be_confirmed(market_bureau, content, amount):
    one = row(处罚类别="罚款", 处罚内容=content, 履行状态="未履行") | {FINE: amount, CONFISCATED: ""}
    assert "不一致" in doubts(market_bureau, one)["fine_amount"]


@pytest.mark.parametrize(
    ("content", "amount"),
    [
        ("罚款300元", "0.03"),
        ("处以人民币伍仟元整（¥5000.00）罚款", "0.5"),
        ("罚款三万五千元", "3.5"),
        ("罚款1,000元，罚款2000元", "0.3"),
        ("没收违法所得120元，并处5000元罚款", "0.5"),
        ("罚款", "7"),
    ],
)
def test_amounts_that_agree_with_the_words_need_no_word(market_bureau, content, amount):
    one = row(处罚类别="罚款", 处罚内容=content, 履行状态="未履行") | {FINE: amount, CONFISCATED: ""}
    assert doubts(market_bureau, one) == {}


def test_confiscated_amounts_too(market_bureau):
    found = doubts(market_bureau, row(处罚内容="罚款5000元，没收违法所得12万元"))
    assert list(found) == ["confiscated_amount"]


def test_an_apostrophe_that_keeps_a_code_a_text_is_none_of_it(market_bureau):
    load(
        market_bureau, workbook(("a", one_row(行政处罚决定书文号="'〔2026〕0012号", 备注="'甲'店"))), "a.xlsx"
    )
    record = DishonestyRecord.objects.get()
    assert (record.document_number, record.remarks) == ("〔2026〕0012号", "'甲'店")
