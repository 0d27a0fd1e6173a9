"""Records and imports in the officers' site: each officer's own, looked at, never edited; files with a preview."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.records.models import DishonestyRecord, ImportBatch
from applications.records.services import import_records
from tests.fixtures import make_record, moment
from tests.records.files import as_csv, person, row

LIST = reverse("admin:records_dishonestyrecord_changelist")
BATCHES = reverse("admin:records_importbatch_changelist")
IMPORT = reverse("admin:records_importbatch_import")
CONFIRM = reverse("admin:records_importbatch_confirm")


def change(record) -> str:
    return reverse("admin:records_dishonestyrecord_change", args=[record.pk])


def upload(client, content, organ, name="市监.csv"):
    return client.post(IMPORT, {"organ": organ.pk, "file": SimpleUploadedFile(name, content)})


def token(response) -> str:
    return re.search(r'name="token" value="([^"]+)"', response.content.decode())[1]


# -- Records


@pytest.mark.parametrize(
    ("person", "sees"), [("wang", True), ("li", True), ("qian", True), ("sun", True), ("outsider", False)]
)
def test_each_officer_sees_the_records_of_the_own_organ(client, request, general_record, person, sees):
    client.force_login(request.getfixturevalue(person))
    response = client.get(LIST)
    assert response.status_code == 200
    assert ("宁市监处罚〔2026〕15号" in response.content.decode()) is sees
    assert client.get(change(general_record)).status_code == (200 if sees else 404)


def test_applicants_and_strangers_do_not_get_in(client, alice, general_record):
    assert client.get(LIST).status_code == 302
    client.force_login(alice)
    assert client.get(LIST, follow=True).status_code == 403


def test_a_record_is_read_and_not_edited(client, wang, general_record):
    client.force_login(wang)
    html = client.get(change(general_record)).content.decode()
    assert "违反食品标签管理规定" in html
    # 5,000 yuan, without the six decimals of the column.
    assert ">0.5<" in html and "0.500000" not in html
    assert "91350100M000100Y43" in html
    assert 'name="_save"' not in html
    assert client.post(change(general_record), {"severity": "serious"}).status_code == 403
    general_record.refresh_from_db()
    assert general_record.severity == "general"


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("宁市监处罚〔2026〕15号", True),
        ("南京示例食品有限公司", True),
        ("91350100m000100y43", True),
        ("宁市监", False),
        ("示例", False),
    ],
)
def test_search_takes_whole_values(client, wang, general_record, term, found):
    client.force_login(wang)
    html = client.get(LIST, {"q": term}).content.decode()
    assert (f'href="{change(general_record)}' in html) is found


def test_the_list_costs_the_same_however_long(client, wang, acme, market_bureau, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(wang)
    make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕1000号")
    # The first page of a session also notes that it is in use, and in this transaction locks the chain of its reader.
    client.get(LIST)
    counts = []
    for more in (3, 30):
        for _ in range(more):
            number = DishonestyRecord.objects.count()
            make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{number}号")
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# -- Import


def test_preview_then_confirm(client, wang, market_bureau):
    client.force_login(wang)
    response = upload(client, as_csv(row(), row(处罚类别="打手心")), market_bureau)
    html = response.content.decode()
    assert "新增 1 条" in html
    assert "退回 1 条" in html
    assert "不是处罚类别" in html
    assert ImportBatch.objects.count() == DishonestyRecord.objects.count() == 0

    response = client.post(CONFIRM, {"token": token(response)}, follow=True)
    html = response.content.decode()
    assert "已导入：新增 1 条，更新 0 条，无变化 0 条，退回 1 条。" in html
    batch = ImportBatch.objects.get()
    assert (batch.organ, batch.imported_by, batch.file_name) == (market_bureau, wang, "市监.csv")
    assert DishonestyRecord.objects.get().document_number == "宁市监处罚〔2026〕15号"


def test_confirming_twice_imports_once(client, wang, market_bureau):
    client.force_login(wang)
    code = token(upload(client, as_csv(row()), market_bureau))
    client.post(CONFIRM, {"token": code})
    response = client.post(CONFIRM, {"token": code}, follow=True)
    assert "该文件以前导入过，没有变化" in response.content.decode()
    assert (ImportBatch.objects.count(), DishonestyRecord.objects.count()) == (1, 1)


def test_a_file_that_was_imported_before_is_recognised(client, wang, market_bureau):
    client.force_login(wang)
    content = as_csv(row())
    client.post(CONFIRM, {"token": token(upload(client, content, market_bureau))})
    html = upload(client, content, market_bureau, "改了名.csv").content.decode()
    assert "再次导入不会改变任何记录" in html
    assert "确认导入" not in html


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("市监.csv", b"", "空文件"),
        ("市监.xlsx", as_csv(row()), "内容与文件名不符"),
        ("市监.csv", as_csv(row(), headings=["行政相对人名称", "行政相对人类别", "文号"]), "缺少必需的列"),
    ],
)
def test_a_bad_file_is_named_beside_the_field(client, wang, market_bureau, name, content, reason):
    client.force_login(wang)
    response = upload(client, content, market_bureau, name)
    html = response.content.decode()
    assert response.status_code == 200
    assert reason in html
    assert "<title>错误：" in html
    assert ImportBatch.objects.count() == 0


def test_no_file_chosen(client, wang, market_bureau):
    client.force_login(wang)
    html = client.post(IMPORT, {"organ": market_bureau.pk}).content.decode()
    assert "<title>错误：" in html


def test_a_unit_imports_for_itself_only(client, wang, market_bureau, ecology_bureau):
    client.force_login(wang)
    assert "苏州市生态环境局" not in client.get(IMPORT).content.decode()
    html = upload(client, as_csv(row()), ecology_bureau).content.decode()
    assert "<title>错误：" in html


def test_the_bureau_imports_for_the_units_of_its_region(client, qian, market_bureau, ecology_bureau):
    client.force_login(qian)
    html = client.get(IMPORT).content.decode()
    assert "南京市市场监督管理局" in html
    assert "苏州市生态环境局" not in html
    response = upload(client, as_csv(row()), market_bureau)
    client.post(CONFIRM, {"token": token(response)})
    assert ImportBatch.objects.get().organ == market_bureau


@pytest.mark.parametrize("person", ["li", "zhao", "sun"])
def test_other_roles_do_not_import(client, request, market_bureau, person):
    client.force_login(request.getfixturevalue(person))
    assert client.get(IMPORT).status_code == 403
    assert client.post(CONFIRM, {"token": "x"}).status_code == 403
    assert client.get(BATCHES).status_code == 403


def test_another_officers_upload_cannot_be_confirmed(client, wang, qian, market_bureau):
    client.force_login(wang)
    code = token(upload(client, as_csv(row()), market_bureau))
    client.force_login(qian)
    html = client.post(CONFIRM, {"token": code}, follow=True).content.decode()
    assert "预览已过期，" in html
    assert ImportBatch.objects.count() == 0


def test_a_stale_preview_says_so(client, wang, market_bureau):
    client.force_login(wang)
    for code in ("", "no such token", "令牌"):
        html = client.post(CONFIRM, {"token": code}, follow=True).content.decode()
        assert "预览已过期，" in html
    assert client.get(CONFIRM).url == IMPORT


def test_the_preview_masks_and_the_waiting_file_is_not_readable(client, wang, market_bureau, settings):
    client.force_login(wang)
    number = "110105194912310021"
    response = upload(client, as_csv(person(证件号码=number, 处罚类别=f"罚款{number}")), market_bureau)
    html = response.content.decode()
    assert "1101**********0021" in html and number not in html
    (kept,) = (Path(settings.MEDIA_ROOT) / "waiting").glob("*/*")
    assert number.encode() not in kept.read_bytes() and kept.stat().st_mode & 0o777 == 0o600
    client.post(CONFIRM, {"token": token(response)})
    assert ImportBatch.objects.get().rejected == 1


@pytest.fixture
def batch(market_bureau):
    batch, _ = import_records(
        content=as_csv(row(), row(处罚类别="打手心")),
        file_name="市监.csv",
        organ=market_bureau,
        at=moment("2026-11-20 10:00"),
        actor=None,
    )
    return batch


def test_the_workbook_of_rejected_rows_is_downloaded(client, wang, batch):
    client.force_login(wang)
    url = reverse("admin:records_importbatch_errors", args=[batch.pk])
    assert url in client.get(BATCHES).content.decode()
    response = client.get(url)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    content = b"".join(response.streaming_content)
    assert openpyxl.load_workbook(io.BytesIO(content)).active.max_row == 2


def test_the_batches_of_others_do_not_exist(client, outsider, batch):
    client.force_login(outsider)
    assert "市监.csv" not in client.get(BATCHES).content.decode()
    assert client.get(reverse("admin:records_importbatch_errors", args=[batch.pk])).status_code == 404
    assert client.get(reverse("admin:records_importbatch_change", args=[batch.pk])).status_code == 404


def test_a_batch_without_rejected_rows_has_no_workbook(client, wang, market_bureau):
    batch, _ = import_records(
        content=as_csv(row()),
        file_name="a.csv",
        organ=market_bureau,
        at=moment("2026-11-20 10:00"),
        actor=None,
    )
    client.force_login(wang)
    assert client.get(reverse("admin:records_importbatch_errors", args=[batch.pk])).status_code == 404


def test_a_relation_leads_only_where_its_page_is_open(client, acme, market_bureau, wang):
    import_records(
        content=as_csv(row()), file_name="a.csv", organ=market_bureau, at=moment("2026-11-24 10:00"), actor=wang,
        confirmed=True,
    )  # fmt: skip
    client.force_login(wang)
    page = client.get(reverse("admin:records_importbatch_change", args=[ImportBatch.objects.get().pk]))
    shown = page.content.decode()
    # Who imported it is said; the accounts are the security administrator's.
    assert wang.name in shown and "/admin/accounts/user/" not in shown
    for address in set(re.findall(r'href="(/admin/[^"?]+)"', shown)):
        assert client.get(address).status_code == 200, address


def test_the_way_back_names_each_place_once(client, wang, general_record):
    client.force_login(wang)
    for address, way in (
        (LIST, "我的工作台›失信行为信息"),
        (change(general_record), "我的工作台›失信行为信息›宁市监处罚〔2026〕15号"),
    ):
        crumbs = re.search(r'<div class="breadcrumbs">(.*?)</div>', client.get(address).text, re.DOTALL)[1]
        assert re.sub(r"<[^>]+>|\s", "", crumbs) == way


def test_what_became_of_a_penalty_is_proposed_from_the_page_of_its_record(client, general_record, wang, zhao):
    address = reverse("admin:records_dishonestyrecord_change", args=[general_record.pk])
    proposals = [
        reverse("admin:records_dishonestyrecord_act", args=[general_record.pk, kind])
        for kind in ("revoke", "change")
    ]
    client.force_login(wang)
    page = client.get(address).content.decode()
    assert all(proposal in page for proposal in proposals)
    # Each duty once, with the day of its fulfilment or none.
    duty = general_record.obligations.get()
    assert page.count(f"<td>{duty}</td>") == 1
    # Whoever approves proposes nothing.
    client.force_login(zhao)
    page = client.get(address).content.decode()
    assert not any(proposal in page for proposal in proposals)
