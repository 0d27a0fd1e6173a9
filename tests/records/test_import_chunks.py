"""A file is imported some rows at a time, and is one file all the same: here two rows make a chunk."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import openpyxl
import pytest
from django.db import OperationalError, connection, transaction

from applications.ledger.chain import GENESIS, event_hash
from applications.ledger.models import Event
from applications.ledger.services import record_event
from applications.records.importing import spool
from applications.records.importing.examining import checked_file
from applications.records.importing.refusal import FileRefused
from applications.records.models import Annotation, DishonestyRecord, ImportBatch, RecordChange
from applications.records.services import annotate_and_withdraw, import_file, import_records
from applications.records.services.previews import in_memory
from applications.records.services.writing import digest
from applications.subjects.models import Subject
from tests.fixtures import moment
from tests.records.files import as_csv, person, row
from tests.records.previews import preview

NOW, LATER = moment("2026-11-23 10:00"), moment("2026-11-24 10:00")


@pytest.fixture(autouse=True)
def two_rows_a_chunk(monkeypatch):
    monkeypatch.setattr(spool, "CHUNK", 2)


def load(organ, *rows, at=NOW, **more):
    return import_records(content=as_csv(*rows), file_name="a.csv", organ=organ, at=at, actor=None, **more)[0]


def numbered(count: int, **changes: str):
    return [row(行政处罚决定书文号=f"宁市监处罚〔2026〕{n}号", **changes) for n in range(1, count + 1)]


def rejected(batch) -> dict[int, str]:
    """By the line of the file, why."""
    with batch.errors.file.open("rb") as file:
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
    return {cells[-2].value: cells[-1].value for cells in sheet.iter_rows(min_row=2)}


def assert_whole(chain: str) -> list[str]:
    """The verbs of a chain, each linked to the one before by its own hash."""
    previous, verbs = GENESIS, []
    for position, event in enumerate(Event.objects.filter(chain=chain).order_by("position"), start=1):
        assert (event.position, event.previous_hash) == (position, previous)
        previous = event_hash(
            previous_hash=previous, chain=chain, position=position, verb=event.verb, actor_id=event.actor_id,
            role=event.role, organ_id=event.organ_id, at=event.at, payload=event.payload,
        )  # fmt: skip
        assert event.hash == previous
        verbs.append(event.verb)
    return verbs


def test_every_record_has_its_subject_its_duties_and_its_chain(market_bureau):
    batch = load(market_bureau, *numbered(4), person(行政处罚决定书文号="宁市监处罚〔2026〕5号"))
    assert (batch.created, batch.rejected) == (5, 0)
    for record in DishonestyRecord.objects.all():
        assert (record.batch, record.identifying_unit, record.publicity) == (
            batch,
            market_bureau,
            "published",
        )
        assert record.plain_number == record.document_number
        assert [str(each) for each in record.obligations.all()] == ["罚款", "没收违法所得"]
        assert assert_whole(record.reference) == ["record.imported"]
    assert Subject.objects.count() == 2
    assert Subject.objects.get(kind="natural_person").identity_number == "11010519491231002X"
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_number FROM subjects_subject")
        assert "11010519491231002X" not in {value for (value,) in cursor.fetchall()}


def test_a_number_that_came_chunks_before_is_a_repetition(market_bureau):
    rows = [*numbered(5), numbered(1)[0]]
    found = preview(market_bureau, as_csv(*rows))
    assert (found.created, found.rejected_in_all) == (5, 1)
    batch = load(market_bureau, *rows)
    assert (batch.created, batch.updated, batch.rejected) == (5, 0, 1)
    assert "与第 2 行重复" in rejected(batch)[7]
    assert found.rejected[0].faults["document_number"] in rejected(batch)[7]


def test_so_is_another_name_for_a_company_that_came_new_before(market_bureau):
    rows = [*numbered(4), row(行政相对人名称="南京别名有限公司", 行政处罚决定书文号="〔2026〕9号")]
    found = preview(market_bureau, as_csv(*rows))
    assert (found.created, found.rejected_in_all) == (4, 1)
    batch = load(market_bureau, *rows)
    assert (batch.created, batch.rejected) == (4, 1)
    assert "已登记为“南京示例食品有限公司”" in rejected(batch)[6]


def test_a_broken_row_at_the_end_comes_back_and_the_others_are_imported(market_bureau):
    batch = load(market_bureau, *numbered(5), row(处罚决定日期="2026-02-30"))
    assert (batch.created, batch.rejected) == (5, 1)
    assert list(rejected(batch)) == [7]


def test_a_broken_file_brings_nothing_however_late_it_breaks(market_bureau):
    content = as_csv(*numbered(5)) + '"没有结尾,'.encode()
    with pytest.raises(FileRefused):
        import_records(content=content, file_name="a.csv", organ=market_bureau, at=NOW, actor=None)
    assert not DishonestyRecord.objects.exists() and not ImportBatch.objects.exists()


def test_so_does_a_row_to_be_confirmed_that_comes_late(market_bureau):
    rows = [*numbered(4), row(行政处罚决定书文号="〔2026〕9号", 处罚内容="罚款3万元，没收违法所得120元")]
    with pytest.raises(FileRefused, match="有 1 行需要您核对后确认（第 6 行）"):
        load(market_bureau, *rows)
    assert not DishonestyRecord.objects.exists() and not Subject.objects.exists()
    load(market_bureau, *rows, confirmed=True)
    confirmed = [event.payload.get("confirmed") for event in Event.objects.order_by("pk")]
    assert confirmed == [None] * 4 + [["fine_amount"]]


def test_changes_of_many_records_stand_in_their_history(market_bureau):
    load(market_bureau, *numbered(5))
    expired, fulfilled, serious, same, renamed = numbered(5)
    batch = load(
        market_bureau,
        expired | {"公示截止期": "2026-06-01"},
        fulfilled | {"履行状态": "罚款:2026-06-01；没收违法所得:2026-07-01"},
        serious | {"失信严重程度": "严重", "备注": "更正"},
        same,
        renamed | {"履行状态": "罚款:2026-06-01"},
        at=LATER,
    )
    assert (batch.created, batch.updated, batch.unchanged, batch.rejected) == (0, 4, 1, 0)
    one, two, three, four, five = DishonestyRecord.objects.order_by("pk")
    assert (one.publicity, one.publicity_ended_at) == ("expired", LATER)
    assert two.obligations.get(name="没收违法所得").fulfilled_on == date(2026, 7, 1)
    assert (three.severity, three.remarks, three.publicity_until) == ("serious", "更正", date(2029, 5, 1))
    assert [str(each) for each in five.obligations.all()] == ["罚款"]
    for record in (one, two, three, five):
        assert assert_whole(record.reference) == ["record.imported", "record.updated"]
        change = RecordChange.objects.get(record=record)
        told = Event.objects.get(chain=record.reference, position=2).payload
        assert told == {
            "batch": batch.pk,
            "change": change.pk,
            "changed": sorted(change.after),
            "sha256": digest(change),
        }
        assert (change.verb, change.at, change.organ, change.batch) == (
            "record.updated", LATER, market_bureau, batch,
        )  # fmt: skip
    assert assert_whole(four.reference) == ["record.imported"]
    assert RecordChange.objects.get(record=three).before["severity"] == "general"
    assert RecordChange.objects.get(record=two).before == {
        "obligations": [
            ["罚款", "administrative", "2026-06-01"],
            ["没收违法所得", "administrative", None],
        ]
    }


def test_a_record_that_is_repaired_while_the_file_is_read_is_not_altered(market_bureau):
    load(market_bureau, *numbered(3))
    record = DishonestyRecord.objects.order_by("pk")[1]

    def repair(share, rows):
        # All rows are planned, and nothing is changed yet.
        if rows == 3 and not Annotation.objects.exists():
            annotate_and_withdraw(
                record=record, case_number="XF-1", decision_number="宁市监信修〔2026〕1号", organ=market_bureau,
                decided_on=date(2026, 11, 24), at=LATER, actor=None,
            )  # fmt: skip

    changed = as_csv(*(each | {"备注": "更正"} for each in numbered(3)))
    with (
        in_memory(changed) as file,
        checked_file(file, "b.csv", organ=market_bureau, on=date(2026, 11, 24)) as checked,
    ):
        batch, _new = import_file(checked=checked, organ=market_bureau, at=LATER, actor=None, progress=repair)
    assert (batch.updated, batch.rejected) == (2, 1)
    record.refresh_from_db()
    assert (record.remarks, record.publicity) == ("", "withdrawn")
    assert assert_whole(record.reference)[-1] == "record.reinsertion_blocked"
    assert "标注修复" in rejected(batch)[3]


def test_the_first_name_counts_for_a_company_that_is_told_twice_in_a_chunk(market_bureau):
    batch = load(
        market_bureau,
        row(行政相对人名称="甲示例有限公司"),
        row(行政相对人名称="乙示例有限公司", 行政处罚决定书文号="〔2026〕2号"),
    )
    assert (batch.created, batch.rejected) == (1, 1)
    assert Subject.objects.get().name == "甲示例有限公司"


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_leaves_nothing_and_the_file_can_come_again(market_bureau):
    """Its process is ended in the middle of the import, as a restart of the server would end it."""
    content = as_csv(*numbered(6))

    def end_the_server(share, rows):
        if rows >= 4:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with (
        in_memory(content) as file,
        checked_file(file, "a.csv", organ=market_bureau, on=date(2026, 11, 23)) as checked,
        pytest.raises(OperationalError),
    ):
        import_file(checked=checked, organ=market_bureau, at=NOW, actor=None, progress=end_the_server)
    connection.close()
    assert not DishonestyRecord.objects.exists() and not ImportBatch.objects.exists()
    assert not Subject.objects.exists() and not Event.objects.filter(verb="record.imported").exists()
    assert load(market_bureau, *numbered(6)).created == 6


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_others_write_the_archive_and_name_the_unit_while_new_records_come_in(market_bureau, general_record):
    """Whoever waited would show in a lock that is not granted."""
    waited = []

    def write() -> bool:
        """Whether it had to wait, on a connection of its own."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = 1000")
                record_event(chain="XF-9", verb="repair.accepted", at=NOW, organ=market_bureau)
        except OperationalError:
            return True
        finally:
            connection.close()
        return False

    def look(share, rows):
        with ThreadPoolExecutor(1) as thread:
            waited.append(thread.submit(write).result())

    with (
        in_memory(as_csv(*numbered(4))) as file,
        checked_file(file, "a.csv", organ=market_bureau, on=date(2026, 11, 23)) as checked,
    ):
        import_file(checked=checked, organ=market_bureau, at=NOW, actor=None, progress=look)
    # Two chunks, their histories, and the end.
    assert waited == [False] * 4
    assert assert_whole("XF-9") == ["repair.accepted"] * 4
