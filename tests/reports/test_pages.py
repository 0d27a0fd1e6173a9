"""The officer's pages and the applicant's list, as each person meets them."""

import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from applications.documents.services import render_document
from applications.ledger.models import Event
from applications.reports.models import CreditReport
from tests.pages import seen
from tests.reports.conftest import ISSUED

pytestmark = pytest.mark.django_db

LIST = "admin:reports_creditreport_changelist"


@pytest.fixture
def desk(client, qian):
    client.force_login(qian)
    return client


# -- The officer's main job


def test_from_the_list_to_an_issued_report(desk, acme, repaired_record):
    page = desk.get(reverse(LIST))
    assert reverse("admin:reports_choose") in page.content.decode()

    page = desk.post(reverse("admin:reports_choose"), {"term": acme.uscc.lower()})
    issue = reverse("admin:reports_issue", args=[acme.pk])
    assert issue in page.content.decode()

    assert "预览" in seen(desk.get(issue))
    page = desk.get(issue, {"variant": "repair", "purpose": "申请信用修复"})
    assert "宁市监处罚〔2026〕15号【已修复】" in seen(page)
    assert not CreditReport.objects.exists()
    assert Event.objects.filter(verb="report.previewed", chain=f"subject-{acme.pk}").count() == 1

    once = re.search(r'name="once" value="(\w+)"', page.content.decode()).group(1)
    form = {"variant": "repair", "purpose": "申请信用修复", "once": once}
    page = desk.post(issue, form, follow=True)
    report = CreditReport.objects.get()
    assert report.number in seen(page)
    assert reverse("documents:download", args=[report.document_id]) in page.content.decode()

    # The second click of a double click.
    page = desk.post(issue, form, follow=True)
    assert "没有重复签发" in seen(page)
    assert CreditReport.objects.count() == 1


def test_voiding_asks_for_a_reason_and_happens_once(desk, issue):
    report = issue()
    address = reverse("admin:reports_void", args=[report.pk])
    assert "作废不能撤回" in seen(desk.get(address))
    page = desk.post(address, {"reason": ""})
    assert "请写明作废原因" in seen(page)
    assert "<title>错误：" in page.content.decode()
    page = desk.post(address, {"reason": "主体<b>选错"}, follow=True)
    assert "已作废" in seen(page)
    assert "主体&lt;b&gt;选错" in page.content.decode()
    late = desk.post(address, {"reason": "再来"})
    assert late.status_code == 409
    assert "此前已经作废" in seen(late)


@pytest.mark.parametrize("term", ["示例", "91350100", "nobody"])
def test_a_part_of_a_name_or_code_finds_nobody(desk, acme, term):
    page = desk.post(reverse("admin:reports_choose"), {"term": term})
    assert "没有找到这个信用主体" in seen(page)
    assert acme.name not in seen(page)


def test_an_empty_search_is_explained(desk):
    page = desk.post(reverse("admin:reports_choose"), {"term": ""})
    assert "请输入完整的名称或者代码" in seen(page)


def test_missing_variant_and_purpose_are_explained_and_kept(desk, acme):
    address = reverse("admin:reports_issue", args=[acme.pk])
    page = desk.get(address, {"variant": "repair", "purpose": ""})
    assert "请填写用途" in seen(page)
    assert re.search(r'value="repair"[^>]*checked', page.content.decode())
    page = desk.post(address, {"variant": "x", "purpose": "投标"})
    assert page.status_code == 200
    assert 'value="投标"' in page.content.decode()
    assert not CreditReport.objects.exists()


def test_the_preview_escapes_what_others_wrote(desk, acme, general_record):
    general_record.facts = "<script>alert(1)</script>"
    general_record.save()
    address = reverse("admin:reports_issue", args=[acme.pk])
    body = desk.get(address, {"variant": "repair", "purpose": "<img src=x>"}).content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)" in body
    assert "<img src=x>" not in body


def test_the_list_takes_as_many_queries_for_thirty_as_for_three(desk, issue, django_assert_max_num_queries):
    for _ in range(3):
        issue()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        desk.get(reverse(LIST))
    for _ in range(27):
        issue()
    with django_assert_max_num_queries(len(few)):
        desk.get(reverse(LIST))


# -- Not yours


@pytest.mark.parametrize("person", ["wang", "sun", "outsider"])
def test_other_staff_have_no_reports(client, issue, person, request):
    report = issue()
    client.force_login(request.getfixturevalue(person))
    assert report.number not in client.get(reverse(LIST)).content.decode()
    assert client.get(reverse("admin:reports_creditreport_change", args=[report.pk])).status_code in (
        403,
        404,
    )
    assert client.get(reverse("admin:reports_choose")).status_code == 403
    assert client.post(reverse("admin:reports_void", args=[report.pk]), {"reason": "x"}).status_code == 403
    report.document.refresh_from_db()
    assert report.document.status == "valid"


def test_an_applicant_does_not_reach_the_desk(client, issue, alice):
    report = issue()
    client.force_login(alice)
    for address in (
        reverse(LIST),
        reverse("admin:reports_choose"),
        reverse("admin:reports_issue", args=[report.subject_id]),
        reverse("admin:reports_void", args=[report.pk]),
    ):
        assert client.get(address).status_code in (302, 403)


def test_missing_reports_and_subjects(desk):
    assert desk.get(reverse("admin:reports_creditreport_change", args=[404])).status_code == 404
    assert desk.get(reverse("admin:reports_issue", args=[404])).status_code == 404
    assert desk.get(reverse("admin:reports_void", args=[404])).status_code == 404


# -- The applicant


def test_people_see_and_download_the_reports_of_their_own_subjects(client, issue, alice, charlie):
    report = issue()
    render_document(report.document_id, at=ISSUED)
    client.force_login(alice)
    page = client.get(reverse("reports:list"))
    assert report.number in seen(page)
    assert "至2027年6月2日（周三）" in seen(page)
    download = reverse("documents:download", args=[report.document_id])
    assert download in page.content.decode()
    response = client.get(download)
    assert response.status_code == 200
    assert quote(f"公共信用信息报告 {report.number}.pdf") in response["Content-Disposition"]

    client.force_login(charlie)
    page = client.get(reverse("reports:list"))
    assert "还没有为您的信用主体出具的报告" in seen(page)
    assert report.number not in seen(page)
    assert client.get(download).status_code == 404


def test_a_claim_that_is_not_verified_opens_nothing(client, issue, alice):
    report = issue()
    alice.claims.update(status="pending")
    client.force_login(alice)
    assert report.number not in seen(client.get(reverse("reports:list")))
    assert client.get(reverse("documents:download", args=[report.document_id])).status_code == 404


def test_void_and_expired_reports_are_marked(client, issue, alice, qian, time_machine):
    from applications.reports.services import void_report

    void_report(report=issue(), reason="选错", actor=qian, at=ISSUED)
    issue()
    client.force_login(alice)
    assert "已作废" in seen(client.get(reverse("reports:list")))
    time_machine.move_to("2027-06-03 09:00:00+08:00")
    client.force_login(alice)
    assert "已过有效期" in seen(client.get(reverse("reports:list")))


def test_a_visitor_signs_in_first(client):
    assert client.get(reverse("reports:list")).status_code == 302
