"""The officers' lists and the searches are answered by the indexes that were made for them, however much is closed."""

import json
import re
from datetime import UTC, datetime, time

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.accounts.models import StaffRole, User
from applications.deadlines.models import RUNNING, Deadline
from applications.records.access import visible_to
from applications.repairs.models import RepairCase
from applications.subjects.models import Claim, Subject
from tests.pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture
def make(capsys, settings, tmp_path):
    settings.DATA_DIR = tmp_path

    def make(subjects: int, records: int, cases: int) -> dict:
        sizes = {"--subjects": subjects, "--records": records, "--cases": cases, "--seed": 3}
        call_command("make_province", *[str(each) for pair in sizes.items() for each in pair])
        with connection.cursor() as cursor:
            # As autovacuum leaves it: what waits to be written into a GIN index makes that look dear.
            cursor.execute(
                "SELECT gin_clean_pending_list(indexes.oid::regclass) FROM pg_class AS indexes"
                " JOIN pg_am ON pg_am.oid = indexes.relam WHERE amname = 'gin' AND relkind = 'i'"
            )
            cursor.execute("ANALYZE")
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return make


CASES, RECORDS, SUBJECTS = "repairs_repaircase", "records_dishonestyrecord", "subjects_subject"
# The list, the indexes of which one answers it, and whether that one has to bear its order.
LISTS = (
    ("mine", "case_in_hand", True),
    ("open", "case_in_hand", True),
    ("correcting", "case_in_hand", True),
    ("today", "case_due|case_submitted", True),
    ("overdue", "case_due|case_submitted", True),
    ("mine_today", "case_due|case_in_hand", True),
    ("mine_overdue", "case_due|case_in_hand", True),
    ("taken", "case_of_officer", True),
    ("closed", "case_over", True),
    ("all", "case_submitted", True),
)


def asked(page) -> list[str]:
    with CaptureQueriesContext(connection) as heard:
        response = page()
    assert response.status_code == 200
    return [query["sql"] for query in heard.captured_queries]


def plan_of(sql: str) -> str:
    """How the database answers a query where it has to use an index: few rows are read quicker without."""
    return explained(sql, "enable_seqscan")


def explained(sql: str, *without: str) -> str:
    with connection.cursor() as cursor:
        for way in without:
            cursor.execute(f"SET LOCAL {way} = off")
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"), [])
        plan = "\n".join(line for (line,) in cursor.fetchall())
        for way in without:
            cursor.execute(f"SET LOCAL {way} = on")
    return plan


def choosing(queries: list[str], table: str) -> list[str]:
    """Those queries that choose the rows of a table: neither the counts, nor what reads chosen rows."""
    of_table = re.compile(rf'SELECT "{table}"\."id"[ ,].* (ORDER BY|LIMIT) ', re.DOTALL)
    by_key = re.compile(rf'"{table}"\."id" (IN \(|= )\d')
    return [sql for sql in queries if of_table.match(sql) and not by_key.search(sql)]


@pytest.fixture
def province(make, client):
    """An intake officer at work, one of whose organ's cases is in each list; and that organ's repaired case."""
    made = make(3_000, 8_000, 4_000)
    officer = User.objects.get(email=made["accounts"]["intake"])
    own = RepairCase.objects.filter(organ=officer.organ)
    RepairCase.objects.filter(pk=own.filter(status="submitted")[0].pk).update(
        status="correcting", version=F("version") + 1
    )
    waiting = own.filter(status="submitted").order_by("due_on", "pk")
    Deadline.objects.filter(RUNNING, case_number=waiting[0].number).update(officer=officer)
    RepairCase.objects.filter(number=waiting[0].number).update(officer=officer)
    today = waiting.exclude(due_on=waiting[0].due_on)[0].due_on
    with time_machine.travel(datetime.combine(today, time(2), UTC), tick=False):
        client.force_login(officer)
        yield own.filter(status="granted").select_related("record__subject")[0]


def test_each_page_uses_the_indexes_that_were_made_for_it(province, client):
    each_list_by_its_index(client)
    officer = User.objects.get(pk=client.session["_auth_user_id"])
    for role in ("reviewer", "approver", "supervisor"):
        StaffRole.objects.get_or_create(user=officer, role=role)
    each_list_by_its_index(client)
    start_page_by_theirs(client)
    search_by_those_of_each_thing_that_a_term_may_be(client, province)


def each_list_by_its_index(client):
    queue = reverse("admin:repairs_repaircase_changelist")
    for name, index, ordered in LISTS:
        (sql,) = choosing(asked(lambda name=name: client.get(queue, {"queue": name})), CASES)
        # Few rows are also sorted quicker than read in their order.
        plan = explained(sql, "enable_seqscan", "enable_sort")
        assert re.search(index, plan), (name, plan)
        assert not (ordered and "Sort" in plan), (name, plan)


def test_a_department_finds_a_frequent_word_in_the_order_of_its_list(make, client, monkeypatch):
    """Of more than one organ: no index that begins with the organ has that order."""
    made = make(3_000, 8_000, 4_000)
    monkeypatch.setattr("applications.repairs.search.FEW", 1)
    client.force_login(User.objects.get(email=made["accounts"]["supervisor"]))
    asking = asked(lambda: client.get(reverse("admin:repairs_repaircase_changelist"), {"q": "南京"}))
    (sql,) = [each for each in choosing(asking, CASES) if "LIKE '%南京%'" in each]
    plan = explained(sql, "enable_seqscan", "enable_sort")
    assert "case_listed" in plan and "Sort" not in plan, plan


