"""The text of a commitment, what signing it anew does, and when the public sees it (Article 15)."""

from datetime import date

import pytest

from applications.commitments.models import Commitment
from applications.commitments.selectors import published_of
from applications.commitments.services import publish_commitment, sign_commitment
from applications.commitments.wording import Act, commitment_text, text_digest
from applications.documents.models import Document
from tests.fixtures import make_record, moment

SIGNED = moment("2026-11-20 09:00")


@pytest.fixture
def sign(acme, alice, market_bureau, general_record):
    """Signs what is stated about records; keyword arguments change how."""

    def sign(*records, **how) -> Commitment:
        acts = [Act(record, date(2026, 6, 1), ["罚款"]) for record in records or [general_record]]
        return sign_commitment(
            subject=acme,
            acts=acts,
            organ=market_bureau,
            about="XF-320100-2026-000001-7",
            heading={},
            actor=alice,
            **{
                "signatory": "陈示例",
                "publication_consent": True,
                "replaces": None,
                "at": SIGNED,
                **how,
            },
        )

    return sign


def test_about_one_record_it_reads_as_it_always_did(acme, general_record):
    assert commitment_text(acme, [Act(general_record, date(2026, 6, 1), ["罚款", "没收"])]) == [
        "南京市市场监督管理局于2026年5月1日作出宁市监处罚〔2026〕15号决定，认定南京示例食品有限公司存在“违反食品标签管理规定”的失信行为。"
        "我方就该失信行为信息申请信用修复，并作出以下承诺：",
        "一、我方已于2026年6月1日纠正上述失信行为，并已履行完毕行政处理决定和司法裁判等明确的法定责任和义务（罚款、没收）。",
        "二、我方提交的全部材料真实、合法、准确、有效。",
        "三、我方将积极整改，在今后的生产经营生活中严格遵守法律、法规、规章，诚实守信，履约践诺。",
        "四、我方自愿接受政府、行业组织、社会公众和新闻舆论的监督。",
        "五、如违背以上承诺或者提供虚假材料，我方自愿承担相应责任，并接受不予信用修复、撤销信用修复等处理。",
    ]
    undated = commitment_text(acme, [Act(general_record, None, [])])
    assert "（日期待填写）" in undated[1] and "没有需要另行履行的义务" in undated[1]


def test_signing_anew_voids_the_document_before_and_lists_what_is_signed_now(sign, acme, market_bureau):
    before = sign()
    document, digest = before.document, before.text_sha256
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕21号")
    now = sign(other, replaces=before)
    document.refresh_from_db()
    assert (document.status, document.void_reason) == (Document.Status.VOID, "签署人重新签署承诺书。")
    assert now.document.replaces == document
    assert [*now.records.all()] == [other] and Commitment.objects.count() == 1
    assert now.text_sha256 == text_digest(now.text) != digest


def test_it_becomes_public_by_consent_alone_and_once(sign, acme):
    kept_back = sign(publication_consent=False)
    publish_commitment(commitment=kept_back, at=moment("2026-11-25 10:00"))
    assert not published_of([acme.pk])
    agreed = sign()
    publish_commitment(commitment=agreed, at=moment("2026-11-25 10:00"))
    publish_commitment(commitment=agreed, at=moment("2026-11-26 10:00"))
    (found,) = published_of([acme.pk])
    assert found == agreed and found.published_at == moment("2026-11-25 10:00")


def test_the_public_finds_it_by_the_organ_that_it_was_handed_to(sign, acme):
    publish_commitment(commitment=sign(), at=moment("2026-11-25 10:00"))
    assert published_of([acme.pk], unit="市场监督").count() == 1
    assert not published_of([acme.pk], unit="生态环境")
