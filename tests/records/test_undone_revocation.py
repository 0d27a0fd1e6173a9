"""A revocation that was registered by mistake is taken back: one hands the paper in, another approves.

The penalty is of 1 May 2026 and public until 1 May 2027. 24 November 2026 is a Tuesday.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.notifications.models import Message
from applications.outbox.signed import body_of
from applications.records.history import history_of
from applications.records.models import DishonestyRecord, ImportBatch, SourceAct
from applications.records.services import end_publicity, source, write_record
from applications.repairs import steps
from applications.repairs.models import RepairCase
from applications.repairs.services import start_case
from applications.sharing.models import Delivery
from applications.sharing.signals import delivered
from sharing_sandbox.interface import Interface
from tests.fixtures import moment
from tests.opening import approve_act, read_evidence
from tests.pages import seen
from tests.repairs.steps import accepted, granted, paper, pdf, prepared

pytestmark = pytest.mark.django_db

REVOKED, UNDONE = moment("2026-11-24 10:00"), moment("2026-11-25 10:00")


def propose(record, actor, kind, at, **more):
    common = {
        "grounds": "行政复议决定撤销。", "document": paper("复议决定书.pdf"), "effective_on": date(2026, 11, 23),
    }  # fmt: skip
    return source.propose_act(record=record, kind=kind, actor=actor, at=at, **common | more)


def revoke(record, wang, zhao, at=REVOKED):
    approve_act(act=propose(record, wang, "revoke", at), actor=zhao, at=at)
    record.refresh_from_db()


def undo(record, wang, zhao, at=UNDONE):
    act = propose(
        record, wang, "unrevoke", at, grounds="复议决定撤销的是另一份决定。", document=paper("情况说明.pdf")
    )
    approve_act(act=act, actor=zhao, at=at)
    record.refresh_from_db()


def found(client, record):
    return client.get(reverse("portal:search"), {"q": record.document_number}).text


def test_it_is_public_again_and_the_platform_told(client, general_record, wang, zhao):
    revoke(general_record, wang, zhao)
    assert "已被撤销、确认违法或者确认无效" in found(client, general_record)
    undo(general_record, wang, zhao)
    assert (general_record.source_state, general_record.publicity) == ("normal", "published")
    page = found(client, general_record)
    assert "已被撤销" not in page and general_record.violation_type in page
    told = Delivery.objects.filter(stream=general_record.reference).order_by("position").last().payload
    assert (told["event"], told["publicity"], told["publicity_ended_at"]) == (
        "reinstated",
        "published",
        None,
    )
    assert Interface().read_message("/v1/record-changes", body_of(told)) == told


def test_the_history_keeps_both(general_record, wang, zhao):
    revoke(general_record, wang, zhao)
    undo(general_record, wang, zhao)
    entries = [each for each in history_of(general_record) if each.change]
    assert [each.label for each in entries] == ["撤销登记有误，恢复该处罚", "处罚被撤销，撤回公示"]
    assert entries[0].change.document.name == "情况说明.pdf" and entries[0].actor == zhao
    assert ("公示状态", "已撤销公示", "公示中") in entries[0].changes


def test_nothing_happens_before_a_second_officer_agrees(general_record, wang, zhao):
    revoke(general_record, wang, zhao)
    act = propose(general_record, wang, "unrevoke", UNDONE)
    general_record.refresh_from_db()
    assert general_record.publicity == "withdrawn"
    with pytest.raises(PermissionDenied):
        approve_act(act=act, actor=wang, at=UNDONE)
    source.reject_act(act=act, reason="没有证明。", actor=zhao, at=UNDONE)
    general_record.refresh_from_db()
    assert general_record.source_state == "revoked"
    # What has to be withdrawn has to be so still.
    assert [each.is_open for each in Deadline.objects.filter(case_number=general_record.reference)] == [True]


@pytest.mark.parametrize("missing", [{"document": None}, {"effective_on": None}, {"grounds": " "}])
def test_it_needs_its_paper_its_day_and_its_reason(general_record, wang, zhao, missing):
    revoke(general_record, wang, zhao)
    with pytest.raises(ValidationError):
        propose(general_record, wang, "unrevoke", UNDONE, **missing)


def test_what_is_not_revoked_cannot_be_reinstated(general_record, wang, zhao):
    with pytest.raises(ValidationError, match="没有登记为撤销"):
        propose(general_record, wang, "unrevoke", UNDONE)
    revoke(general_record, wang, zhao)
    undo(general_record, wang, zhao)
    with pytest.raises(ValidationError, match="已经恢复"):
        propose(general_record, wang, "unrevoke", UNDONE)


def test_publicity_that_ended_before_or_meanwhile_stays_ended(client, general_record, wang, zhao):
    revoke(general_record, wang, zhao)
    undo(general_record, wang, zhao, at=moment("2027-05-02 09:00"))
    assert (general_record.publicity, general_record.publicity_ended_at) == (
        "expired",
        moment("2027-05-02 09:00"),
    )
    assert "无公示信息" in found(client, general_record)


def test_what_had_expired_ended_when_it_did(general_record, wang, zhao):
    ended = moment("2027-05-02 00:30")
    end_publicity(at=ended)
    general_record.refresh_from_db()
    revoke(general_record, wang, zhao, at=moment("2027-05-10 09:00"))
    assert general_record.publicity == "withdrawn"
    undo(general_record, wang, zhao, at=moment("2027-05-11 09:00"))
    assert (general_record.publicity, general_record.publicity_ended_at) == ("expired", ended)


def test_a_repaired_record_is_repaired_still(client, general_record, market_bureau, alice, wang, li, zhao):
    granted(general_record, market_bureau, alice, wang, li, zhao, at="2026-11-25 10:00")
    general_record.refresh_from_db()
    ended = general_record.publicity_ended_at
    revoke(general_record, wang, zhao, at=moment("2026-11-26 09:00"))
    undo(general_record, wang, zhao, at=moment("2026-11-27 09:00"))
    assert (general_record.source_state, general_record.publicity) == ("normal", "withdrawn")
    assert general_record.publicity_ended_at == ended and general_record.annotation
    assert "无公示信息" in found(client, general_record)


def test_what_the_law_withholds_stays_withheld(general_record, wang, zhao):
    DishonestyRecord.objects.update(publicity="withheld")
    general_record.refresh_from_db()
    revoke(general_record, wang, zhao)
    undo(general_record, wang, zhao)
    assert (general_record.source_state, general_record.publicity) == ("normal", "withheld")


def test_what_was_in_dispute_is_so_again(general_record, wang, zhao):
    write_record(
        record=general_record, values={"source_state": "disputed"}, verb="record.updated", at=REVOKED, actor=wang
    )  # fmt: skip
    revoke(general_record, wang, zhao)
    undo(general_record, wang, zhao)
    assert (general_record.source_state, general_record.publicity) == ("disputed", "published")


def test_revoked_by_a_file_too(general_record, market_bureau, wang, zhao):
    batch = ImportBatch.objects.create(
        organ=market_bureau, file_name="a.csv", sha256="0", imported_at=REVOKED
    )
    source.revoke_by_file(record=general_record, batch=batch, at=REVOKED, actor=None)
    general_record.refresh_from_db()
    undo(general_record, wang, zhao)
    assert general_record.publicity == "published"
    (clock,) = Deadline.objects.filter(case_number=general_record.reference)
    assert (clock.met_on, clock.cancelled_on) == (None, date(2026, 11, 25))


def test_revoked_again_and_rightly(client, general_record, wang, zhao):
    revoke(general_record, wang, zhao)
    undo(general_record, wang, zhao)
    revoke(general_record, wang, zhao, at=moment("2026-11-26 09:00"))
    assert general_record.publicity == "withdrawn"
    # Once, and not for the mistake as well.
    assert found(client, general_record).count("已被撤销、确认违法或者确认无效") == 1


class TestItsClock:
    def clocks(self, record):
        return [
            (each.round, each.met_on, each.cancelled_on)
            for each in Deadline.objects.filter(case_number=record.reference).order_by("round")
        ]

    def test_of_the_revocation_is_called_off_and_none_begins(self, general_record, wang, zhao):
        revoke(general_record, wang, zhao)
        undo(general_record, wang, zhao)
        assert self.clocks(general_record) == [(1, None, date(2026, 11, 25))]

    def test_of_one_that_the_platform_has_receipted_stays_met(self, general_record, wang, zhao):
        revoke(general_record, wang, zhao)
        delivery = Delivery.objects.get(stream=general_record.reference)
        delivery.receipt = {"received_at": "2026-11-24T11:00:00+08:00"}
        delivered.send(sender=Delivery, deliveries=[delivery], at=moment("2026-11-24 11:00"))
        undo(general_record, wang, zhao)
        assert self.clocks(general_record) == [(1, date(2026, 11, 24), None)]

    def test_of_a_change_before_it_runs_on(self, general_record, wang, zhao):
        values = {"fine_amount": 2, "penalty_content": "罚款2万元"}
        act = propose(general_record, wang, "change", REVOKED, values=values)
        approve_act(act=act, actor=zhao, at=REVOKED)
        revoke(general_record, wang, zhao)
        undo(general_record, wang, zhao)
        assert self.clocks(general_record) == [(1, None, None), (2, None, date(2026, 11, 25))]
        general_record.refresh_from_db()
        assert general_record.penalty_content == "罚款2万元"


class TestTheApplicationThatItEnded:
    def test_stays_ended_and_another_can_be_made(
        self, client, general_record, market_bureau, alice, wang, zhao
    ):
        case = accepted(general_record, market_bureau, alice, wang)
        revoke(general_record, wang, zhao)
        undo(general_record, wang, zhao)
        case = RepairCase.objects.get(pk=case.pk)
        assert case.status == "closed"
        told = Message.objects.filter(recipient=alice, channel="inbox").latest("id")
        assert "不恢复办理" in told.body and "可以重新申请" in told.body and "“公示中”" in told.body
        client.force_login(alice)
        page = client.get(reverse("repairs:status", args=[case.number])).text
        start = reverse("repairs:start", args=[general_record.pk])
        assert "该登记有误，已经更正，处罚仍然有效" in page and start in page and "不需要修复" not in page
        record = seen(client.get(reverse("records:record", args=[general_record.pk])))
        assert "可以申请" in record and "上一次申请：已终止" in record
        assert client.get(start).status_code == 200
        again = start_case(record=general_record, organ=market_bureau, applicant=alice, at=UNDONE)
        assert again.status == "draft" and RepairCase.objects.filter(record=general_record).count() == 2

    def test_once_another_was_granted_there_is_nothing_left_to_apply_for(
        self, client, general_record, market_bureau, alice, wang, li, zhao
    ):
        case = accepted(general_record, market_bureau, alice, wang)
        revoke(general_record, wang, zhao)
        undo(general_record, wang, zhao)
        granted(general_record, market_bureau, alice, wang, li, zhao)
        client.force_login(alice)
        page = client.get(reverse("repairs:status", args=[case.number])).text
        assert "已由后来的另一件申请准予修复，不需要再申请" in page
        assert "重新申请" not in page and reverse("repairs:start", args=[general_record.pk]) not in page

    def test_whoever_verifies_its_letter_learns_that_it_is_so_no_more(
        self, client, general_record, market_bureau, alice, wang, zhao
    ):
        case = accepted(general_record, market_bureau, alice, wang)
        revoke(general_record, wang, zhao)
        letter = Document.objects.get(about=case.number, kind="termination_notice")
        address = reverse("documents:verified", args=[letter.verification_code])
        assert "这份文书真实有效。" in client.get(address).text
        undo(general_record, wang, zhao)
        page = client.get(address).text
        assert "所载信息在签发后有变化，现在的情况请向签发单位了解" in page and "真实有效" not in page

    def test_if_a_draft_too(self, general_record, market_bureau, alice, wang, zhao):
        case = prepared(general_record, market_bureau, alice)
        revoke(general_record, wang, zhao)
        undo(general_record, wang, zhao)
        assert RepairCase.objects.get(pk=case.pk).status == "withdrawn"
        assert "可以重新申请" in Message.objects.filter(recipient=alice, channel="inbox").latest("id").body

    def test_but_not_one_that_its_applicant_took_back(self, general_record, market_bureau, alice, wang, zhao):
        case = prepared(general_record, market_bureau, alice)
        steps.withdraw_case(case=case, actor=alice, at=moment("2026-11-23 09:00"))
        revoke(general_record, wang, zhao)
        undo(general_record, wang, zhao)
        assert not Message.objects.filter(recipient=alice, key__contains="reinstated").exists()


class TestByThePages:
    def history(self, client, record):
        return client.get(reverse("admin:records_dishonestyrecord_history", args=[record.pk])).text

    def test_from_the_history_to_the_approval(self, client, general_record, wang, zhao):
        address = reverse("admin:records_dishonestyrecord_act", args=[general_record.pk, "unrevoke"])
        client.force_login(wang)
        assert address not in self.history(client, general_record)
        assert "没有登记为撤销" in client.get(address, follow=True).text
        revoke(general_record, wang, zhao)
        page = self.history(client, general_record)
        # Nothing but the revocation itself can be undone, and that on its own page.
        assert address in page and "恢复到这次变更之前" not in page and "登记处罚被撤销</a>" not in page
        form = seen(client.get(address))
        assert "处罚当前状态已撤销正常" in form and "公示状态已撤销公示公示中" in form
        assert "因登记撤销而终止的申请不恢复办理" in form
        posted = {"grounds": "撤销的是另一份决定。", "effective_on": "2026-11-20"}
        refused = client.post(address, posted).text
        assert "请上传证明撤销登记有误的文书。" in refused and "撤销、变更该处罚的决定" not in refused
        shown = seen(client.post(address, posted | {"document": pdf("说明.pdf")}, follow=True))
        assert "等待本单位另一位审批人员复核" in shown and "公示状态已撤销公示公示中" in shown
        act = SourceAct.objects.get(kind="unrevoke")
        client.force_login(zhao)
        read_evidence(act, reader=zhao, at=act.proposed_at)
        done = client.post(reverse("admin:records_sourceact_approve", args=[act.pk]), follow=True)
        assert "有因此终止的申请的，已告知申请人可以重新申请" in done.text
        general_record.refresh_from_db()
        assert general_record.publicity == "published" and not Document.objects.exists()

    def test_restoring_says_what_it_writes_field_by_field(self, client, general_record, wang, zhao):
        values = {"fine_amount": 2, "penalty_content": "罚款2万元"}
        act = propose(general_record, wang, "change", REVOKED, values=values)
        approve_act(act=act, actor=zhao, at=REVOKED)
        change = general_record.changes.get()
        address = reverse("admin:records_dishonestyrecord_restore", args=[general_record.pk, change.pk])
        client.force_login(wang)
        assert address in self.history(client, general_record)
        form = seen(client.get(address))
        assert "罚款金额（万元）20.5" in form and "处罚内容罚款2万元罚款5000元" in form

    def test_what_would_write_nothing_is_not_offered(self, client, general_record, wang, zhao):
        revoke(general_record, wang, zhao)
        undo(general_record, wang, zhao)
        client.force_login(wang)
        assert "恢复到这次变更之前" not in self.history(client, general_record)
        revoked = general_record.changes.first()
        address = reverse("admin:records_dishonestyrecord_restore", args=[general_record.pk, revoked.pk])
        assert "没有可以恢复的内容" in client.get(address, follow=True).text