def start_page_by_theirs(client):
    counted = [sql for sql in asked(lambda: client.get(reverse("admin:index"))) if "COUNT(" in sql]
    plans = [plan_of(sql) for sql in counted if f'FROM "{CASES}"' in sql]
    assert plans
    for plan in plans:
        assert (
            re.search("case_in_hand|case_due|repairs_rep_organ_i", plan) and "Filter: (organ" not in plan
        ), plan


# What grows with the province.
GROWS = "repairs_repaircase|repairs_filing|repairs_material|documents_document|deadlines_deadline|sharing_delivery|ledger_event"


def read_whole(plan: str) -> list[str]:
    """The tables of which a plan reads every row: those of GROWS that it looks into without a condition of an index."""
    # With what is said of the scan in the lines below it.
    scan = re.compile(
        rf"(?:Seq Scan|Index (?:Only )?Scan(?: Backward)? using \S+) on ({GROWS})\b.*?(?=->|\Z)", re.DOTALL
    )
    return [found[1] for found in scan.finditer(plan) if "Index Cond" not in found[0]]


def test_the_pages_of_a_case_read_what_is_its_own(province, client):
    """However much there is besides: of a sitting too, whose cases may be in filings of their own since."""
    subject = province.record.subject
    applicant = User.objects.create(email="one@example.com", name="陈经办", date_joined=province.edited_at)
    Claim.objects.create(user=applicant, subject=subject, status="verified", made_at=province.edited_at)
    assert whole_tables(client, reverse("admin:repairs_repaircase_change", args=[province.pk])) == []
    client.force_login(applicant)
    for path in (
        reverse("repairs:status", args=[province.number]),
        reverse("repairs:filed", args=[province.filing_id]),
        reverse("repairs:together", args=[subject.pk]),
        reverse("records:list"),
    ):
        assert whole_tables(client, path) == [], path


def whole_tables(client, path: str) -> list[tuple[str, str]]:
    read = re.compile(r"\(?SELECT(?!.*pg_advisory)", re.DOTALL)
    queries = [sql for sql in asked(lambda: client.get(path)) if read.match(sql)]
    # A small table is also read whole where it is joined: each row has to find its own.
    ways = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
    return [(table, sql) for sql in queries for table in read_whole(explained(sql, *ways))]


def search_by_those_of_each_thing_that_a_term_may_be(client, case):
    queue = reverse("admin:repairs_repaircase_changelist")
    number, name = case.number, case.record.subject.plain_name[2:5]
    assert number in text(client.get(queue, {"q": number}))
    by_number, *_page = map(plan_of, choosing(asked(lambda: client.get(queue, {"q": number[:-3]})), CASES))
    assert re.search(r"repairs_repaircase_number_\w+_like", by_number), by_number
    for term in (case.record.document_number[:-2], name):
        queries = asked(lambda term=term: client.get(queue, {"q": term}))
        (by_document,) = map(plan_of, choosing(queries, RECORDS))
        assert "record_plain_number" in by_document, by_document
        by_code, by_name = map(plan_of, choosing(queries, SUBJECTS))
        assert re.search(r"subjects_subject_uscc_\w+_like", by_code), by_code
        assert "subject_name_parts" in by_name, by_name
    unit = case.record.identifying_unit.name
    for narrowed in ({}, {"unit": unit}, {"unit": unit, "since": "2020-01-01"}):
        queries = asked(lambda narrowed=narrowed: client.post("/search/", {"q": name} | narrowed))
        with_records, with_commitments = map(plan_of, choosing(queries, SUBJECTS))
        for plan in (with_records, with_commitments):
            assert "subject_name_parts" in plan, plan
        assert "records_dishonestyrecord_subject_id" in with_records, with_records


def test_records_and_subjects_are_found_by_the_index_of_what_is_asked(make, client):
    made = make(3_000, 8_000, 100)
    officer = User.objects.get(email=made["accounts"]["report"])
    client.force_login(officer)
    record = visible_to(officer).select_related("subject")[0]
    list_ = reverse("admin:records_dishonestyrecord_changelist")
    for term, index in (
        (record.document_number, "record_plain_number"),
        (record.subject.name, "records_dishonestyrecord_subject_id"),
    ):
        assert record.document_number in text(client.get(list_, {"q": term}))
        assert index in plans(lambda term=term: client.get(list_, {"q": term})), term
    list_ = reverse("admin:subjects_subject_changelist")
    plan = plans(lambda: client.get(list_, {"q": record.subject.name[:6]}))
    assert re.search(r"subjects_subject_name_\w+_like", plan), plan


def plans(page) -> str:
    read = re.compile(r"\(?SELECT(?!.*pg_advisory)", re.DOTALL)
    return "\n".join(plan_of(sql) for sql in asked(page) if read.match(sql))


def test_a_part_of_a_name_is_found_as_a_look_through_all_names_finds_it(make):
    make(5_000, 100, 50)
    names = list(Subject.objects.values_list("pk", "plain_name"))
    for part in ("南京", "云青", "示例商", "（", "贸(", "%", "_示", "京云", "有限公司", "不存在"):
        wanted = {key for key, name in names if part in name}
        assert (
            set(Subject.objects.filter(plain_name__has_part=part).values_list("pk", flat=True)) == wanted
        ), part
