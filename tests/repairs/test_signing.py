"""Who signs the commitment and how (Article 15): each way, what it needs, and what is said of it everywhere."""

import pytest
import time_machine
from django.urls import reverse

from applications.commitments.models import SigningWay
from applications.commitments.signing import how_signed, reliability, signing_of
from applications.commitments.wording import text_digest
from applications.documents.models import Document
from applications.documents.rendering import render_html
from applications.ledger.models import Event
from applications.repairs import services, steps
from applications.repairs.assessing import assess_case
from applications.repairs.cross_checks import remarks_on
from applications.repairs.models import MaterialKind, RepairCase
from applications.repairs.services.filings import commitment_is_current, text_to_sign
from tests.fixtures import PASSWORD, moment
from tests.repairs.steps import paper, prepared, submitted

NOW = moment("2026-11-20 12:00")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def draft(general_record, market_bureau, alice) -> RepairCase:
    return prepared(general_record, market_bureau, alice)


def url(name, case):
    return reverse(f"repairs:{name}", args=[case.number])


def page(answer) -> str:
    return answer.content.decode()


def add(case, kind, actor, name="文件.pdf"):
    return services.add_material(case=case, kind=kind, upload=paper(name), actor=actor, at=NOW)


def signed(case):
    return RepairCase.objects.select_related("filing__commitment__document").get(pk=case.pk).filing.commitment


def agent_form(case, **changes):
    return {
        "signatory": "鲍经办",
        "scope": "on",
        "publication_consent": "yes",
        "password": PASSWORD,
        "shown": text_digest(text_to_sign(case)),
    } | changes


def paper_form(case, **changes):
    code = text_digest(text_to_sign(case))[:8]
    stated = {"signatory": "陈示例", "signed_on": "2026-11-18", "publication_consent": "yes"}
    return stated | {"code": code} | changes


def test_a_handler_cannot_sign_as_the_representative(client, draft, bob):
    client.force_login(bob)
    shown = page(client.get(url("commitment", draft)))
    assert "承诺书应由法定代表人（负责人）陈示例签署" in shown and "现在签署" not in shown
    before = signed(draft).document_id
    data = {"signatory": "陈示例", "publication_consent": "yes", "password": PASSWORD}
    answer = page(client.post(url("commitment", draft), data))
    assert "这个账号登记的姓名是“鲍经办”，不能代替“陈示例”签署" in answer
    assert signed(draft).document_id == before
    with pytest.raises(services.NotReady, match="不能代替"):
        services.sign_commitment(case=draft, signatory="陈示例", publication_consent=True, actor=bob, at=NOW)


def test_the_account_of_the_representative_signs_and_the_letter_says_what_was_checked(client, draft, alice):
    commitment = signed(draft)
    assert commitment.way == SigningWay.ACCOUNT
    letter = render_html(commitment.document)
    assert "签署方式：以法定代表人（负责人）同名的账号登录，输入密码，在网上签署" in letter
    assert "没有经过实名核验" in letter and "通过账号身份核验" not in letter
    client.force_login(alice)
    assert signing_of(commitment).how in page(client.get(url("commitment", draft)))
    assert signing_of(commitment).how in page(client.get(url("check", draft)))


