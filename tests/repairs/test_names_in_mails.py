"""A natural person's name is masked in all mails but those of the account: they may lie open, or stand on a foreign screen."""

from datetime import date, timedelta

import pytest

from applications.accounts.models import User
from applications.notifications.models import Message
from applications.repairs.messages import tell_officers_of_nobody
from applications.repairs.models import RepairCase
from applications.repairs.services.inquiries import ask_unit
from applications.repairs.services.old_drafts import tell_of_old_drafts
from applications.repairs.services.signing_links import make_link, sign_by_link
from applications.subjects.changing import record_subject_change
from applications.subjects.models import Claim, Subject
from applications.subjects.services import correct_claim, decide_claim, end_claim, end_powers
from tests.fixtures import make_user, moment
from tests.repairs.steps import accepted, paper, prepared
from tests.subjects.claims import NOW, PERSON_DATA, approved, claimed, second_factor

pytestmark = pytest.mark.django_db

NAMES = ("陈示例", "吕代办")


@pytest.fixture
def agent(db) -> User:
    lv = make_user("lv@example.com", "吕代办")
    second_factor(lv)
    return lv


def a_person(subject: Subject) -> None:
    """Let it be the natural person 陈示例, who is alice."""
    subject.name, subject.kind, subject.uscc, subject.identity_digest = "陈示例", "natural_person", None, "d"
    subject.save()


def mails(masked: str, count: int) -> None:
    """All mails so far, of which so many name her, masked."""
    written = [f"{mail.subject}\n{mail.body}" for mail in Message.objects.filter(channel="email")]
    for mail in written:
        assert not [name for name in NAMES if name in mail], mail
    assert len([mail for mail in written if masked in mail]) == count, written
    Message.objects.all().delete()


def test_mails_of_claims(alice, agent, qian):
    own = {**PERSON_DATA, "name": "陈示例"}
    by_power = {**own, "capacity": "agent", "ends_on": date(2026, 12, 1)}
    second_factor(alice)
    claim = claimed(alice, kind="natural_person", **own)
    mails("陈*例（3201**********6515）", 1)
    approved(claim, qian)
    mails("“陈*例”", 1)

    refused = claimed(agent, kind="natural_person", **by_power)
    correct_claim(claim=refused, user=agent, at=NOW, **{**by_power, "ends_on": date(2026, 12, 2)})
    decide_claim(claim=refused, approve=False, reason="没有盖章", actor=qian, at=NOW)
    mails("陈*例", 5)
    power = approved(claimed(agent, kind="natural_person", **by_power), qian)
    mails("吕*办（受委托的代理人，授权至2026年12月1日）", 2)
    end_powers(at=NOW)
    mails("代“陈*例”办理的授权将到期", 2)
    end_claim(claim=power, actor=alice, at=NOW)
    mails("陈*例已移除您的代办资格。", 1)
    power = approved(claimed(agent, kind="natural_person", **by_power), qian)
    Message.objects.all().delete()
    end_claim(claim=power, actor=agent, at=NOW)
    mails("吕*办不再代“陈*例”办理", 1)


def test_mails_of_a_change_of_name(acme, alice, bob, qian):
    a_person(acme)
    record_subject_change(
        subject=acme, kind="rename", new_name="陈新名", changed_on=date(2026, 11, 20),
        proof=paper("户口簿.pdf"), actor=qian, at=NOW,
    )  # fmt: skip
    assert "陈新名" not in "".join(Message.objects.values_list("body", flat=True))
    mails("“陈*例”已登记更名：陈*名", 2)


def test_mails_of_cases_that_others_read(acme, alice, agent, general_record, credit_bureau, qian, zhao):
    case = accepted(general_record, credit_bureau, alice, qian)
    Message.objects.all().delete()
    a_person(acme)
    case = RepairCase.objects.get(pk=case.pk)
    ask_unit(case=case, question="罚款是否缴清？", actor=qian, at=moment("2026-11-23 11:00"))
    mails("陈*例", 1)
    claim = Claim.objects.create(user=agent, subject=acme, status=Claim.Status.ENDED, made_at=NOW)
    tell_officers_of_nobody(case=case, claim=claim, at=NOW)
    mails("吕*办不再代“陈*例”办理", 1)


def test_mails_of_a_draft(acme, alice, general_record, market_bureau):
    case = prepared(general_record, market_bureau, alice)
    a_person(acme)
    case = RepairCase.objects.get(pk=case.pk)
    RepairCase.objects.update(edited_at=NOW)
    tell_of_old_drafts(NOW + timedelta(days=340))
    mails("您为“陈*例”填写的申请", 1)
    sent = {"case": case, "signatory": "陈示例", "actor": alice, "at": NOW}
    link = make_link(email="chen@example.com", **sent)
    mails("陈*例请陈*例签署陈*例的信用修复承诺书", 1)
    sign_by_link(
        link=link, signer_digest="0" * 64, shown_sha256=link.text_sha256, publication_consent=True, at=NOW
    )
    mails("陈*例已凭一次性链接签署", 1)
