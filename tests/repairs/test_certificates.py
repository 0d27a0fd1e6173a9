"""信用修复证明: who gets one, what it says and does not say, and what its verification says once the repair is revoked."""

import pytest
import time_machine
from django.urls import reverse

from applications.documents.models import Document
from applications.documents.rendering import render_pdf
from applications.repairs import services
from applications.repairs.services.certificates import issue_certificate
from tests.documents.test_letters import text_of
from tests.fixtures import moment
from tests.opening import revoke_case
from tests.pages import text
from tests.repairs.steps import granted, refused, submitted
from tests.repairs.test_revocations import proposed

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-26 10:32")
KIND = "repair_certificate"


def url(case):
    return reverse("repairs:certificate", args=[case.number])


@pytest.fixture
def repaired(general_record, market_bureau, alice, wang, li, zhao):
    return granted(general_record, market_bureau, alice, wang, li, zhao)


def verified(client, document):
    client.logout()
    return text(client.get(reverse("documents:verified", args=[document.verification_code])))


def certified(case, alice, *show, at=NOW):
    return issue_certificate(case=case, show=show, actor=alice, at=at)


def test_it_says_no_more_than_its_subject_wants(repaired, alice):
    rendered = render_pdf(certified(repaired, alice))
    said = text_of(rendered.pdf)
    # It is shown, and copied, as one sheet.
    assert rendered.pages == 1
    assert (
        "南京示例食品有限公司（统一社会信用代码91350100M000100Y43）的下列失信行为信息，已经准予信用修复"
        in said
    )
    assert "宁市监处罚〔2026〕15号" in said and repaired.decision_number in said
    # True at its moment, and it says so.
    assert "截至2026年11月26日10:32" in said and "只说明出具之时的情况" in said
    for kept in ("标签", "罚款", "一般失信", "陈经办", repaired.number, "陈示例"):
        assert kept not in said
    whole = render_pdf(certified(repaired, alice, "violation", "penalties"))
    more = text_of(whole.pdf)
    assert whole.pages == 1
    assert "违反食品标签管理规定" in more and "罚款" in more and "一般失信" not in more


def test_its_subject_asks_for_it_on_a_page(client, repaired, alice):
    with time_machine.travel(NOW, tick=False):
        client.force_login(alice)
        assert url(repaired) in text(client.get(reverse("repairs:status", args=[repaired.number])))
        assert "您不出示，别人查不到" in text(client.get(url(repaired)))
        page = text(client.post(url(repaired), {"show": ["severity"]}, follow=True))
        document = Document.objects.get(kind=KIND)
        assert f"已出具{document.number}。" in page and document.number == "宁市监信修证〔2026〕1号"
        # Pressed twice it is one; with another choice it is another.
        client.post(url(repaired), {"show": ["severity"]})
        assert Document.objects.filter(kind=KIND).count() == 1
        client.post(url(repaired), {"show": []})
        assert Document.objects.filter(kind=KIND).count() == 2
        assert "选择一个有效的选项" in text(client.post(url(repaired), {"show": ["facts"]}))
    found = verified(client, document)
    assert "这份文书真实有效" in found and "南京示例食品有限公司" in found
    # Nothing leads from it to the case or the record.
    assert repaired.number not in found and "宁市监处罚" not in found


def test_another_day_is_another_certificate(repaired, alice):
    first = certified(repaired, alice)
    assert certified(repaired, alice) == first
    later = certified(repaired, alice, at=moment("2026-11-27 09:00"))
    assert later != first and later.content["stated_at"].startswith("2026-11-27")


def test_it_is_void_when_the_repair_is_revoked(client, repaired, alice, li, zhao):
    case = repaired
    document = certified(case, alice)
    proposal = proposed(case, li)
    revoke_case(proposal=proposal, actor=zhao, at=moment("2026-11-30 10:00"))
    document.refresh_from_db()
    assert (document.status, document.void_reason) == ("void", "所证明的信用修复已被撤销。")
    found = verified(client, document)
    assert "已作废：这份文书确由本系统签发" in found and "真实有效" not in found
    case.refresh_from_db()
    with pytest.raises(services.NotReady, match="没有可以证明的信用修复"):
        certified(case, alice, at=moment("2026-12-10 10:00"))
    client.force_login(alice)
    page = text(client.get(url(case)))
    assert document.number in page and "已作废" in page and "出具修复证明" not in page


def test_what_became_of_its_penalty_shows(client, repaired, alice):
    document = certified(repaired, alice)
    repaired.record.source_state = "revoked"
    type(repaired.record).objects.filter(pk=repaired.record_id).update(source_state="revoked")
    assert "所载信息在签发后有变化" in verified(client, document)
    client.force_login(alice)
    page = text(client.get(url(repaired)))
    assert "签发后有变化" in page and ">有效<" not in page
    with pytest.raises(services.NotReady, match="处罚已被撤销"):
        certified(type(repaired).objects.get(pk=repaired.pk), alice)


def test_there_is_none_of_what_is_not_repaired(
    client, general_record, serious_record, market_bureau, alice, wang, li, zhao
):
    for case in (
        submitted(general_record, market_bureau, alice),
        refused(serious_record, market_bureau, alice, wang, li, zhao),
    ):
        client.force_login(alice)
        page = text(client.post(url(case), follow=True))
        assert "没有可以证明的信用修复" in page and "修复证明（PDF）" not in page
    assert not Document.objects.filter(kind=KIND).exists()


def test_it_is_nobody_elses(client, repaired, charlie, wang, outsider):
    for stranger in (charlie, wang, outsider):
        client.force_login(stranger)
        assert client.get(url(repaired)).status_code == 404
        assert client.post(url(repaired)).status_code == 404
        with pytest.raises(services.NotAllowed):
            certified(repaired, stranger)
    assert not Document.objects.filter(kind=KIND).exists()


def test_a_person_is_named_and_its_number_masked(repaired, alice):
    """Whoever is shown it compares the name; the number stays with its holder."""
    subject = repaired.record.subject
    content = certified(repaired, alice).content
    assert content["subject"]["code"] == subject.masked_code
    assert set(content) == {"subject", "record", "decision", "stated_at", "policy"}
