"""撤销信用修复 (Article 6): one officer proposes it with facts and evidence, another decides; all that follows is taken
back, and said so wherever the repair was told of."""

from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.accounts.four_eyes import NotProposed
from applications.accounts.models import Role, StaffRole
from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.documents.rendering import render_html
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.records.models import Annotation, DishonestyRecord, SourceAct
from applications.records.services.source import propose_act
from applications.repairs import services, steps
from applications.repairs.models import RevocationProposal
from applications.repairs.record_list import assess_record, standing_of
from applications.repairs.services import check_queues
from applications.sharing.models import Delivery
from rules.errors import InputError
from rules.policy import SHIPPED, get_policy, parse_policy
from rules.reapplication import may_apply_again_on
from rules.tables import read_toml
from tests.fixtures import make_user, moment
from tests.opening import approve_act, revoke_case
from tests.pages import one_line
from tests.repairs.steps import all_confirmed, granted, open_papers, paper, pdf, submitted

pytestmark = pytest.mark.django_db

FACTS = "申请人提交的缴款凭证经开户银行核实系伪造，罚款至今未缴。"
HEARD = "2026年11月26日当面告知，申请人没有提出意见。"


@pytest.fixture
def case(general_record, market_bureau, alice, wang, li, zhao):
    return granted(general_record, market_bureau, alice, wang, li, zhao)


def proposed(case, actor, at="2026-11-27 10:00", **said):
    return steps.propose_revocation(
        case=case,
        evidence=paper("银行复函.pdf"),
        actor=actor,
        at=moment(at),
        **{"facts": FACTS, "statement": HEARD} | said,
    )


@pytest.fixture
def revoked(case, li, zhao):
    return revoke_case(proposal=proposed(case, li), actor=zhao, at=moment("2026-11-30 10:00"))


@pytest.fixture
def monday():
    with time_machine.travel(moment("2026-11-30 10:00"), tick=False):
        yield


def test_all_that_the_repair_brought_is_taken_back(revoked, general_record, li, zhao):
    record = DishonestyRecord.objects.get(pk=general_record.pk)
    assert revoked.status == "revoked"
    assert (record.publicity, record.publicity_ended_at) == ("published", None)
    assert not Annotation.objects.exists()
    proposal = RevocationProposal.objects.get()
    assert (proposal.state, proposal.proposed_by, proposal.decided_by) == ("approved", li, zhao)
    assert revoked.filing.commitment.broken_at == moment("2026-11-30 10:00")
    # Monday the 30th: Tuesday 1, Wednesday 2 December.
    clock = Deadline.objects.get(case_number=revoked.number, kind="sharing", round=2)
    assert clock.due_on == date(2026, 12, 2)
    assert check_queues(at=moment("2026-11-30 11:00")) == []
    written = Event.objects.filter(
        chain__in=[revoked.number, record.reference], at__gte=moment("2026-11-27 00:00")
    )
    assert [*written.order_by("pk").values_list("verb", flat=True)] == [
        "repair.revocation_proposed",
        "document.issued",
        "repair.revoked",
        "record.annotation_cancelled",
    ]
    assert Event.objects.get(verb="record.annotation_cancelled").payload["cancelled_decision"] == (
        "宁市监信修准〔2026〕1号"
    )


def test_the_letter_says_why_and_what_it_means(revoked):
    grant = Document.objects.get(kind="grant_decision")
    letter = Document.objects.get(kind="revocation_decision")
    assert letter.replaces == grant
    assert letter.number == "宁市监信修撤〔2026〕1号" == revoked.decision_number
    content = letter.content
    assert (content["facts"], content["statement"]) == (FACTS, HEARD)
    assert content["grant"] == {"number": grant.number, "issued_on": "2026-11-25"}
    assert content["effects"][1] == "该信息自本决定作出之日起恢复公示，公示至2027年5月1日；"
    assert content["reapply"] == "提交真实的材料、具备规定的条件的，可以重新提出申请。"
    assert "行政复议" in content["remedies"]