def test_an_agent_signs_under_a_power_of_attorney_and_it_is_written_so(client, draft, bob):
    client.force_login(bob)
    assert "还没有上传" in page(client.get(url("signing_agent", draft)))
    answer = page(client.post(url("signing_agent", draft), agent_form(draft)))
    assert "请先上传“授权委托书”" in answer
    authority = add(draft, MaterialKind.AUTHORISATION, bob, "委托书.pdf")
    answer = client.post(url("signing_agent", draft), agent_form(draft))
    assert answer.status_code == 302
    commitment = signed(draft)
    assert (commitment.way, commitment.signatory, commitment.paper) == ("agent", "鲍经办", authority.file)
    letter = render_html(commitment.document)
    assert "受托人鲍经办（依据授权委托书）代南京示例食品有限公司签署" in letter
    assert "签署方式：由受托人依据授权委托书在网上代为签署" in letter
    # What it rests on stays while it rests on it.
    with pytest.raises(services.NotReady, match="不能删除"):
        services.remove_material(case=draft, material=authority, actor=bob, at=NOW)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"signatory": "陈示例"}, "受托人应以自己的账号签署：这个账号登记的姓名是“鲍经办”"),
        ({"scope": ""}, "授权委托书没有写明可以代为签署承诺书的，不能代签"),
        ({"password": "wrong"}, "密码不正确"),
        ({"publication_consent": ""}, "是否同意向社会公开承诺书"),
        ({"shown": "0" * 64}, "承诺书的文字已经和您看到的不同，没有签署"),
    ],
)
def test_what_an_agent_states_wrongly_signs_nothing(client, draft, bob, changed, said):
    add(draft, MaterialKind.AUTHORISATION, bob)
    before = signed(draft).document_id
    client.force_login(bob)
    assert said in page(client.post(url("signing_agent", draft), agent_form(draft, **changed)))
    assert signed(draft).document_id == before


def test_a_scan_of_the_printed_text_is_recorded_as_such(client, draft, bob):
    client.force_login(bob)
    printed = client.get(url("commitment_text", draft))
    assert printed["Content-Type"] == "application/pdf" and printed.content.startswith(b"%PDF")
    answer = page(client.post(url("signing_paper", draft), paper_form(draft)))
    assert "请先上传“信用修复承诺书签署件的扫描件”" in answer
    scan = add(draft, MaterialKind.SIGNED_COMMITMENT, bob, "签署件.pdf")
    assert client.post(url("signing_paper", draft), paper_form(draft)).status_code == 302
    commitment = signed(draft)
    assert (commitment.way, commitment.paper, commitment.signatory) == ("paper", scan.file, "陈示例")
    letter = render_html(commitment.document)
    assert "签署方式：在打印的承诺书上签名并加盖公章，上传扫描件" in letter
    assert "系统不辨认签名和印章" in letter
    # Dated as the paper is; nobody knows the hour.
    assert "2026年11月18日</p>" in letter
    assert "陈示例，2026年11月18日签署。" in page(client.get(url("commitment", draft)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "00000000"}, "校验码与现在的承诺书不符"),
        ({"signatory": "别人"}, "签署人应为法定代表人“陈示例”"),
        ({"signed_on": "2026-11-21"}, "签署日期不能晚于今天"),
        ({"signed_on": "昨天"}, "纸上写的签署日期"),
        ({"publication_consent": ""}, "是否同意向社会公开承诺书"),
    ],
)
def test_a_scan_of_another_text_or_person_is_not_taken(client, draft, bob, changed, said):
    add(draft, MaterialKind.SIGNED_COMMITMENT, bob)
    client.force_login(bob)
    assert said in page(client.post(url("signing_paper", draft), paper_form(draft, **changed)))
    assert signed(draft).way == SigningWay.ACCOUNT


def test_the_scan_of_the_text_before_a_change_is_not_that_of_the_text_after(client, draft, bob):
    add(draft, MaterialKind.SIGNED_COMMITMENT, bob)
    client.force_login(bob)
    client.post(url("signing_paper", draft), paper_form(draft))
    services.save_fulfilment(
        case=draft, corrected_on=moment("2026-06-03 09:00").date(), fulfilled={}, actor=bob, at=NOW
    )
    draft.refresh_from_db()
    assert not commitment_is_current(RepairCase.objects.get(pk=draft.pk))
    answer = page(client.post(url("signing_paper", draft), paper_form(draft)))
    assert "原扫描件上是修改之前的文字" in answer
    add(draft, MaterialKind.SIGNED_COMMITMENT, bob, "新.pdf")
    assert client.post(url("signing_paper", draft), paper_form(draft)).status_code == 302


