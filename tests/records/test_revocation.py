"""A penalty that is revoked at its source (Administrative Penalty Law 48 with 85): withdrawn everywhere at once.

Days are worked out by hand: 24 November 2026 is a Tuesday, no holiday follows before the new year.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.documents.rendering import render_html
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.outbox.signed import body_of
from applications.portal.public_search import search_public
from applications.records.importing.refusal import FileRefused
from applications.records.models import DishonestyRecord
from applications.records.selectors import published
from applications.records.services import import_records, preview_import
from applications.records.services.objections import object_to_information
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase
from applications.repairs.services import start_case
from applications.repairs.services.queues import check_queues
from applications.reports.composing import record_states
from applications.sharing.models import Delivery
from applications.sharing.signals import delivered
from rules.procedure import OPEN_STATES, TABLE
from sharing_sandbox.interface import Interface
from tests.fixtures import moment
from tests.opening import answer_objection
from tests.records.files import HEADINGS, as_csv, row
from tests.repairs.steps import accepted, prepared, refused

pytestmark = pytest.mark.django_db

AT = "2026-11-24 15:00"
STATE = [*HEADINGS, "当前状态"]


def load(unit, state, *, at=AT, **changes):
    content = as_csv(row(当前状态=state, **changes), headings=STATE)
    batch, _ = import_records(content=content, file_name="a.csv", organ=unit, at=moment(at), actor=None)
    return batch


@pytest.fixture
def record(market_bureau, acme):
    load(market_bureau, "0", at="2026-06-20 09:00", 履行状态="罚款:2026-06-01；没收违法所得:2026-06-01")
    return DishonestyRecord.objects.get()


def revoked(record, unit, state="1", **more):
    batch = load(unit, state, **more)
    record.refresh_from_db()
    return batch


@pytest.mark.parametrize("words", ["1", "撤销", "已撤销", "确认违法"])
def test_the_units_file_withdraws_it(record, market_bureau, words):
    batch = revoked(record, market_bureau, words)
    assert (batch.created, batch.updated, batch.rejected) == (0, 1, 0)
    assert (record.source_state, record.publicity, record.publicity_ended_at) == (
        "revoked", "withdrawn", moment(AT),
    )  # fmt: skip
    assert not published().exists()
    found = search_public("宁市监处罚〔2026〕15号", "", persons=False)
    assert not found.records
    # The reason for withdrawing is made public, to who asks for this very decision.
    assert "撤销" in found.revoked[0].reason


def test_a_report_no_longer_knows_it(record, market_bureau, acme):
    assert record_states(subject=acme, variant="repair", on=date(2026, 11, 24))
    revoked(record, market_bureau)
    assert record_states(subject=acme, variant="repair", on=date(2026, 11, 24)) == {}


def test_the_clock_of_three_days_runs_until_the_platform_has_receipted(record, market_bureau):
    revoked(record, market_bureau)
    clock = Deadline.objects.get(case_number=record.reference)
    # Wednesday 25th, Thursday 26th, Friday 27th.
    assert (clock.kind, clock.due_on, clock.organ) == ("withdrawal", date(2026, 11, 27), market_bureau)
    assert clock.basis == "《中华人民共和国行政处罚法》第四十八条"
    assert check_queues(at=moment(AT)) == []
    delivery = Delivery.objects.get(stream=record.reference)
    assert (delivery.payload["event"], delivery.payload["publicity"]) == ("revoked", "withdrawn")
    delivery.receipt = {"received_at": "2026-11-25T09:00:00+08:00"}
    delivered.send(sender=Delivery, deliveries=[delivery], at=moment("2026-11-25 10:00"))
    clock.refresh_from_db()
    assert (clock.met_on, clock.breached_on) == (date(2026, 11, 25), None)


@pytest.mark.parametrize("state", ["1", "2"])
def test_what_the_platform_is_told_is_as_its_interface_asks(record, market_bureau, alice, zhao, state):
    objection = object_to_information(
        subject=record.subject, record=record, unit=market_bureau, wanted={"facts": "没有这回事。"},
        grounds="不属实。", actor=alice, at=moment("2026-11-23 09:00"),
    )  # fmt: skip
    accepted = {"facts": "没有这回事。"} if state == "2" else {}
    answer_objection(
        objection=objection, accepted=accepted, reasons="属实。", actor=zhao, at=moment("2026-11-24 09:00")
    )
    revoked(record, market_bureau, state)
    told = [each.payload for each in Delivery.objects.filter(stream=record.reference).order_by("position")]
    interface = Interface()
    for payload in told:
        assert interface.read_message("/v1/record-changes", body_of(payload)) == payload
    assert [each["event"] for each in told] == (
        ["objected", "kept", "revoked"] if state == "1" else ["objected", "corrected"]
    )


def test_it_does_not_come_back(record, market_bureau):
    revoked(record, market_bureau)
    batch = load(market_bureau, "0", at="2026-11-25 09:00")
    assert (batch.updated, batch.rejected) == (0, 1)
    record.refresh_from_db()
    assert record.publicity == "withdrawn"
    assert Event.objects.filter(chain=record.reference, verb="record.reinsertion_blocked").exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        DishonestyRecord.objects.filter(pk=record.pk).update(publicity="published", publicity_ended_at=None)


def test_the_same_word_twice_changes_nothing(record, market_bureau):
    revoked(record, market_bureau)
    batch = load(market_bureau, "撤销", at="2026-11-25 09:00")
    assert (batch.updated, batch.unchanged, batch.rejected) == (0, 1, 0)
    assert Delivery.objects.filter(stream=record.reference).count() == 1


def test_in_dispute_it_stays_public_and_is_marked(record, market_bureau):
    revoked(record, market_bureau, "2")
    assert (record.source_state, record.publicity) == ("disputed", "published")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3", "没有说明"), ("其他", "没有说明"), ("3-其他", "没有说明"), ("中止", "无法识别"), ("1正常", "无法识别"),
        ("4", "无法识别"), ("变更", "其他各栏填变更后的内容"),
    ],
)  # fmt: skip
def test_what_says_nothing_is_refused(record, market_bureau, text, words):
    content = as_csv(row(当前状态=text), headings=STATE)
    preview = preview_import(content=content, file_name="a.csv", organ=market_bureau, at=moment(AT))
    assert words in preview.rejected[0].faults["present_state"]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("0", "normal"), ("0正常", "normal"), ("有效", "normal"), ("1.0", None), ("1撤消", "revoked"), ("1-撤销", "revoked"),
        ("1（撤销）", "revoked"), ("１＝撤消", "revoked"), ("2 异议", "disputed"), ("", "normal"),
    ],
)  # fmt: skip
def test_every_value_of_the_standard_however_it_is_typed(record, market_bureau, text, state):
    preview = preview_import(
        content=as_csv(row(当前状态=text), headings=STATE), file_name="a.csv", organ=market_bureau,
        at=moment(AT),
    )  # fmt: skip
    if state is None:
        assert "只能填 0 正常、1 撤销、2 异议、3 其他" in preview.rejected[0].faults["present_state"]
        return
    assert preview.rejected == [] and preview.doubtful == []
    revoked(record, market_bureau, text)
    assert record.source_state == state


def test_other_with_remarks_stands_once_the_importer_says_so(record, market_bureau):
    content = as_csv(row(当前状态="3", 备注="名称变更，处罚不变。"), headings=STATE)
    about = {"content": content, "file_name": "a.csv", "organ": market_bureau, "at": moment(AT)}
    (doubtful,) = preview_import(**about).doubtful
    said = doubtful.doubts["present_state"]
    assert "“名称变更，处罚不变。”" in said and "确认处罚仍然有效的，按“正常”导入" in said
    with pytest.raises(FileRefused, match="需要您核对后确认"):
        import_records(actor=None, **about)
    import_records(actor=None, confirmed=True, **about)
    record.refresh_from_db()
    assert (record.source_state, record.publicity) == ("normal", "published")
    assert record.remarks == "名称变更，处罚不变。"
    event = Event.objects.filter(chain=record.reference, verb="record.updated").latest("pk")
    assert event.payload["confirmed"] == ["present_state"]


def test_every_open_application_ends():
    assert {step.source for step in TABLE if step.action == "close"} == OPEN_STATES


def test_an_open_case_is_closed_with_a_letter(record, market_bureau, alice, wang):
    case = accepted(record, market_bureau, alice, wang)
    preview = preview_import(
        content=as_csv(row(当前状态="1"), headings=STATE),
        file_name="a.csv",
        organ=market_bureau,
        at=moment(AT),
    )
    assert [each.use.number for each in preview.under_application] == [case.number]
    revoked(record, market_bureau)
    case = RepairCase.objects.get(pk=case.pk)
    assert (case.status, case.get_status_display()) == ("closed", "已终止")
    letter = Document.objects.get(about=case.number, kind="termination_notice")
    assert "撤销" in letter.content["reason"]
    assert not Deadline.objects.filter(case_number=case.number, met_on=None, cancelled_on=None).exists()
    told = Message.objects.filter(recipient=alice, channel="inbox").latest("id")
    assert "终止办理" in told.body and letter.number in told.body


def test_what_was_public_no_longer_did_not_end_that_day(record, market_bureau, alice, wang):
    case = accepted(record, market_bureau, alice, wang)
    ended = moment("2026-11-20 00:10")
    DishonestyRecord.objects.update(
        publicity="expired", publicity_until=date(2026, 11, 19), publicity_ended_at=ended
    )
    revoked(record, market_bureau, 公示截止期="2026-11-19")
    assert (record.publicity, record.publicity_ended_at) == ("withdrawn", ended)
    letter = render_html(Document.objects.get(about=case.number, kind="termination_notice"))
    assert "该信息已于2026年11月24日撤回（" in letter and "停止公示" not in letter


def test_what_was_public_ended_that_day(record, market_bureau, alice, wang):
    case = accepted(record, market_bureau, alice, wang)
    revoked(record, market_bureau)
    letter = render_html(Document.objects.get(about=case.number, kind="termination_notice"))
    assert "该信息已于2026年11月24日撤回并停止公示（" in letter


def test_before_it_is_confirmed_the_page_says_what_ends(client, record, market_bureau, alice, wang):
    accepted(record, market_bureau, alice, wang)
    client.force_login(wang)
    file = SimpleUploadedFile("a.csv", as_csv(row(当前状态="1"), headings=STATE))
    page = client.post(
        reverse("admin:records_importbatch_import"), {"organ": market_bureau.pk, "file": file}
    ).content.decode()
    assert "处罚被撤销的，申请随之终止" in page
    # Some of them may be public no longer.
    assert "其中按“撤销”撤回 1 条，并告知共享平台" in page


def test_a_draft_is_given_up_and_none_is_begun(record, market_bureau, alice):
    case = prepared(record, market_bureau, alice)
    revoked(record, market_bureau)
    assert RepairCase.objects.get(pk=case.pk).status == "withdrawn"
    assert not Document.objects.filter(about=case.number, kind="termination_notice").exists()
    with pytest.raises(NotReady, match="已被撤销"):
        start_case(record=record, organ=market_bureau, applicant=alice, at=moment(AT))


def test_a_refused_case_keeps_its_decision(record, market_bureau, alice, wang, li, zhao):
    case = refused(record, market_bureau, alice, wang, li, zhao)
    revoked(record, market_bureau, at="2026-11-26 09:00")
    assert RepairCase.objects.get(pk=case.pk).status == "refused"