def test_the_applicant_is_told_no_more_than_the_letter_says(general_record, credit_bureau, alice, qian):
    """Where nobody has named the bodies, the periods of the law are told alone."""
    approver = make_user("lei@example.com", "雷审批", credit_bureau, Role.APPROVER)
    case = granted(general_record, credit_bureau, alice, qian, qian, approver)
    revoke_case(proposal=proposed(case, qian), actor=approver, at=moment("2026-11-30 10:00"))
    told = Message.objects.get(recipient=alice, channel="inbox", subject__endswith="撤销信用修复")
    assert f"理由1：{FACTS}" in told.body and "可以重新提出申请" in told.body
    assert "决定书还写明了该信息的公示，以及有不同意见怎样反映" in told.body
    letter = Document.objects.get(kind="revocation_decision")
    said = render_html(letter)
    for part in (FACTS, "恢复公示", "怎样重新申请", "对本决定有不同意见的，可以"):
        assert part in said
    assert "60日内依法申请行政复议" in said and "6个月内依法向人民法院提起行政诉讼" in said


def test_the_platform_is_told(revoked):
    told = Delivery.objects.get(stream=revoked.number, position=2).payload
    assert (told["decision"], told["data_state"], told["method"], told["publicity_ended_at"]) == (
        "grant_revoked",
        "update",
        "cancel_and_publish",
        None,
    )
    assert told["decision_number"] == revoked.decision_number


def test_its_receipt_stops_the_clock_and_that_of_the_grant_still_counts(revoked):
    for position in (1, 2):
        signed = steps.PlatformReceipt(revoked.number, position, f"P-{position}", moment("2026-12-01 09:00"))
        steps.record_platform_receipts(receipts=[signed], at=moment("2026-12-01 09:01"))
    revoked.refresh_from_db()
    assert revoked.status == "revoked" and revoked.shared_at == moment("2026-12-01 09:00")
    assert not Deadline.objects.filter(case_number=revoked.number, met_on=None).exists()


def test_publicity_that_is_over_by_then_stays_over(case, general_record, li, zhao):
    ended_at = moment("2026-11-25 10:00")
    DishonestyRecord.objects.filter(pk=general_record.pk).update(publicity_until=date(2026, 11, 29))
    case.record.refresh_from_db()
    revoke_case(proposal=proposed(case, li), actor=zhao, at=moment("2026-11-30 10:00"))
    record = DishonestyRecord.objects.get(pk=general_record.pk)
    # It was not public in between.
    assert (record.publicity, record.publicity_ended_at) == ("expired", ended_at)
    content = Document.objects.get(kind="revocation_decision").content
    assert "该信息的公示期已于2026年11月29日届满，不再恢复公示；" in content["effects"]
    assert content["reapply"] == "该失信行为信息的公示期已满，无需再次申请。"
    told = Delivery.objects.get(stream=case.number, position=2).payload
    assert told["method"] == "cancel_annotation"
    assert datetime.fromisoformat(told["publicity_ended_at"]) == ended_at


def test_what_the_law_withholds_is_not_made_public(general_record, market_bureau, alice, wang, li, zhao):
    DishonestyRecord.objects.filter(pk=general_record.pk).update(publicity="withheld")
    general_record.refresh_from_db()
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    revoke_case(proposal=proposed(case, li), actor=zhao, at=moment("2026-11-30 10:00"))
    assert DishonestyRecord.objects.get(pk=general_record.pk).publicity == "withheld"
    effects = Document.objects.get(kind="revocation_decision").content["effects"]
    assert "该信息依法不公示，不因本决定公示；" in effects


def test_the_grant_is_said_to_be_revoked_at_verification(client, revoked):
    grant = Document.objects.get(kind="grant_decision")
    page = one_line(client.get(reverse("documents:verified", args=[grant.verification_code])))
    assert "已于2026年11月30日（周一）被《撤销信用修复决定书》（宁市监信修撤〔2026〕1号）撤销" in page
    assert "✘ 已被撤销" in page and "未作废" not in page and "取代" not in page


def test_the_applicant_reads_it_on_the_status_page_and_may_apply_anew(client, revoked, alice):
    message = Message.objects.get(recipient=alice, channel="inbox", subject__endswith="撤销信用修复")
    assert "《撤销信用修复决定书》" in message.body
    client.force_login(alice)
    page = one_line(client.get(reverse("repairs:status", args=[revoked.number])))
    assert "此前准予的信用修复已被撤销" in page and "修复已撤销" in page
    assert "已被宁市监信修撤〔2026〕1号撤销" in page
    assert "公示中" in page and "并已停止公示" not in page
    assert reverse("repairs:start", args=[revoked.record_id]) in page
    # What was proposed was the officers' affair until it was decided.
    assert "提议" not in page
    listed = one_line(client.get(reverse("records:list")))
    assert "修复已撤销" in listed and "准予修复" not in listed


