"""The list of credit service institutions: a department keeps it, and applicants and officers find it where they need it."""

import pytest
from django.urls import reverse

from applications.ledger.models import Event
from applications.reports.models import Institution
from tests.pages import text
from tests.repairs.steps import prepared

pytestmark = pytest.mark.django_db

ADD = "/admin/reports/institution/add/"
REPORT = {
    "training_completed_on": "2026-08-02",
    "training_certificate_number": "苏信培2026-0001",
    "report_issuer": "credit_service_institution",
    "report_issued_on": "2026-09-02",
    "report_number": "Z-1",
}


def test_a_department_lists_one_and_takes_it_off_again(client, sun, credit_department):
    client.force_login(sun)
    for address in (reverse("admin:reports_institution_changelist"), ADD):
        page = text(client.get(address))
        assert "名单只作提示：不在名单上的机构出具的报告也可以提交" in page
        assert "新增信用服务机构" in page and "增加 " not in page
    assert client.post(ADD, {"name": "江苏示例征信（南京）有限公司", "active": "on"}).status_code == 302
    institution = Institution.objects.get()
    assert (institution.organ, institution.active) == (credit_department, True)
    change = reverse("admin:reports_institution_change", args=[institution.pk])
    assert client.post(change, {"name": institution.name}).status_code == 302
    institution.refresh_from_db()
    assert not institution.active
    verbs = Event.objects.filter(chain=institution.chain).order_by("position").values_list("verb", "payload")
    assert list(verbs) == [
        ("institution.registered", {"active": True}),
        ("institution.changed", {"active": False}),
    ]


def test_the_same_one_is_not_listed_twice_however_it_is_written(client, sun):
    client.force_login(sun)
    client.post(ADD, {"name": "江苏示例征信（南京）有限公司", "active": "on"})
    page = client.post(ADD, {"name": "江苏示例征信(南京)有限公司", "active": "on"})
    assert "名单里已经有“江苏示例征信(南京)有限公司”" in text(page)
    assert Institution.objects.count() == 1


@pytest.mark.parametrize("who", ["qian", "wang", "alice"])
def test_nobody_else_keeps_the_list(client, request, credit_department, who):
    listed = Institution.objects.create(organ=credit_department, name="示例征信")
    client.force_login(request.getfixturevalue(who))
    change = reverse("admin:reports_institution_change", args=[listed.pk])
    for address in (reverse("admin:reports_institution_changelist"), ADD, change):
        assert client.get(address).status_code in (302, 403, 404)
        assert client.post(address, {"name": "别的"}).status_code in (302, 403, 404)
    assert list(Institution.objects.values_list("name", flat=True)) == ["示例征信"]


@pytest.fixture
def training_page(client, serious_record, market_bureau, alice):
    case = prepared(serious_record, market_bureau, alice)
    client.force_login(alice)
    return case, reverse("repairs:training", args=[case.number])


def test_an_applicant_is_offered_those_on_the_list(client, training_page, credit_department):
    _case, address = training_page
    Institution.objects.create(organ=credit_department, name="示例征信")
    Institution.objects.create(organ=credit_department, name="停用征信", active=False)
    page = client.get(address).content.decode()
    assert 'list="known_report_institution"' in page
    assert '<option value="示例征信"></option>' in page and "停用征信" not in page


def test_who_issued_the_report_is_asked_for_and_shown_again(client, training_page, credit_department):
    case, address = training_page
    page = client.post(address, REPORT)
    assert "请填写出具报告的信用服务机构的全称。" in text(page)
    assert 'value="Z-1"' in page.content.decode()
    assert client.post(address, REPORT | {"report_institution": "外地征信有限公司"}).status_code == 302
    check = text(client.get(reverse("repairs:check", args=[case.number])))
    assert "信用服务机构（外地征信有限公司）" in check
    # What the officer will read of it, before it is signed.
    assert "“外地征信有限公司”不在信用管理部门的信用服务机构名单上。仍然可以提交" in check
    Institution.objects.create(organ=credit_department, name="外地征信有限公司")
    assert "名单上" not in text(client.get(reverse("repairs:check", args=[case.number])))


def test_a_report_of_a_bureau_has_no_institution(client, training_page):
    case, address = training_page
    client.post(address, REPORT | {"report_issuer": "credit_bureau", "report_institution": "示例征信"})
    case.filing.refresh_from_db()
    assert (case.filing.report_issuer, case.filing.report_institution) == ("credit_bureau", "")
