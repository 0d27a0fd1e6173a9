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
from django.utils.timezone import localdate
from stdnum.cn import uscc

from applications.accounts.models import User
from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.ledger.verification import verify_ledger
from applications.organs.models import Organ
from applications.portal.models import OrganMonth
from applications.portal.performance.keeping import keep_performance
from applications.records.models import DishonestyRecord, ImportBatch
from applications.repairs.models import RepairCase
from applications.repairs.services.queues import check_queues
from applications.sample.province import REFERENCE_DAY, make_province
from applications.sharing.models import Delivery
from applications.subjects.models import Subject
from rules.procedure import State
from tests.english.walking import COPY, STATUS, walk
from tests.fixtures import moment
from tests.pages import seen

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
    # And one file of months ago.
    assert ImportBatch.objects.filter(rejected=0).count() == units.count() + 1
    assert Event.objects.filter(verb="record.imported").count() == DishonestyRecord.objects.count()


def test_every_state_of_the_procedure_is_on_show(loaded):
    assert set(RepairCase.objects.values_list("status", flat=True)) == {str(state) for state in State}
    # That one application was ended by what became of its penalty.
    closed = RepairCase.objects.get(status=State.CLOSED)
    assert (closed.record.source_state, closed.record.publicity) == ("revoked", "withdrawn")
    assert Document.objects.filter(about=closed.number, kind="termination_notice").exists()


def figures(month: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Of the clocks of a month that are over: how many, and how many of them late."""
    return {
        (row.organ.code, row.clock): (sum(row.spans.values()), row.late)
        for row in OrganMonth.objects.filter(month=month, unmet=0).select_related("organ")
    }


def test_two_months_are_over_and_their_figures_public(loaded, client):
    assert figures("2026-09-01") == {
        ("nj-scjg", "acceptance"): (6, 0), ("nj-scjg", "decision"): (6, 0), ("nj-scjg", "sharing"): (6, 0),
        ("nj-xyzx", "acceptance"): (5, 0), ("nj-xyzx", "decision"): (5, 1), ("nj-xyzx", "sharing"): (5, 0),
    }  # fmt: skip
    assert figures("2026-10-01") == {
        ("nj-scjg", "acceptance"): (8, 0), ("nj-scjg", "decision"): (8, 1), ("nj-scjg", "sharing"): (8, 0),
        ("nj-scjg", "objection"): (5, 0),
        ("nj-xyzx", "acceptance"): (5, 0), ("nj-xyzx", "decision"): (5, 0), ("nj-xyzx", "sharing"): (5, 0),
    }  # fmt: skip
    assert OrganMonth.objects.filter(unmet__gt=0).count() == 0
    with time_machine.travel(moment("2026-11-23 10:00"), tick=False):
        page = seen(client.get("/performance/?clock=decision&period=2026-10"))
    # 7 of 8 in time.
    assert "南京市市场监督管理局" in page and "87%" in page and "不满5件" in page


def test_what_was_late_was_told_on_its_days(loaded):
    """Accepted on Tuesday, 13 October, the decision was due on Thursday, 22 October, and came on Monday."""
    late = Deadline.objects.get(organ__code="nj-scjg", days_late__gt=0, met_on__month=10)
    told = [(each.level, each.on, localdate(each.raised_at)) for each in late.escalations.order_by("on")]
    days = [(str(on), str(raised)) for _level, on, raised in told]
    assert (late.due_on, late.breached_on, late.met_on, late.days_late) == (
        date(2026, 10, 22),
        date(2026, 10, 23),
        date(2026, 10, 26),
        2,
    )
    assert [level for level, _on, _raised in told] == ["reminder", "due", "breach", "daily"]
    assert days == [(f"2026-10-{day}", f"2026-10-{day}") for day in (21, 22, 23, 26)]
    (breach,) = Event.objects.filter(chain=late.case_number, verb="deadline.breached")
    assert localdate(breach.at) == date(2026, 10, 23)
    moments = list(
        Event.objects.filter(chain=late.case_number).order_by("position").values_list("at", flat=True)
    )
    assert moments == sorted(moments)


def test_what_is_over_is_as_it_must_be(loaded):
    at = moment("2026-11-23 10:05")
    assert check_queues(at=at) == []
    assert keep_performance(at=at) == []
    assert verify_ledger(at=at).broken is None
    # The first sweep has nothing to say of it any more.
    over = Deadline.objects.filter(met_on__lt="2026-11-01")
    assert over.count() == 77 and not over.filter(next_step_on__isnull=False).exists()
    assert not Delivery.objects.filter(created_at__lt=moment("2026-11-01 00:00")).exclude(status="delivered")


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
    people = User.objects.filter(is_staff=False).exclude(email__startswith="past").order_by("pk")
    wrong, looked = walk([*people.values_list("email", flat=True)])
    assert wrong == []
    assert len(looked) > 50 and looked[STATUS] > 10 and looked[COPY] > 10, looked
