"""Imports beside others who write: no import waits for ever, and none is told a lie."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event as Flag

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from applications.ledger.locking import LedgerBusy
from applications.ledger.models import Event
from applications.organs.models import Organ
from applications.records.importing import spool
from applications.records.importing.examining import checked_file
from applications.records.importing.refusal import NotNow
from applications.records.models import DishonestyRecord, ImportBatch
from applications.records.services import bulk, import_records, imports
from applications.records.services.previews import in_memory
from applications.subjects.models import Subject
from tests.fixtures import moment
from tests.records.files import as_csv, row

NOW = moment("2026-11-23 10:00")
PATIENCE = 30
DAY = timezone.localdate(NOW)


@pytest.fixture
def archive_is_busy(monkeypatch):
    def busy(seconds):
        raise LedgerBusy

    monkeypatch.setattr(imports, "lock_ledger", busy)


def load(organ, *rows, **more):
    return import_records(content=as_csv(*rows), file_name="a.csv", organ=organ, at=NOW, actor=None, **more)[
        0
    ]


def test_a_page_says_that_the_archive_is_busy(client, wang, market_bureau, archive_is_busy):
    load(market_bureau, row())
    client.force_login(wang)
    file = SimpleUploadedFile("市监.csv", as_csv(row(备注="更正")))
    page = client.post(reverse("admin:records_importbatch_import"), {"organ": market_bureau.pk, "file": file})
    answer = client.post(
        reverse("admin:records_importbatch_confirm"), {"token": page.context["token"]}, follow=True
    )
    assert "没有导入任何记录：台账正有长时间的写入，请几分钟后再导入。" in answer.text
    assert ImportBatch.objects.count() == 1 and DishonestyRecord.objects.get().remarks == ""


def test_the_rejected_rows_are_stored_before_the_archive_is_touched(market_bureau, monkeypatch):
    store, seen = imports.store_content, []

    def storing(**what):
        seen.append(Event.objects.filter(verb="record.imported").count())
        return store(**what)

    monkeypatch.setattr(imports, "store_content", storing)
    assert load(market_bureau, row(), row(处罚类别="打手心")).errors
    assert seen == [0] and Event.objects.filter(verb="record.imported").count() == 1


def test_to_its_end_an_import_says_how_far_it_is_and_can_be_stopped(market_bureau, monkeypatch):
    monkeypatch.setattr(spool, "CHUNK", 2)
    monkeypatch.setattr(bulk, "_EVENTS_AT_ONCE", 2)
    numbered = [row(行政处罚决定书文号=f"〔2026〕{n}号") for n in range(8)]
    load(market_bureau, *numbered[:4])
    rows = [*(each | {"备注": "更正"} for each in numbered[:4]), *numbered[4:]]
    told = watched(market_bureau, rows, until=None)
    # Four chunks are planned; two are changed, and the histories of two begun; then it is over.
    assert len(told) == 4 + 2 + 2 + 1
    assert told == sorted(set(told)) and told[-1] == 1


@pytest.mark.parametrize("until", range(9))
def test_what_is_stopped_leaves_nothing(market_bureau, monkeypatch, until):
    monkeypatch.setattr(spool, "CHUNK", 2)
    monkeypatch.setattr(bulk, "_EVENTS_AT_ONCE", 2)
    numbered = [row(行政处罚决定书文号=f"〔2026〕{n}号") for n in range(8)]
    load(market_bureau, *numbered[:4])
    with pytest.raises(KeyboardInterrupt):
        watched(market_bureau, [*(each | {"备注": "更正"} for each in numbered[:4]), *numbered[4:]], until)
    assert not DishonestyRecord.objects.filter(remarks="更正").exists()
    assert (DishonestyRecord.objects.count(), ImportBatch.objects.count()) == (4, 1)


def watched(organ, rows, until: int | None) -> list[float]:
    """The shares that an import has told; interrupted by the one of that number."""
    told: list[float] = []

    def look(share, _rows):
        if len(told) == until:
            raise KeyboardInterrupt
        told.append(share)

    with (
        in_memory(as_csv(*rows)) as file,
        checked_file(file, "b.csv", organ=organ, on=DAY) as checked,
    ):
        imports.import_file(checked=checked, organ=organ, at=NOW, actor=None, progress=look)
    return told


def a_company_of_both(draft, organ):
    imports._add_subjects([draft], {})


def the_unit_itself(draft, organ):
    Organ.objects.select_for_update(no_key=True).get(pk=organ.pk)


def test_who_was_quicker_under_another_name_gets_no_record_of_ours(market_bureau, monkeypatch):
    """While it waited for another import, that one registered the code."""
    wait, company = imports.take_lock, {}

    def meanwhile(*key):
        wait(*key)
        company["it"] = Subject.objects.create(
            kind=Subject.Kind.ORGANISATION,
            name="苏州另一家有限公司",
            uscc=row()["行政相对人代码_1（统一社会信用代码）"],
        )

    with monkeypatch.context() as patched, pytest.raises(NotNow, match="以别的名称登记了同一个代码"):
        patched.setattr(imports, "take_lock", meanwhile)
        load(market_bureau, row())
    assert not DishonestyRecord.objects.exists() and not ImportBatch.objects.exists()
    company["it"].save(force_insert=True)
    again = load(market_bureau, row())
    assert (again.created, again.rejected) == (0, 1)


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keep", [a_company_of_both, the_unit_itself])
def test_an_import_does_not_wait_until_a_long_one_ends(market_bureau, monkeypatch, keep):
    """Its worker would be taken for dead; and two that wait for each other never end."""
    monkeypatch.setattr(imports, "_SECONDS", 0.1)
    kept, over = Flag(), Flag()
    content = as_csv(row())
    with in_memory(content) as file, checked_file(file, "a.csv", organ=market_bureau, on=DAY) as checked:
        ((first,),) = checked.chunks()

    def import_of_others():
        try:
            with transaction.atomic():
                keep(first.draft, market_bureau)
                kept.set()
                over.wait(PATIENCE)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(import_of_others)
        try:
            assert kept.wait(PATIENCE)
            with pytest.raises(NotNow, match="另一个文件正在导入，请几分钟后再导入"):
                load(market_bureau, row())
        finally:
            over.set()
        running.result(PATIENCE)
    assert not DishonestyRecord.objects.exists()
    assert load(market_bureau, row()).created == 1