def test_the_public_sees_the_record_and_the_broken_commitment(client, revoked, acme):
    page = one_line(client.get(reverse("portal:search"), {"q": acme.uscc}))
    assert str(revoked.record) in page
    assert "2026年11月30日认定违背承诺" in page


def test_the_record_can_be_applied_for_and_repaired_again(
    revoked, general_record, market_bureau, alice, wang, li, zhao
):
    general_record = DishonestyRecord.objects.get(pk=general_record.pk)
    again = submitted(general_record, market_bureau, alice, at="2026-12-01 10:00")
    again = steps.accept_case(case=again, actor=wang, at=moment("2026-12-01 11:00"))
    checklist = all_confirmed(again, on=date(2026, 12, 1))
    open_papers(again, li, "2026-12-01 11:30")
    steps.review_case(case=again, checklist=checklist, actor=li, at=moment("2026-12-01 12:00"))
    again = steps.grant_case(case=again, actor=zhao, at=moment("2026-12-01 13:00"))
    assert Annotation.objects.get().decision_number == again.decision_number
    assert DishonestyRecord.objects.get(pk=general_record.pk).publicity == "withdrawn"


def test_a_policy_may_have_its_subject_wait(revoked, general_record, market_bureau, alice, monkeypatch):
    """Revoked on 30 November: six months end with 30 May."""
    waiting = _waiting(6)
    assert may_apply_again_on(date(2026, 11, 30), waiting) == date(2027, 5, 31)
    assert may_apply_again_on(date(2026, 11, 30), get_policy("jiangsu-2020-4")) is None
    monkeypatch.setattr("applications.repairs.services.drafts.policy_in_force", lambda **_asked: waiting)
    record = DishonestyRecord.objects.get(pk=general_record.pk)
    with pytest.raises(services.NotReady, match=r"撤〔2026〕1号 撤销，2027年5月31日起可以重新申请"):
        services.start_case(
            record=record, organ=market_bureau, applicant=alice, at=moment("2027-05-30 23:59")
        )
    services.start_case(record=record, organ=market_bureau, applicant=alice, at=moment("2027-05-31 00:00"))


def _waiting(months):
    content = read_toml(SHIPPED / "jiangsu-2020-4.toml")
    content["reapplication"]["amount"] = months
    return parse_policy(content, "test")


def test_nobody_decides_what_he_proposed_and_nobody_of_another_organ(case, zhao, qian, outsider, li, wang):
    StaffRole.objects.create(user=li, role=Role.APPROVER)
    proposal = proposed(case, li)
    for person in (li, wang, qian, outsider):
        with pytest.raises(PermissionDenied):
            revoke_case(proposal=proposal, actor=person, at=moment("2026-11-30 10:00"))
    case.refresh_from_db()
    assert case.status == "granted" and Annotation.objects.exists()


def test_strangers_propose_nothing(case, alice, qian, outsider):
    for person in (alice, qian, outsider):
        with pytest.raises(PermissionDenied):
            proposed(case, person)


@pytest.mark.parametrize("field", ["facts", "statement"])
def test_what_is_missing_is_named(case, li, field):
    with pytest.raises(ValidationError) as refused:
        proposed(case, li, **{field: " "})
    assert [*refused.value.message_dict] == [field]
    assert not RevocationProposal.objects.exists()


def test_one_proposal_at_a_time_and_a_rejected_one_leaves_the_repair(case, general_record, li, wang, zhao):
    proposal = proposed(case, li)
    with pytest.raises(ValidationError, match="已有一项撤销提议"):
        proposed(case, wang)
    with pytest.raises(InputError):
        steps.reject_revocation(proposal=proposal, reason=" ", actor=zhao, at=moment("2026-11-30 10:00"))
    steps.reject_revocation(
        proposal=proposal, reason="银行已更正复函。", actor=zhao, at=moment("2026-11-30 10:00")
    )
    case.refresh_from_db()
    assert case.status == "granted" and Annotation.objects.exists()
    with pytest.raises(NotProposed):
        revoke_case(proposal=proposal, actor=zhao, at=moment("2026-11-30 11:00"))
    proposed(case, wang, at="2026-12-01 10:00")


