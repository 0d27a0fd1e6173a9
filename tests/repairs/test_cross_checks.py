"""What the system finds about a statement stands beside the condition: our registers, and what does not go together."""

from datetime import date

import pytest
from django.urls import reverse

from applications.accounts.models import Role
from applications.documents.services import void_document
from applications.repairs.assessing import assess_case
from applications.repairs.cross_checks import remarks_on
from applications.repairs.models import Filing
from applications.reports.models import CreditReport, Institution
from applications.reports.services import issue_report
from applications.subjects.models import Subject
from tests.fixtures import make_user, moment
from tests.pages import text
from tests.repairs.steps import accepted

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 24)


@pytest.fixture
def case(serious_record, market_bureau, alice, wang):
    return accepted(serious_record, market_bureau, alice, wang)


@pytest.fixture
def report(acme, credit_bureau):
    he = make_user("he@example.com", "何报告", credit_bureau, Role.REPORT_OFFICER)
    return issue_report(
        subject=acme,
        organ=credit_bureau,
        variant=CreditReport.Variant.REPAIR,
        purpose="信用修复",
        actor=he,
        at=moment("2026-09-01 10:00"),
    )


def replacing(report):
    """A later report in the place of this one."""
    return issue_report(
        subject=report.subject, organ=report.organ, variant=report.variant, purpose="信用修复",
        actor=report.issued_by, at=moment("2026-10-08 10:00"), replaces=report,
    )  # fmt: skip


def stated(case, **fields):
    Filing.objects.filter(pk=case.filing_id).update(**fields)
    case.filing.refresh_from_db()
    return {
        code: [(remark.words, remark.warns) for remark in remarks]
        for code, remarks in remarks_on(case, assess_case(case, ON)).items()
    }


def about_report(case, report, **fields):
    given = {"report_number": report.number, "report_issued_on": date(2026, 9, 1)}
    ((words, warns),) = stated(case, **given | fields)["credit_report_provided"]
    return words, warns


def test_a_report_that_another_has_replaced(case, report):
    later = replacing(report)
    words, warns = about_report(case, report)
    assert (
        words
        == f"编号为“{report.number}”的信用报告由{report.organ}于2026年9月1日出具，已被{later.number}取代。"
    )
    assert warns


def test_a_report_of_ours_is_known(case, report):
    words, warns = about_report(case, report)
    assert words == f"本系统登记：{report.organ}于2026年9月1日向该信用主体出具。" and not warns
    # As it may be typed.
    assert not about_report(case, report, report_number=f" {report.number.lower()}")[1]


def test_an_unknown_number_is_said_to_be_unknown_and_no_more(case, report):
    words, warns = about_report(case, report, report_number="20260901000000ABCDEFGH")
    assert warns and words.startswith("本系统没有登记编号为“20260901000000ABCDEFGH”的信用报告；")
    words, _warns = about_report(
        case, report, report_number="X-1", report_issuer="credit_service_institution"
    )
    assert words == "编号“X-1”：信用服务机构出具的报告不在本系统登记，请向出具方核实。"


@pytest.mark.parametrize(
    ("name", "words", "warns"),
    [
        ("江苏示例征信（南京）有限公司", "“江苏示例征信（南京）有限公司”在江苏省发展和改革委员会的信用服务机构名单上。", False),
        # However it is typed.
        ("江苏示例征信(南京) 有限公司", "“江苏示例征信(南京) 有限公司”在江苏省发展和改革委员会的信用服务机构名单上。", False),
        ("另一征信有限公司", "“另一征信有限公司”不在信用服务机构名单上，请核实出具方。", True),
        ("停用征信有限公司", "“停用征信有限公司”不在信用服务机构名单上，请核实出具方。", True),
    ],
)  # fmt: skip
def test_an_institution_is_looked_for_on_the_lists_of_the_departments(
    case, province_department, name, words, warns
):
    Institution.objects.create(organ=province_department, name="江苏示例征信（南京）有限公司")
    Institution.objects.create(organ=province_department, name="停用征信有限公司", active=False)
    remarks = stated(
        case, report_issuer="credit_service_institution", report_number="X-1", report_institution=name
    )
    assert remarks["credit_report_provided"][1] == (words, warns)


def test_what_the_register_says_otherwise_is_shown(case, report):
    words, warns = about_report(case, report, report_issued_on=date(2026, 10, 1))
    assert warns and "与申请人填写的出具日期不一致" in words and "2026年9月1日" in words
    words, warns = about_report(case, report, report_issuer="credit_service_institution")
    assert warns and "与申请人填写的出具方不一致" in words
    void_document(
        document=report.document, reason="主体有误", actor=report.issued_by, at=moment("2026-09-02 10:00")
    )
    words, warns = about_report(case, report)
    assert warns and words.endswith("出具，已作废。")


def test_the_report_of_another_is_shown_without_saying_whose(case, report):
    other = Subject.objects.create(kind=Subject.Kind.ORGANISATION, name="另一公司", uscc="91320100MA1MHT8H5Q")
    CreditReport.objects.filter(pk=report.pk).update(subject=other)
    words, warns = about_report(case, report)
    assert warns and words.endswith("出具给另一信用主体。") and "另一公司" not in words


def test_nothing_is_claimed_of_a_certificate_that_is_not_registered(case):
    ((words, warns),) = stated(case)["training_completed"]
    assert warns and words == (
        "本系统没有登记编号为“苏信培2026-0001”的培训证书；其他单位出具的，请向发证单位核实。"
    )


def test_training_before_the_identification_is_shown_on_the_page(case, client, li):
    day = case.record.identified_on.replace(year=case.record.identified_on.year - 1)
    Filing.objects.filter(pk=case.filing_id).update(training_completed_on=day)
    client.force_login(li)
    page = text(client.get(reverse("admin:repairs_step", args=[case.pk, "review"])))
    asked = page.partition('id="id_verdict_training_completed"')[2].partition("</fieldset>")[0]
    assert "请核实：" in asked and "早于该失信行为的认定日期" in asked
