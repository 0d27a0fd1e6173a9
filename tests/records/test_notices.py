"""两书同达: the notice of repair that goes out with the penalty decision, of one record or of a whole file."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pypdf import PdfReader

from applications.documents.models import Document
from applications.documents.services import render_document
from applications.records.models import DishonestyRecord, ImportBatch
from applications.records.services import import_records, source, write_record
from applications.records.services.notices import issue_notice
from tests.fixtures import moment
from tests.records.files import as_csv, row
from tests.repairs.steps import granted

pytestmark = pytest.mark.django_db

AT = moment("2026-11-24 10:00")


def text_of(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def rendered(document) -> str:
    with render_document(document.pk, at=AT).pdf.file.open("rb") as file:
        return text_of(file.read())


def test_it_says_everything_that_the_subject_has_to_know(general_record, wang, credit_bureau):
    text = rendered(issue_notice(record=general_record, actor=wang, at=AT))
    for words in (
        "信用修复告知书", "南京示例食品有限公司", "宁市监处罚〔2026〕15号", "一般失信（第四条）", "3个月",
        # One year from the decision; three months are over on 1 August, so one may apply from the 2nd, a Sunday.
        "1年", "至2027年5月1日，期满后自动停止公示", "我单位对你（单位）作出的下列行政处罚决定", "2026年8月2日（周日）", "信用修复承诺书", "履行完毕证明", "025-00000001",
        "南京市公共信用信息中心，电话025-00000002",
    ):  # fmt: skip
        assert words in text
    assert "培训" not in text


def test_a_serious_record_asks_for_more(serious_record, wang):
    text = rendered(issue_notice(record=serious_record, actor=wang, at=AT))
    # Six months from 2 March 2026 are over on 2 September.
    for words in ("严重失信（第五条）", "6个月", "3年", "2026年9月3日", "信用修复培训证书", "信用报告"):
        assert words in text


def test_specific_serious_conduct_says_until_when(general_record, wang):
    write_record(
        record=general_record, values={"penalties": ["order_suspension"], "domains": ["food_drug"]},
        verb="record.updated", at=AT, actor=wang,
    )  # fmt: skip
    text = rendered(issue_notice(record=general_record, actor=wang, at=AT))
    assert "2029年5月1日以前不予修复" in text and "申请时提交的材料" not in text


def test_the_same_is_issued_once_and_a_change_anew(general_record, wang):
    first = issue_notice(record=general_record, actor=wang, at=AT)
    assert issue_notice(record=general_record, actor=wang, at=moment("2026-11-25 10:00")) == first
    write_record(
        record=general_record, values={"severity": "serious"}, verb="record.updated", at=AT, actor=wang
    )
    second = issue_notice(record=general_record, actor=wang, at=moment("2026-11-26 10:00"))
    assert second.replaces == first and second.number != first.number


def test_another_bodys_penalty_is_not_called_the_units_own(general_record, wang):
    write_record(
        record=general_record, values={"penalising_organ": "南京市市场监管综合执法总队"},
        verb="record.updated", at=AT, actor=wang,
    )  # fmt: skip
    text = rendered(issue_notice(record=general_record, actor=wang, at=AT))
    assert (
        "南京市市场监管综合执法总队对你（单位）作出的下列行政处罚决定，由我单位认定为失信行为信息，归集并公示"
        in text
    )


def test_publicity_that_is_over_is_told_so(general_record, wang):
    DishonestyRecord.objects.update(publicity="expired", publicity_ended_at=AT)
    general_record.refresh_from_db()
    text = rendered(issue_notice(record=general_record, actor=wang, at=AT))
    assert "本条信息的公示已停止公示" in text and "归集并公示" not in text


def test_after_a_repair_the_notice_is_no_longer_said_to_hold_as_it_stands(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    document = issue_notice(record=general_record, actor=wang, at=AT)
    address = reverse("documents:verified", args=[document.verification_code])
    assert "这份文书真实有效" in client.get(address).text
    granted(general_record, market_bureau, alice, wang, li, zhao)
    page = client.get(address).text
    assert "所载信息在签发后有变化，现在的情况请向签发单位了解" in page and "真实有效" not in page


def test_a_day_that_was_corrected_shows_though_publicity_ends_as_before(client, general_record, wang):
    document = issue_notice(record=general_record, actor=wang, at=AT)
    address = reverse("documents:verified", args=[document.verification_code])
    day, until = date(2026, 5, 9), general_record.publicity_until
    later = moment("2026-11-25 10:00")
    write_record(
        record=general_record,
        values={"remarks": "内部备注", "fine_amount": None},
        verb="record.updated",
        at=later,
        actor=wang,
    )
    assert "这份文书真实有效" in client.get(address).text
    write_record(
        record=general_record, values={"identified_on": day, "publicity_until": until},
        verb="record.updated", at=later, actor=wang,
    )  # fmt: skip
    general_record.refresh_from_db()
    assert (general_record.identified_on, general_record.publicity_until) == (day, until)
    assert "所载信息在签发后有变化，现在的情况请向签发单位了解" in client.get(address).text


def test_a_revoked_penalty_has_none(general_record, wang):
    write_record(
        record=general_record, values={"source_state": "revoked"}, verb="record.revoked", at=AT, actor=wang
    )
    with pytest.raises(ValidationError):
        issue_notice(record=general_record, actor=wang, at=AT)


def test_its_reader_is_the_subject_and_who_sees_the_record(
    client, general_record, wang, alice, charlie, qian
):
    document = issue_notice(record=general_record, actor=wang, at=AT)
    render_document(document.pk, at=AT)
    for person, status in ((alice, 200), (qian, 200), (charlie, 404)):
        client.force_login(person)
        assert client.get(reverse("documents:download", args=[document.pk])).status_code == status
    client.force_login(alice)
    page = client.get(reverse("records:record", args=[general_record.pk])).content.decode()
    assert document.number in page


def test_by_the_page_of_the_record(client, general_record, wang, outsider):
    client.force_login(wang)
    address = reverse("admin:records_dishonestyrecord_notice", args=[general_record.pk])
    page = client.get(reverse("admin:records_dishonestyrecord_change", args=[general_record.pk]))
    assert address in page.content.decode()
    client.post(address)
    document = Document.objects.get(kind="repair_notice")
    page = client.get(reverse("admin:records_dishonestyrecord_change", args=[general_record.pk]))
    assert document.number in page.content.decode()
    client.force_login(outsider)
    assert client.post(address).status_code == 404


def test_a_whole_file_in_one(client, market_bureau, wang):
    content = as_csv(row(行政处罚决定书文号="宁罚〔2026〕1号"), row(行政处罚决定书文号="宁罚〔2026〕2号"))
    batch, _ = import_records(content=content, file_name="a.csv", organ=market_bureau, at=AT, actor=wang)
    client.force_login(wang)
    address = reverse("admin:records_importbatch_notices", args=[batch.pk])
    assert (
        address in client.get(reverse("admin:records_importbatch_change", args=[batch.pk])).content.decode()
    )
    client.post(address, {"part": "1"})
    file = reverse("admin:records_importbatch_notices_file", args=[batch.pk, 1])
    assert "还没有全部生成" in client.get(file, follow=True).content.decode()
    for document in Document.objects.filter(kind="repair_notice"):
        render_document(document.pk, at=AT)
    pdf = client.get(file)
    assert pdf["Content-Type"] == "application/pdf"
    text = text_of(pdf.content)
    assert "宁罚〔2026〕1号" in text and "宁罚〔2026〕2号" in text
    assert DishonestyRecord.objects.count() == len(
        {document.number for document in Document.objects.filter(kind="repair_notice")}
    )
    assert client.post(address, {"part": "0"}).status_code == 404


def test_a_later_file_takes_none_away(client, market_bureau, wang, qian):
    content = as_csv(row())
    first, _ = import_records(content=content, file_name="a.csv", organ=market_bureau, at=AT, actor=wang)
    changed = as_csv(row(违法事实="两批次。"))
    second, _ = import_records(content=changed, file_name="b.csv", organ=market_bureau, at=AT, actor=wang)
    assert second.updated == 1
    record = DishonestyRecord.objects.get()
    assert record.batch == first and record.changes.get().batch == second
    client.force_login(wang)
    address = reverse("admin:records_importbatch_notices", args=[first.pk])
    page = client.post(address, {"part": "1"}, follow=True).content.decode()
    assert "这一部分现有1份告知书，尚未生成PDF的正在生成。" in page
    linked = {
        batch: reverse("admin:records_importbatch_notices", args=[batch.pk])
        in client.get(reverse("admin:records_importbatch_change", args=[batch.pk])).content.decode()
        for batch in (first, second)
    }
    assert linked == {first: True, second: False}
    # A bureau's intake officer sees the file, and hands over no notices of a unit.
    client.force_login(qian)
    seen = client.get(reverse("admin:records_importbatch_change", args=[first.pk])).content.decode()
    assert "a.csv" in seen and address not in seen


def test_it_is_offered_where_there_is_a_repair_to_tell_of(client, general_record, market_bureau, wang):
    client.force_login(wang)
    address = reverse("admin:records_dishonestyrecord_change", args=[general_record.pk])
    assert "出具信用修复告知书" in client.get(address).text
    batch = ImportBatch.objects.create(organ=market_bureau, file_name="a.csv", sha256="0", imported_at=AT)
    source.revoke_by_file(record=general_record, batch=batch, at=AT, actor=None)
    assert "出具信用修复告知书" not in client.get(address).text
