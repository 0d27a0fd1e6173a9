"""What the public reads of commitments (Article 15): the list, one of them, and what leads to no record."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.commitments.models import Commitment
from applications.commitments.promising import withdraw_publication
from applications.commitments.services import note_breach
from tests.commitments.conftest import promise
from tests.fixtures import moment
from tests.pages import seen, text
from tests.repairs.steps import granted

pytestmark = pytest.mark.django_db
LATER = moment("2026-11-23 09:30")


def test_the_list_says_who_promised_what_to_whom_and_how_it_stands(client, promised, repaired):
    page = client.get("/commitments/")
    words = seen(page)
    assert "南京示例食品有限公司" in words and "91350100M000100Y43" in words
    assert "主动型" in words and "信用修复型" in words
    assert "南京市公共信用信息中心" in words and "2026年11月20日" in words
    assert "没有违背承诺的记载" in words
    assert page["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "proactive"}, {"promised"}),
        ({"kind": "repair"}, {"repaired"}),
        ({"state": "broken"}, {"repaired"}),
        ({"state": "kept"}, {"promised"}),
        ({"since": "2026-11-21"}, set()),
        ({"since": "2026-11-20", "until": "2026-11-20"}, {"promised", "repaired"}),
        ({"until": "2026-11-19"}, set()),
        ({"q": "示例食品"}, {"promised", "repaired"}),
        ({"q": "91350100M000100Y43"}, {"promised", "repaired"}),
        ({"q": "别的公司"}, set()),
        ({"q": "示例食品", "kind": "repair"}, {"repaired"}),
    ],
)
def test_it_is_narrowed(client, promised, repaired, asked, found):
    note_breach(commitment=repaired, at=LATER)
    page = text(client.get("/commitments/", asked))
    for name, each in (("promised", promised), ("repaired", repaired)):
        assert (f'href="/commitments/{each.pk}/"' in page) == (name in found)
    assert ("没有这样的公示的信用承诺" in page) == (not found)


def test_it_is_narrowed_by_the_organ(client, promised, repaired, credit_bureau):
    page = text(client.get("/commitments/", {"organ": credit_bureau.pk}))
    assert f'"/commitments/{promised.pk}/"' in page and f'"/commitments/{repaired.pk}/"' not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"q": "南"}, "请至少输入2个字"),
        ({"since": "2026-11-20", "until": "2026-11-01"}, "结束日期早于开始日期"),
        ({"kind": "secret"}, "secret"),
        ({"since": "昨天"}, "日期"),
        ({"organ": "999999"}, "错误"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(client, promised, asked, said):
    page = client.get("/commitments/", asked)
    assert "<title>错误：" in text(page) and said in seen(page)
    assert f'"/commitments/{promised.pk}/"' not in text(page)


@pytest.mark.parametrize("page", ["0", "x", "-1", "9" * 40, "2"])
def test_a_page_that_there_is_not_is_no_error(client, promised, page):
    assert client.get("/commitments/", {"page": page}).status_code == 200


def test_pages_go_on_and_cost_what_one_does(client, promised, acme):
    for _each in range(60):
        promised.pk = promised.document_id = None
        promised.document = copy_of(Commitment.objects.first().document)
        promised.save(force_insert=True)
    with CaptureQueriesContext(connection) as queries:
        first = text(client.get("/commitments/"))
    assert len(re.findall(r'href="/commitments/\d+/"', first)) == 50
    assert "page=2" in first and "page=2" not in text(client.get("/commitments/?page=2"))
    assert "page=1" in text(client.get("/commitments/?page=2"))
    assert len(queries) <= 6


def copy_of(document):
    from applications.documents.models import Document

    number = Document.objects.count()
    return Document.objects.create(
        kind=document.kind,
        number=f"{document.number}{number}",
        organ=document.organ,
        about=document.about,
        addressee=document.addressee,
        content=document.content,
        verification_code=f"{number:016}",
        issued_at=document.issued_at,
    )


def test_one_of_its_own_will_is_shown_with_its_text_and_without_its_signatory(client, promised):
    words = seen(client.get(f"/commitments/{promised.pk}/"))
    assert "如违背以上承诺，我方自愿承担相关责任" in words
    assert "签署方式" in words and "陈示例" not in words


def test_one_for_a_repair_leads_to_no_record(client, alice, general_record, market_bureau, wang, li, zhao):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    commitment = case.filing.commitment
    pages = [client.get("/commitments/"), client.get(f"/commitments/{commitment.pk}/")]
    for page in pages:
        assert page.status_code == 200
        for hidden in (
            *(general_record.document_number, general_record.reference, case.number),
            *(commitment.document.number, commitment.document.verification_code),
            *(general_record.violation_type, "/v/" + commitment.document.verification_code, "已修复"),
            *(case.decision_number, "陈示例"),
        ):
            assert hidden not in text(page)
    assert "不包括承诺书全文" in seen(pages[1])


def test_what_is_not_public_is_nowhere(client, promised, alice, repaired):
    Commitment.objects.filter(pk=repaired.pk).update(published_at=None)
    withdraw_publication(commitment=promised, actor=alice, at=LATER)
    page = text(client.get("/commitments/"))
    for each in (promised, repaired):
        assert f'"/commitments/{each.pk}/"' not in page
        assert client.get(f"/commitments/{each.pk}/").status_code == 404
    assert "信用修复型" not in seen(client.post("/search/", {"q": "南京示例"}))
    assert client.get("/commitments/999999/").status_code == 404


def test_a_person_is_masked_and_found_by_no_name_in_an_address(client, adult, credit_bureau):
    subject, user = adult
    commitment = promise(subject, user, credit_bureau)
    for address in ("/commitments/", f"/commitments/{commitment.pk}/"):
        words = seen(client.get(address))
        assert "周*安" in words and "1101**********002X" in words
        assert "周示安" not in words and "11010519491231002X" not in words
    assert "没有这样的公示的信用承诺" in seen(client.get("/commitments/", {"q": "周示安"}))
    assert "周*安" in seen(client.post("/search/", {"q": "周示安"}))


def test_who_asks_too_often_waits(client, promised):
    for _each in range(30):
        assert client.get("/commitments/", {"q": "示例食品"}).status_code == 200
    late = client.get("/commitments/", {"q": "示例食品"})
    assert late.status_code == 429 and "查询过于频繁" in seen(late)
    assert client.get("/commitments/").status_code == 200
