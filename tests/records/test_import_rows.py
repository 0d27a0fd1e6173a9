"""What one row of a record file says, and what a wrong one is told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from applications.records.models import DishonestyRecord
from applications.records.services import import_records, preview_import
from tests.fixtures import moment
from tests.records.files import HEADINGS, as_csv, person, row

NOW = moment("2026-11-23 10:00")


@pytest.fixture
def load(market_bureau):
    """Imports rows for the market bureau and returns the batch."""

    def load(*rows, at=NOW, name="市监.csv", **options):
        batch, _ = import_records(
            content=as_csv(*rows, **options), file_name=name, organ=market_bureau, at=at, actor=None
        )
        return batch

    return load


@pytest.fixture
def faults(market_bureau):
    """The faults of a single row: column key → reason."""

    def faults(one):
        preview = preview_import(content=as_csv(one), file_name="a.csv", organ=market_bureau, at=NOW)
        return preview.rejected[0].faults if preview.rejected else {}

    return faults


def test_a_good_row_becomes_a_record_with_its_subject_and_duties(load):
    batch = load(row())
    assert (batch.created, batch.updated, batch.unchanged, batch.rejected) == (1, 0, 0, 0)
    record = DishonestyRecord.objects.get()
    assert record.subject.name == "南京示例食品有限公司"
    assert record.subject.uscc == "91350100M000100Y43"
    assert record.identifying_unit.code == "nj-scjg"
    assert record.region == "320100"
    assert record.severity == "general"
    assert record.domains == ["food_drug"]
    assert record.conducts == []
    assert record.penalties == ["fine", "confiscate_gains"]
    assert record.fine_amount == Decimal("0.5")
    assert record.confiscated_amount == Decimal("0.012")
    assert record.decided_on == record.identified_on == date(2026, 5, 1)
    assert record.valid_until is None
    assert record.publicity == "published"
    assert [(d.name, d.source, d.fulfilled_on) for d in record.obligations.all()] == [
        ("罚款", "administrative", date(2026, 6, 1)),
        ("没收违法所得", "administrative", None),
    ]


@pytest.mark.parametrize(
    ("severity", "penalties", "domain", "last_day"),
    [
        ("一般", "警告", "无", date(2027, 5, 1)),
        ("严重", "警告", "无", date(2029, 5, 1)),
        # Article 6 needs domain and penalty; then it is three years whatever the label.
        ("一般", "责令停产停业", "食品药品", date(2029, 5, 1)),
        ("一般", "责令停产停业", "无", date(2027, 5, 1)),
    ],
)
def test_publicity_lasts_one_or_three_years_from_the_decision(load, severity, penalties, domain, last_day):
    load(
        row(
            失信严重程度=severity,
            处罚类别=penalties,
            失信领域=domain,
            履行状态="未履行",
            **{"罚款金额（万元）": "", "没收违法所得、没收非法财物的金额（万元）": ""},
        )
    )
    assert DishonestyRecord.objects.get().publicity_until == last_day


def test_an_earlier_end_of_publicity_is_kept_and_a_later_one_is_not(load):
    load(
        row(公示截止期="2026-12-31"),
        row(行政处罚决定书文号="宁市监处罚〔2026〕16号", 公示截止期="2030-01-01"),
    )
    ends = DishonestyRecord.objects.order_by("document_number").values_list("publicity_until", flat=True)
    assert list(ends) == [date(2026, 12, 31), date(2027, 5, 1)]


def test_a_record_whose_publicity_is_over_comes_in_as_expired(load):
    load(row(处罚决定日期="2025-03-03"))
    record = DishonestyRecord.objects.get()
    assert record.publicity == "expired"
    assert record.publicity_ended_at == NOW


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-01",
        "2026/5/1",
        "2026.05.01",
        "2026年5月1日",
        "２０２６年５月１日",
        "20260501",
        "2026/5/1 0:00",
        "46143",
    ],
)
def test_dates_in_every_usual_form(load, written):
    load(row(处罚决定日期=written))
    assert DishonestyRecord.objects.get().decided_on == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("罚款;没收违法所得", ["fine", "confiscate_gains"]),
        ("没收违法所得；罚款", ["fine", "confiscate_gains"]),
        ("罚款；没收违法所得、没收非法财物", ["fine", "confiscate_gains", "confiscate_property"]),
        ("罚款；没收违法所得；吊销许可证件", ["fine", "confiscate_gains", "revoke_permit"]),
        ("罚款；没收违法所得；吊销许可证", ["fine", "confiscate_gains", "revoke_permit"]),
        ("罚款；没收违法所得；吊销营业执照", ["fine", "confiscate_gains", "revoke_licence"]),
        ("罚款；没收违法所得；其他-责令退赔", ["fine", "confiscate_gains", "other"]),
    ],
)
def test_penalties_in_the_wording_of_2018_and_2021(load, written, codes):
    load(row(处罚类别=written, 暂扣或吊销证照名称及编号="食品经营许可证示例"))
    assert DishonestyRecord.objects.get().penalties == codes


@pytest.mark.parametrize(
    ("written", "duties"),
    [
        ("未履行", [("罚款", None), ("没收违法所得", None)]),
        ("已履行完毕(2026-06-01)", [("罚款", date(2026, 6, 1)), ("没收违法所得", date(2026, 6, 1))]),
        ("已履行完毕（2026年6月1日）", [("罚款", date(2026, 6, 1)), ("没收违法所得", date(2026, 6, 1))]),
        ("罚款：2026-06-01；责令改正：未履行", [("罚款", date(2026, 6, 1)), ("责令改正", None)]),
    ],
)
def test_duties_named_one_by_one_or_all_at_once(load, written, duties):
    load(row(履行状态=written))
    record = DishonestyRecord.objects.get()
    assert [(duty.name, duty.fulfilled_on) for duty in record.obligations.all()] == duties


def test_a_duty_fixed_by_a_court_is_marked(load):
    load(row(履行状态="判决给付（司法裁判）:2026-07-01"))
    duty = DishonestyRecord.objects.get().obligations.get()
    assert (duty.name, duty.source) == ("判决给付", "judicial")


def test_a_warning_may_leave_nothing_to_do(load):
    load(
        row(
            处罚类别="警告",
            履行状态="无",
            **{"罚款金额（万元）": "", "没收违法所得、没收非法财物的金额（万元）": ""},
        )
    )
    assert DishonestyRecord.objects.get().obligations.count() == 0


WRONG = [
    ({"行政相对人名称": ""}, "name", "不能为空"),
    ({"行政相对人类别": "公司"}, "kind", "不是行政相对人类别"),
    ({"行政相对人类别": "个体工商户"}, "kind", "92开头"),
    ({"行政相对人代码_1（统一社会信用代码）": "91350100M000100Y4Z"}, "uscc", "校验位不正确"),
    ({"行政相对人代码_1（统一社会信用代码）": "9135010"}, "uscc", "应为18位，现有7位"),
    ({"行政处罚决定书文号": ""}, "document_number", "不能为空"),
    ({"行政处罚决定书文号": "号" * 129}, "document_number", "最多 128 个字"),
    ({"处罚类别": "打手心"}, "penalties", "不是处罚类别"),
    ({"处罚类别": "罚款；没收违法所得；暂扣或者吊销许可证"}, "penalties", "没有写明是暂扣还是吊销"),
    ({"罚款金额（万元）": ""}, "fine_amount", "不能为空"),
    ({"罚款金额（万元）": "5000元"}, "fine_amount", "单位是万元"),
    ({"罚款金额（万元）": "-1"}, "fine_amount", "大于 0"),
    ({"罚款金额（万元）": "99999999"}, "fine_amount", "合理范围"),
    ({"罚款金额（万元）": "0.12345678"}, "fine_amount", "六位小数"),
    ({"处罚类别": "没收违法所得"}, "fine_amount", "没有相应的处罚"),
    ({"处罚类别": "罚款；没收违法所得；吊销执照"}, "permit_affected", "证照名称"),
    ({"处罚决定日期": "2026-02-30"}, "decided_on", "不存在"),
    ({"处罚决定日期": "去年"}, "decided_on", "不是日期"),
    ({"处罚决定日期": "2026-11-24"}, "decided_on", "晚于今天"),
    ({"处罚决定日期": "1026-05-01"}, "decided_on", "行政处罚法"),
    ({"处罚有效期": ""}, "valid_until", "不能为空"),
    ({"处罚有效期": "2026-04-30"}, "valid_until", "不能早于处罚决定日期"),
    ({"公示截止期": "2026-04-30"}, "publicity_until", "不能早于处罚决定日期"),
    ({"处罚机关": "南京市生态环境局"}, "penalising_organ", "与处罚机关名称不一致"),
    ({"处罚机关统一社会信用代码": "91320100748204660Q"}, "penalising_organ_uscc", "不是导入机构"),
    # The example code of GB 32100 is registered in 35 Fujian.
    ({"处罚机关统一社会信用代码": "91350100M000100Y43"}, "penalising_organ_uscc", "不在江苏省"),
    ({"失信严重程度": ""}, "severity", "没有标注失信严重程度"),
    ({"失信严重程度": "未定"}, "severity", "没有标注失信严重程度"),
    ({"失信严重程度": "较重"}, "severity", "只能填“一般”或“严重”"),
    ({"失信领域": "金融"}, "domains", "不是第六条所列的失信领域"),
    ({"失信行为": "迟到"}, "conducts", "不是第六条所列的失信行为"),
    ({"履行状态": ""}, "fulfilment", "请填履行状态"),
    ({"履行状态": "缴了"}, "fulfilment", "应写成"),
    ({"履行状态": "已履行完毕"}, "fulfilment", "写明履行完毕的日期"),
    ({"履行状态": "罚款:2026-02-30"}, "fulfilment", "不存在"),
    ({"履行状态": "罚款:2026-12-01"}, "fulfilment", "晚于今天"),
    ({"履行状态": "罚款:未履行；罚款:未履行"}, "fulfilment", "写了两次"),
]


@pytest.mark.parametrize(("changes", "key", "reason"), WRONG, ids=[f"{k}-{r}" for _, k, r in WRONG])
def test_a_wrong_cell_is_refused_with_its_reason(faults, changes, key, reason):
    found = faults(row(**changes))
    assert list(found) == [key]
    assert reason in found[key]


def test_every_wrong_cell_of_a_row_is_named_at_once(faults):
    found = faults(row(行政相对人名称="", 处罚决定日期="2026-02-30", 失信严重程度="较重"))
    assert set(found) == {"name", "decided_on", "severity"}


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ("310000", "不在江苏省"),
        ("320999", "没有行政区划代码"),
        ("320500", "不在南京市市场监督管理局的辖区内"),
    ],
)
def test_a_record_from_elsewhere_is_refused(market_bureau, region, reason):
    content = as_csv(row(地方编码=region), headings=[*HEADINGS, "地方编码"])
    preview = preview_import(content=content, file_name="a.csv", organ=market_bureau, at=NOW)
    assert reason in preview.rejected[0].faults["region"]


def test_a_county_of_the_city_is_inside_it(market_bureau):
    content = as_csv(row(地方编码="320102"), headings=[*HEADINGS, "地方编码"])
    import_records(content=content, file_name="a.csv", organ=market_bureau, at=NOW, actor=None)
    assert DishonestyRecord.objects.get().region == "320102"


def test_a_revoked_penalty_is_not_imported(market_bureau):
    content = as_csv(row(当前状态="1"), headings=[*HEADINGS, "当前状态"])
    preview = preview_import(content=content, file_name="a.csv", organ=market_bureau, at=NOW)
    assert "没有导入过" in preview.rejected[0].faults["present_state"]


def test_information_of_limited_use_is_never_public(market_bureau):
    content = as_csv(row(信息使用范围="1"), headings=[*HEADINGS, "信息使用范围"])
    import_records(content=content, file_name="a.csv", organ=market_bureau, at=NOW, actor=None)
    assert DishonestyRecord.objects.get().publicity == "withheld"


# -- Persons


def test_a_person_is_found_by_a_number_that_the_database_does_not_show(load):
    load(person())
    subject = DishonestyRecord.objects.get().subject
    assert (subject.kind, subject.uscc) == ("natural_person", None)
    assert subject.identity_number == "11010519491231002X"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM subjects_subject")
        assert "11010519491231002X" not in str(cursor.fetchall())


@pytest.mark.parametrize(
    ("decided", "publicity"),
    [
        # Born 2008-05-01. A year of age is complete when the birthday is over.
        ("2026-04-30", "withheld"),
        ("2026-05-01", "withheld"),
        ("2026-05-02", "published"),
    ],
)
def test_a_minor_at_the_decision_is_never_public(load, decided, publicity):
    # 320000 20080501 001 and its check digit by GB 11643.
    load(person(证件号码="320000200805010013", 处罚决定日期=decided))
    assert DishonestyRecord.objects.get().publicity == publicity


def test_a_person_of_unknown_age_is_not_public(load):
    load(person(证件类型="护照号", 证件号码="E12345678"))
    assert DishonestyRecord.objects.get().publicity == "withheld"


def test_a_wrong_identity_number_is_refused(faults):
    assert "校验位有误" in faults(person(证件号码="110105194912310021"))["identity_number"]
    assert "不能为空" in faults(person(证件号码=""))["identity_number"]
    assert "不能识别证件类型" in faults(person(证件类型="驾驶证"))["identity_type"]


# -- Against what is known


def test_another_name_for_a_known_code_is_refused(load, faults):
    load(row())
    reason = faults(row(行政相对人名称="别的公司", 行政处罚决定书文号="宁市监处罚〔2026〕16号"))["name"]
    assert "已登记为“南京示例食品有限公司”" in reason


def test_nobody_learns_whose_identity_number_it_is(load, faults):
    load(person())
    reason = faults(person(行政相对人名称="吴示平", 行政处罚决定书文号="宁市监处罚〔2026〕16号"))["name"]
    assert "另一姓名" in reason
    assert "周示安" not in reason


def test_the_same_penalty_twice_in_a_file_is_refused_the_second_time(load):
    batch = load(row(), row(备注="再来一次"))
    assert (batch.created, batch.rejected) == (1, 1)
    assert DishonestyRecord.objects.get().remarks == ""


def test_one_decision_against_two_subjects_is_two_records(load):
    assert load(row(), person()).created == 2
