"""Numbers of persons in every column of a file, alone and within what stands there: nothing that is written, shown, logged
or given back has one."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection

from applications.records.importing.columns import COLUMNS
from applications.records.models import DishonestyRecord, ImportBatch
from applications.records.services import import_records
from credit_repair.log_lines import PrivateFormatter
from tests.fixtures import moment
from tests.records.files import HEADINGS, as_csv, as_xlsx, person, row

pytestmark = pytest.mark.django_db

RESIDENT, PASSPORT, MOBILE = "11010519491231002X", "E23456789", "13912345678"
FOUND = re.compile("|".join((RESIDENT, PASSPORT, MOBILE)))
AT = moment("2026-11-24 09:00")
MORE = [each.heading for each in COLUMNS if each.heading not in HEADINGS]
ALL = [*HEADINGS, *MORE]
# The one place where a person's number belongs, which is kept encrypted.
ITS_PLACE = {"证件号码": RESIDENT}


def spoilt() -> list[dict[str, str]]:
    """A row for each column and number, each with a document number of its own."""
    rows = []
    for make in (row, person):
        for heading in ALL:
            for number in (RESIDENT, f"护照{PASSPORT}", MOBILE):
                good = make(行政处罚决定书文号=f"宁市监处罚〔2026〕{len(rows) + 1000}号")
                for text in (number, f"{good.get(heading, '')}，{number}"):
                    rows.append(
                        good
                        | {"行政处罚决定书文号": f"宁市监处罚〔2026〕{len(rows) + 1000}号"}
                        | {heading: text}
                    )
    return rows


def workbook_texts(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode() for name in parts.namelist())


def database() -> str:
    """Every row of every table as it lies on the disk."""
    lines = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            lines += [f"{table}: {values}" for values in cursor.fetchall()]
    return "\n".join(lines)


@pytest.mark.parametrize("write", [as_csv, as_xlsx])
def test_no_column_of_a_file_brings_one_in(client, market_bureau, wang, write, caplog, capsys, tmp_path):
    rows = spoilt()
    assert len(rows) == 2 * len(ALL) * 6
    name = "市监.csv" if write is as_csv else "市监.xlsx"
    content = write(*rows, headings=ALL)
    client.force_login(wang)
    shown = client.post(
        "/admin/records/importbatch/import/",
        {"organ": market_bureau.pk, "file": SimpleUploadedFile(name, content)},
    )
    assert "退回" in shown.text and FOUND.findall(shown.text) == []
    path, errors = tmp_path / name, tmp_path / "errors.xlsx"
    path.write_bytes(content)
    call_command("import_records", str(path), organ=market_bureau.code, dry_run=True, errors=errors)
    assert FOUND.findall(capsys.readouterr().out) == []
    assert FOUND.findall(workbook_texts(errors.read_bytes())) == []
    batch, _new = import_records(
        content=content, file_name=name, organ=market_bureau, at=AT, actor=wang, confirmed=True
    )
    # Most are refused; those of 备注 and of the columns that are not kept are loaded.
    assert batch.rejected > batch.created > 0
    with batch.errors.file.open("rb") as stored:
        assert FOUND.findall(workbook_texts(stored.read())) == []
    leaked = [line for line in database().splitlines() if FOUND.search(line)]
    assert leaked == []
    formatter = PrivateFormatter("%(message)s")
    assert [line for line in map(formatter.format, caplog.records) if FOUND.search(line)] == []
    for page in (f"/admin/records/importbatch/{batch.pk}/change/", "/admin/records/dishonestyrecord/"):
        assert FOUND.findall(client.get(page).text) == []
    assert ImportBatch.objects.count() == 1 and DishonestyRecord.objects.count() == batch.created


def test_that_of_the_person_itself_lies_encrypted(market_bureau):
    import_records(content=as_csv(person()), file_name="a.csv", organ=market_bureau, at=AT, actor=None)
    assert DishonestyRecord.objects.get().subject.identity_number == RESIDENT
    assert FOUND.findall(database()) == []