@pytest.mark.parametrize("name", ["signing_agent", "signing_paper", "signing_link", "commitment_text"])
def test_the_pages_are_the_subject_s_and_of_drafts_alone(
    client, draft, serious_record, market_bureau, alice, charlie, wang, name
):
    for stranger in (charlie, wang):
        client.force_login(stranger)
        assert client.get(url(name, draft)).status_code == 404
    client.force_login(alice)
    assert client.get(url(name, draft)).status_code == 200
    gone = submitted(serious_record, market_bureau, alice, at="2026-11-20 11:00")
    assert client.get(url(name, gone)).url == url("status", gone)


def test_a_changed_representative_signs_with_proof_and_the_officer_sees_both_names(
    client, general_record, market_bureau, alice, acme
):
    case = prepared(general_record, market_bureau, alice)
    acme.legal_representative = "程前任"
    acme.save()
    client.force_login(alice)
    data = {"signatory": "陈示例", "publication_consent": "yes", "password": PASSWORD}
    answer = page(client.post(url("commitment", case), data))
    assert "签署人应为法定代表人“程前任”" in answer and "变更证明" in answer
    case = RepairCase.objects.get(pk=case.pk)
    (_, warning) = remarks_on(case, assess_case(case, NOW.date()))["commitment_signed"]
    assert warning.warns and "没有上传变更证明" in warning.words
    add(case, MaterialKind.REPRESENTATIVE, alice)
    assert client.post(url("commitment", case), data).status_code == 302
    case = RepairCase.objects.get(pk=case.pk)
    (_, warning) = remarks_on(case, assess_case(case, NOW.date()))["commitment_signed"]
    assert "“陈示例”" in warning.words and "“程前任”" in warning.words and "已上传变更证明" in warning.words


def test_a_signature_of_the_registered_representative_warns_of_nothing(draft):
    (remark,) = remarks_on(draft, assess_case(draft, NOW.date()))["commitment_signed"]
    assert not remark.warns and how_signed("account", person=False) in remark.words


def test_everybody_reads_the_same_words(client, draft, alice, wang, market_bureau):
    case = steps.submit_case(case=draft, actor=alice, at=NOW)
    words = how_signed("account", person=False)
    client.force_login(wang)
    assert words in page(client.get(f"/admin/repairs/repaircase/{case.pk}/change/"))
    commitment = signed(case)
    assert words in page(client.get(f"/v/{commitment.document.verification_code}/"))
    commitment.published_at = NOW
    commitment.save()
    client.logout()
    assert words in page(client.post("/search/", {"q": "南京示例食品有限公司"}))


def test_what_was_signed_before_the_way_was_kept_reads_as_it_did(draft):
    commitment = signed(draft)
    content = {key: value for key, value in commitment.document.content.items() if key != "signing"}
    old = Document(kind="commitment", organ=commitment.document.organ, content=content, issued_at=NOW)
    old.number, old.verification_code = "旧1号", "A" * 16
    letter = render_html(old)
    assert "本承诺书由签署人通过账号身份核验后以电子方式签署" in letter and "签署方式：" not in letter
    commitment.way = ""
    assert "当时没有登记签署人与账号使用人的关系" in signing_of(commitment).how
    # The archive of the signature says the way.
    event = Event.objects.get(chain=draft.number, verb="repair.commitment_signed")
    assert event.payload["way"] == "account"


@pytest.mark.parametrize("way", SigningWay.values)
def test_no_way_claims_more_than_it_can_show(way):
    met = {each.name: each.met for each in reliability(way)}
    assert len(met) == 4
    assert met["签署时只由签署人控制"] is not True and met["签名制作数据专属于签署人"] is not True
    assert met["签署后改动文字能够发现"]
    for person in (True, False):
        words = how_signed(way, person=person)
        assert not (person and ("法定代表人" in words or "公章" in words)) and "实名" not in words
