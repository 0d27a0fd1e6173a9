"""The history of a record: what was written, by whom, when, from which file; and who may read it."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.ledger.models import Event
from applications.records.history import history_of
from applications.records.importing.cells import Duty
from applications.records.models import DishonestyRecord, RecordChange
from applications.records.services import end_publicity, import_records
from applications.records.services.writing import write_record
from tests.fixtures import moment
from tests.opening import answer_objection
from tests.records.files import as_csv, row
from tests.records.test_objections import LATER, file

pytestmark = pytest.mark.django_db


def load(unit, actor, name, at, **changes):
    content = as_csv(row(**changes))
    import_records(content=content, file_name=name, organ=unit, at=moment(at), actor=actor)
    return DishonestyRecord.objects.get(document_number="宁市监处罚〔2026〕15号")


@pytest.fixture
def record(acme, market_bureau, wang):
    load(market_bureau, wang, "六月.csv", "2026-06-20 09:00")
    return load(
        market_bureau,
        wang,
        "七月.csv",
        "2026-07-20 09:00",
        **{"罚款金额（万元）": "0.3", "处罚内容": "罚款3000元，没收违法所得120元", "违法事实": "两批次。"},
    )


def test_it_says_what_was_written_by_whom_when_from_which_file(record, wang, market_bureau):
    changed, imported = history_of(record)
    assert (imported.label, imported.at, imported.actor, imported.organ, imported.batch.file_name) == (
        "导入失信行为信息", moment("2026-06-20 09:00"), wang, market_bureau, "六月.csv",
    )  # fmt: skip
    assert (changed.label, changed.batch.file_name) == ("更新失信行为信息", "七月.csv")
    assert {field: (before, after) for field, before, after in changed.changes} == {
        "罚款金额（万元）": ("0.5", "0.3"),
        "处罚内容": ("罚款5000元，没收违法所得120元", "罚款3000元，没收违法所得120元"),
        "违法事实": ("标签未标明生产日期。", "两批次。"),
    }


def test_the_end_of_publicity_stands_there_too(record):
    end_publicity(at=moment("2027-05-02 00:30"))
    ended = history_of(record)[0]
    assert ended.label == "公示期满"
    assert ("公示状态", "公示中", "公示期满") in ended.changes


def test_the_ledger_holds_the_digest_and_no_free_text(record):
    change = record.changes.get()
    event = Event.objects.get(chain=record.reference, verb="record.updated")
    words = {"before": change.before, "after": change.after, "reason": "", "document": None}
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert event.payload["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert "两批次" not in json.dumps(event.payload, ensure_ascii=False)


def test_of_an_objection_the_ledger_holds_the_digest_and_no_free_text(record, alice, zhao):
    objection = file(record, alice, wanted={"facts": "只有一批次。"})
    accepted = {"facts": "只有一批次，已召回。"}
    answer_objection(objection=objection, accepted=accepted, reasons="经核实。", actor=zhao, at=LATER)
    for chain in (objection.number, record.reference):
        filed, answered = Event.objects.filter(
            chain=chain, verb__in=["record.objected", "record.objection_answered"]
        ).order_by("position")
        assert "批次" not in json.dumps([filed.payload, answered.payload], ensure_ascii=False)
        assert filed.payload["fields"] == answered.payload["fields"] == ["facts"]
        asked = {"field": "facts", "stated": "两批次。", "wanted": "只有一批次。"}
        done = {"accepted": True, "written": "只有一批次，已召回。"}
        for event, items, reasons in ((filed, [asked], ""), (answered, [asked | done], "经核实。")):
            words = {"items": items, "grounds": "决定书写的是3000元。", "reasons": reasons}
            text = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            assert event.payload["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    asked_for = next(entry.asked for entry in history_of(record) if entry.label == "提出信息异议")
    assert asked_for == [("违法事实", "两批次。", "只有一批次。")]


def test_its_queries_do_not_grow_with_the_changes(record, wang, django_assert_num_queries):
    duties = (Duty("罚款", "administrative", None),)
    for number in range(5):
        if number == 1:
            with CaptureQueriesContext(connection) as few:
                history_of(DishonestyRecord.objects.get(pk=record.pk))
        values = {"facts": f"第{number}次。", "obligations": duties[: number % 2]}
        write_record(
            record=record,
            values=values,
            verb="record.corrected",
            at=moment("2026-08-01 09:00"),
            actor=wang,
        )
    with django_assert_num_queries(len(few)):
        history_of(DishonestyRecord.objects.get(pk=record.pk))


@pytest.mark.parametrize("touch", ["update", "delete"])
def test_what_was_written_stays(record, touch):
    changes = RecordChange.objects.filter(record=record)
    with pytest.raises(DatabaseError), transaction.atomic():
        changes.update(reason="改") if touch == "update" else changes._raw_delete(changes.db)


def test_the_subject_reads_it_without_the_names_of_officers(client, record, alice):
    client.force_login(alice)
    html = client.get(reverse("records:history", args=[record.pk])).content.decode()
    assert "七月.csv" in html and "两批次。" in html and "南京市市场监督管理局" in html
    assert "王受理" not in html
    assert (
        reverse("records:history", args=[record.pk])
        in client.get(reverse("records:record", args=[record.pk])).content.decode()
    )


def test_officers_read_who_it_was(client, record, wang):
    client.force_login(wang)
    html = client.get(reverse("admin:records_dishonestyrecord_history", args=[record.pk])).content.decode()
    assert "王受理" in html and "七月.csv" in html


def test_it_is_nobody_elses(client, record, charlie, outsider):
    client.force_login(charlie)
    assert client.get(reverse("records:history", args=[record.pk])).status_code == 404
    client.force_login(outsider)
    address = reverse("admin:records_dishonestyrecord_history", args=[record.pk])
    assert client.get(address).status_code == 404
