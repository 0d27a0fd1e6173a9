"""The sample province: what it holds, that its codes hold, that it can be loaded twice and on other days."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from stdnum.cn import uscc

from applications.accounts.models import User
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord, ImportBatch
from applications.repairs.models import RepairCase
from applications.sample.province import REFERENCE_DAY, make_province
from applications.subjects.models import Subject
from rules.procedure import State
from tests.english.walking import COPY, STATUS, walk
from tests.fixtures import moment

# One worker loads the province.
pytestmark = pytest.mark.xdist_group("sample")

SAMPLE = Path(__file__).parents[2] / "sample"


def table(content: bytes, name: str) -> list[list[object]]:
    if name.endswith(".xlsx"):
        return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).active.values]
    encoding = "gb18030" if "sz-sthj" in name and "records" in name else "utf-8-sig"
    return list(csv.reader(io.StringIO(content.decode(encoding))))


def test_the_shipped_files_are_what_the_generator_makes():
    files = make_province(REFERENCE_DAY).files()
    shipped = {
        str(path.relative_to(SAMPLE)) for path in SAMPLE.rglob("*") if path.suffix in (".csv", ".xlsx")
    }
    assert shipped == set(files)
    for name, content in files.items():
        assert table((SAMPLE / name).read_bytes(), name) == table(content, name), name


def test_everybody_is_invented():
    province = make_province(REFERENCE_DAY)
    assert all(subject.name.count("示") for subject in province.subjects)
    assert all(officer.email.endswith("@example.com") for officer in province.officers)
    # No identity card carries the code of the province itself.
    persons = [subject.code for subject in province.subjects if subject.kind == "自然人"]
    assert persons
    assert all(code.startswith("320000") for code in persons)


@pytest.fixture(scope="module")
def province(django_db_setup, django_db_blocker, tmp_path_factory):
    """Loaded once for all tests of this file, inside a transaction that ends with them."""
    around = transaction.atomic()
    # As Django marks its own tests': nobody waits for this one while a file is examined.
    around._from_testcase = True
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")),
        around,
    ):
        with time_machine.travel(moment("2026-11-23 10:00"), tick=False):
            call_command("load_sample", trial=True, verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(province, db):
    """Each test's own changes are undone behind it."""


def test_the_sample_is_a_whole_province(loaded):
    cities = set(Organ.objects.filter(level="city").values_list("region", flat=True))
    assert len(cities) == 13
    for kind in ("credit_bureau", "credit_management"):
        assert set(Organ.objects.filter(kind=kind, level="city").values_list("region", flat=True)) == cities
    units = Organ.objects.filter(kind="identifying_unit")
    assert units.count() >= 40
    assert set(units.values_list("level", flat=True)) == {"province", "city", "county"}
    assert all(uscc.is_valid(code) for code in Organ.objects.values_list("uscc", flat=True))
    assert Subject.objects.count() >= 300
    assert DishonestyRecord.objects.count() >= 600
    assert ImportBatch.objects.filter(rejected=0).count() == units.count()
    assert Event.objects.filter(verb="record.imported").count() == DishonestyRecord.objects.count()


def test_every_state_of_the_procedure_is_on_show(loaded):
    assert set(RepairCase.objects.values_list("status", flat=True)) == {str(state) for state in State}
    # That one application was ended by what became of its penalty.
    closed = RepairCase.objects.get(status=State.CLOSED)
    assert (closed.record.source_state, closed.record.publicity) == ("revoked", "withdrawn")
    assert Document.objects.filter(about=closed.number, kind="termination_notice").exists()


def test_a_second_run_changes_nothing_even_on_another_day(loaded, capsys):
    def counts():
        models = (Organ, User, Subject, DishonestyRecord, ImportBatch, RepairCase, Event)
        return [model.objects.count() for model in models]

    before = counts()
    with time_machine.travel(moment("2027-01-11 10:00"), tick=False):
        call_command("load_sample", trial=True)
    assert "没有变化" in capsys.readouterr().out
    assert counts() == before


def test_the_accounts_are_printed_and_nothing_else(loaded, capsys, client):
    call_command("load_sample", "--accounts")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 19
    for line in lines[1:]:
        email, password, _ = re.split(r"\s{2,}", line)
        assert User.objects.get(email=email).check_password(password)


def test_the_refused_file_names_a_reason_a_row(loaded):
    from applications.records.services import preview_import

    preview = preview_import(
        content=(SAMPLE / "refused" / "nj-scjg.csv").read_bytes(),
        file_name="nj-scjg.csv",
        organ=Organ.objects.get(code="nj-scjg"),
        at=moment("2026-11-23 10:00"),
    )
    assert preview.created == 1
    assert [each.row.line for each in preview.rejected] == [3, 4, 5, 6, 7, 8, 9, 10]


def test_the_demonstrations_applicant_finds_every_kind_of_record(loaded, client):
    client.force_login(User.objects.get(email="applicant@example.com"))
    html = client.get("/records/").content.decode()
    for words in ("可以申请", "尚不能申请", "不予信用修复", "公示期满"):
        assert words in html
    assert date(2026, 11, 23) == REFERENCE_DAY


def test_every_page_of_the_public_and_of_applicants_is_english_for_who_asks_for_it(loaded):
    people = User.objects.filter(is_staff=False).order_by("pk").values_list("email", flat=True)
    wrong, looked = walk([*people])
    assert wrong == []
    assert len(looked) > 50 and looked[STATUS] > 10 and looked[COPY] > 10, looked