def test_where_the_penalty_itself_was_revoked_there_is_nothing_to_make_public(
    case, general_record, li, wang, zhao
):
    proposal = proposed(case, li)
    act = propose_act(
        record=DishonestyRecord.objects.get(pk=general_record.pk),
        kind=SourceAct.Kind.REVOKE,
        grounds="复议撤销。",
        document=pdf("复议决定.pdf"),
        effective_on=date(2026, 11, 27),
        actor=wang,
        at=moment("2026-11-27 11:00"),
    )
    approve_act(act=act, actor=zhao, at=moment("2026-11-27 12:00"))
    with pytest.raises(ValidationError, match="处罚已被撤销"):
        revoke_case(proposal=proposal, actor=zhao, at=moment("2026-11-30 10:00"))
    record = DishonestyRecord.objects.get(pk=general_record.pk)
    assert record.publicity == "withdrawn" and Annotation.objects.exists()


@pytest.mark.usefixtures("monday")
def test_officers_go_from_the_case_to_the_proposal_and_decide(client, case, li, zhao, qian):
    client.force_login(li)
    page = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk]))
    address = reverse("admin:repairs_revocation_propose", args=[case.pk])
    assert address in page.text
    asked = one_line(client.get(address))
    assert "恢复公示，公示至2027年5月1日" in asked and "可以重新提出申请" in asked
    said = client.post(address, {"facts": FACTS, "statement": HEARD})
    assert "请上传证明材料不实的证据" in said.text
    done = client.post(
        address, {"facts": FACTS, "statement": HEARD, "evidence": pdf("银行复函.pdf")}, follow=True
    )
    assert "等待本单位另一位审批人员复核" in done.text and "复核通过，撤销信用修复" not in done.text
    proposal = RevocationProposal.objects.get()

    client.force_login(qian)
    for name in ("revocationproposal_change", "revocation_evidence"):
        assert client.get(reverse(f"admin:repairs_{name}", args=[proposal.pk])).status_code in (302, 404)

    client.force_login(zhao)
    assert "待我复核的撤销修复" in client.get(reverse("admin:index")).text
    mine = client.get(reverse("admin:repairs_revocationproposal_changelist"), {"queue": "mine"})
    assert case.number in mine.text
    shown = client.get(reverse("admin:repairs_revocationproposal_change", args=[proposal.pk]))
    assert FACTS in shown.text and "银行复函.pdf" in shown.text
    evidence = client.get(reverse("admin:repairs_revocation_evidence", args=[proposal.pk]))
    assert evidence["Content-Type"] == "application/pdf"
    approve = reverse("admin:repairs_revocationproposal_approve", args=[proposal.pk])
    assert "已撤销信用修复" in client.post(approve, follow=True).text
    case.refresh_from_db()
    assert case.status == "revoked"
    # Once more, from a page that was open.
    assert client.post(approve).status_code == 409


def test_the_page_to_propose_on_is_a_reading_of_its_case(client, case, li):
    client.force_login(li)
    client.get(reverse("admin:repairs_revocation_propose", args=[case.pk]))
    payload = Event.objects.get(verb="repaircase.read", actor=li).payload
    assert payload == {"about": case.number, "page": "repairs_revocation_propose", "object": case.pk}


def test_the_identifying_unit_gets_a_copy_of_what_the_bureau_revokes(
    client, general_record, credit_bureau, alice, qian, zhao, outsider
):
    approver = make_user("lei@example.com", "雷审批", credit_bureau, Role.APPROVER)
    case = granted(general_record, credit_bureau, alice, qian, qian, approver)
    revoke_case(proposal=proposed(case, qian), actor=approver, at=moment("2026-11-30 10:00"))
    letter = Document.objects.get(kind="revocation_decision")
    assert letter.content["copies"] == ["公共信用信息共享平台", "南京市市场监督管理局"]
    message = Message.objects.get(recipient=zhao, subject__endswith="的信用修复被撤销", channel="inbox")
    assert letter.number in message.body
    for person, status in ((zhao, 202), (outsider, 404)):
        client.force_login(person)
        assert client.get(reverse("documents:download", args=[letter.pk])).status_code == status


def test_the_record_can_be_chosen_again_unless_its_subject_has_to_wait(revoked, alice):
    """On the record list and in a sitting as on the status page."""
    record = DishonestyRecord.objects.get(pk=revoked.record_id)

    def may_start(policy, on):
        return standing_of(record, assess_record(record, policy, on), [revoked]).may_start

    assert may_start(get_policy("jiangsu-2020-4"), date(2026, 12, 1))
    # Three months from 30 November end with the last day of February.
    waiting = _waiting(3)
    assert not may_start(waiting, date(2027, 2, 28))
    assert may_start(waiting, date(2027, 3, 1))
