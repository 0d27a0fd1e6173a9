"""That a commitment is broken: one officer of the department hands it in, another one decides (Article 15, ADR 0041)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from applications.accounts.four_eyes import NotProposed
from applications.commitments.breaches import approve_finding, reject_finding
from applications.commitments.promising import withdraw_publication
from applications.commitments.services import note_breach
from applications.ledger.models import Event
from applications.notifications.models import Message
from tests.commitments.conftest import find
from tests.fixtures import moment
from tests.opening import read_evidence
from tests.pages import seen, text
from tests.repairs.steps import pdf

pytestmark = pytest.mark.django_db
LATER = moment("2026-11-23 09:30")
COMMITMENTS = "/admin/commitments/commitment/"
FINDINGS = "/admin/commitments/breachfinding/"


def approved(finding, actor, at=LATER):
    read_evidence(finding, reader=actor, at=at)
    return approve_finding(finding=finding, actor=actor, at=at)


def test_from_the_list_to_the_public_page(client, promised, sun, zheng, alice):
    client.force_login(sun)
    assert "南京示例食品有限公司" in seen(client.get(COMMITMENTS))
    propose = f"{COMMITMENTS}{promised.pk}/finding/breach/"
    assert propose in text(client.get(f"{COMMITMENTS}{promised.pk}/change/"))
    assert "我方自愿承担相关责任" in seen(client.get(propose))
    answer = client.post(
        propose, {"facts": "三次责令改正，电话13912345678。", "evidence": pdf()}, follow=True
    )
    finding = promised.findings.get()
    assert "等待另一位信用管理部门负责人复核" in seen(answer)
    assert "13912345678" not in finding.facts and finding.consequences == promised.text[-1]
    # Nothing happens yet, and who handed it in does not decide.
    assert "没有违背承诺的记载" in seen(client.get(f"/commitments/{promised.pk}/"))
    assert client.post(f"{FINDINGS}{finding.pk}/approve/").status_code == 404

    client.force_login(zheng)
    assert Message.objects.filter(recipient=zheng, channel="inbox").count() == 1
    assert client.get(f"{FINDINGS}{finding.pk}/evidence/").status_code == 200
    done = client.post(f"{FINDINGS}{finding.pk}/approve/", follow=True)
    assert "已生效" in seen(done)
    assert "2026年11月23日认定违背承诺" in seen(client.get(f"/commitments/{promised.pk}/"))
    told = Message.objects.get(recipient=alice, channel="inbox")
    assert "三次责令改正" in told.body and "我方自愿承担相关责任" in told.body
    verbs = Event.objects.filter(chain=promised.chain, verb__startswith="commitment.")
    assert list(verbs.values_list("verb", flat=True)) == [
        "commitment.made",
        "commitment.finding_proposed",
        "commitment.broken",
    ]


def test_the_list_is_narrowed_to_those_that_were_broken(client, promised, sun):
    client.force_login(sun)
    page = text(client.get(COMMITMENTS))
    for value, words, found in (("0", "已被认定违背", False), ("1", "没有被认定违背", True)):
        assert f'<a href="?broken_at__isempty={value}">{words}</a>' in page
        narrowed = seen(client.get(COMMITMENTS, {"broken_at__isempty": value}))
        assert ("南京示例食品有限公司" in narrowed) == found
    assert "非空" not in page


def test_who_has_not_opened_the_paper_decides_nothing(client, finding, promised, zheng):
    client.force_login(zheng)
    answer = client.post(f"{FINDINGS}{finding.pk}/approve/")
    assert answer.status_code == 409 and "您还没有打开“认定.pdf”" in seen(answer)
    promised.refresh_from_db()
    assert promised.broken_at is None


def test_it_is_turned_down_with_a_reason(client, finding, promised, zheng, alice):
    client.force_login(zheng)
    assert "请写明理由" in seen(client.post(f"{FINDINGS}{finding.pk}/reject/", {"reason": ""}))
    client.post(f"{FINDINGS}{finding.pk}/reject/", {"reason": "事实不清。"})
    finding.refresh_from_db()
    promised.refresh_from_db()
    assert finding.state == "rejected" and promised.broken_at is None
    assert not Message.objects.filter(recipient=alice).exists()
    with pytest.raises(NotProposed):
        approved(finding, zheng)
    with pytest.raises(NotProposed):
        reject_finding(finding=finding, reason="再次", actor=zheng, at=LATER)


def test_a_finding_that_was_a_mistake_is_lifted_by_two_as_well(client, finding, promised, sun, zheng):
    approved(finding, zheng)
    promised.refresh_from_db()
    lifting = find(promised, zheng, "lift")
    approved(lifting, sun, at=moment("2026-11-23 09:50"))
    assert "没有违背承诺的记载" in seen(client.get(f"/commitments/{promised.pk}/"))
    promised.refresh_from_db()
    with pytest.raises(ValidationError, match="没有登记为违背承诺"):
        find(promised, zheng, "lift")


def test_what_a_revoked_repair_broke_is_not_lifted_here(client, repaired, zheng):
    note_breach(commitment=repaired, at=LATER)
    client.force_login(zheng)
    page = text(client.get(f"{COMMITMENTS}{repaired.pk}/change/"))
    assert "finding/" not in page
    with pytest.raises(ValidationError, match="因撤销信用修复"):
        find(repaired, zheng, "lift")
    with pytest.raises(ValidationError, match="已经登记为违背承诺"):
        find(repaired, zheng)


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [({"facts": " "}, "facts", "请写明查明的事实"), ({"evidence": None}, "evidence", "请上传认定所依据")],
)
def test_what_is_missing_names_its_field(promised, sun, said, field, words):
    with pytest.raises(ValidationError) as caught:
        find(promised, sun, **said)
    assert words in caught.value.message_dict[field][0]


def test_the_page_says_what_is_missing_and_keeps_the_rest(client, promised, sun):
    client.force_login(sun)
    page = client.post(
        f"{COMMITMENTS}{promised.pk}/finding/breach/", {"facts": "", "evidence": pdf("旧.pdf")}
    )
    assert "旧.pdf" in text(page) and not promised.findings.exists()
    page = client.post(f"{COMMITMENTS}{promised.pk}/finding/breach/", {"facts": "不改正。"})
    assert "不改正。" in text(page) and "请上传认定所依据" in seen(page)
    assert client.get(f"{COMMITMENTS}{promised.pk}/finding/other/").status_code == 404


def test_one_waits_at_a_time(finding, promised, zheng):
    with pytest.raises(ValidationError, match="正等待复核"):
        find(promised, zheng)


def test_what_was_taken_back_meanwhile_is_found_nothing_of(finding, promised, alice, zheng):
    withdraw_publication(commitment=promised, actor=alice, at=LATER)
    with pytest.raises(ValidationError, match="已经撤回公示"):
        approved(finding, zheng)


def test_other_officers_have_no_part_in_it(
    client, finding, promised, wang, zhao, qian, suzhou_department, alice
):
    from applications.accounts.models import Role
    from tests.fixtures import make_user

    other = make_user("gu@example.com", "顾苏州", suzhou_department, Role.SUPERVISOR)
    for person in (wang, zhao, qian, other):
        client.force_login(person)
        assert "南京示例" not in seen(client.get(COMMITMENTS))
        for address in (
            f"{COMMITMENTS}{promised.pk}/change/",
            f"{COMMITMENTS}{promised.pk}/finding/breach/",
            f"{FINDINGS}{finding.pk}/change/",
            f"{FINDINGS}{finding.pk}/evidence/",
        ):
            assert client.get(address).status_code in (403, 404)
        assert client.post(f"{FINDINGS}{finding.pk}/approve/").status_code in (403, 404)
        with pytest.raises(PermissionDenied):
            find(promised, person)
        with pytest.raises(PermissionDenied):
            approved(finding, person)
    client.force_login(alice)
    assert client.get(COMMITMENTS).status_code in (302, 403)
