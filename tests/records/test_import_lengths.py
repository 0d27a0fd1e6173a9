"""How long a file may be is counted in records: what stands between them takes none of their places. What is too long for
the page is for a worker."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from applications.files import bounded
from applications.records.importing import reading
from applications.records.importing.reading import FULL, QUICK, Limits, open_sheet
from applications.records.importing.refusal import TooManyRows
from applications.records.models import ImportRun
from applications.records.services.previews import in_memory
from applications.records.tasks import run_imports
from tests.records.files import as_csv, row


def upload(client, organ, name: str, content: bytes):
    file = SimpleUploadedFile(name, content)
    return client.post("/admin/records/importbatch/import/", {"organ": organ.pk, "file": file})


def test_a_workbook_that_is_long_when_unpacked_is_for_a_worker(client, wang, market_bureau):
    """It may have 200 MB at the page, and 600 MB with a hundred thousand rows."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        for _megabyte in range(201):
            sheet.write(bytes(1024 * 1024))
    client.force_login(wang)
    assert upload(client, market_bureau, "市监.xlsx", content.getvalue()).status_code == 302
    assert ImportRun.objects.get().state == "waiting"


def test_so_is_a_file_that_costs_more_than_a_page_may(client, wang, market_bureau, monkeypatch):
    whole = reading.stream

    def stream(*arguments, budget):
        if not budget.seconds_a_line:
            raise bounded.OverBudget
        yield from whole(*arguments, budget=budget)

    monkeypatch.setattr(reading, "stream", stream)
    client.force_login(wang)
    answer = upload(client, market_bureau, "市监.csv", as_csv(row()))
    run_imports()
    assert "新增 1 条" in client.get(answer.url).text


def a_file(records: int, titles: int) -> bytes:
    """Groups of one size, each with its title."""
    size = -(-records // titles)
    numbered = [row(行政处罚决定书文号=f"宁市监处罚〔2026〕{n}号") for n in range(records)]
    groups = [numbered[at : at + size] for at in range(0, records, size)]
    assert len(groups) == titles
    return as_csv(*(each for group in groups for each in ({"行政相对人名称": "第几批"}, *group)))


def read(content: bytes, limits: Limits) -> tuple[int, int]:
    """How many records, and how many other lines."""
    with in_memory(content) as file, open_sheet(file, "a.csv", limits) as sheet:
        return len(list(sheet.rows)), sheet.passed_over_in_all


def test_titles_cost_no_record_its_place_at_the_page():
    assert read(a_file(2_990, 46), QUICK) == (2_990, 46)
    assert read(a_file(3_000, 50), QUICK) == (3_000, 50)


def test_nor_in_a_long_file():
    long = FULL._replace(rows=4_000)
    assert read(a_file(4_000, 50), long) == (4_000, 50)


def test_one_record_too_many_is_told_however_many_titles_there_are():
    with pytest.raises(TooManyRows, match="超过 3000 行"):
        read(a_file(3_001, 50), QUICK)


def test_more_lines_than_any_such_file_has_are_told():
    with pytest.raises(TooManyRows):
        read(as_csv(row(), *[{"行政相对人名称": "第几批"}] * 41, row()), Limits(10, 10_000_000))
