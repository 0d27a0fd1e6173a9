"""The officers' lists and the searches are answered by the indexes that were made for them, however much is closed."""

import json
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.accounts.models import User
from applications.records.access import visible_to
from applications.repairs.models import RepairCase
from applications.subjects.models import Subject
from tests.pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture
def make(capsys, settings, tmp_path):
    settings.DATA_DIR = tmp_path

    def make(subjects: int, records: int, cases: int) -> dict:
        sizes = {"--subjects": subjects, "--records": records, "--cases": cases, "--seed": 3}
        call_command("make_province", *[str(each) for pair in sizes.items() for each in pair])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    return make


def plans(page) -> str:
    """How the database answers every SELECT of a page."""
    with CaptureQueriesContext(connection) as asked:
        response = page()
    assert response.status_code == 200
    said = []
    with connection.cursor() as cursor:
        # A small table is read quicker as a whole; what is asked is whether an index can answer.
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in asked.captured_queries:
            if re.match(r"\(?SELECT", query["sql"]) and "pg_advisory" not in query["sql"]:
                cursor.execute("EXPLAIN " + query["sql"].replace("%", "%%"), [])
                said += [line for (line,) in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_seqscan = on")
    return "\n".join(said)


def test_each_page_uses_the_index_that_was_made_for_it(make, client):
    made = make(3_000, 8_000, 4_000)
    officer = User.objects.get(email=made["accounts"]["intake"])
    case = RepairCase.objects.filter(organ=officer.organ, status="granted").select_related("record__subject")[
        0
    ]
    client.force_login(officer)
    queue = reverse("admin:repairs_repaircase_changelist")

    def asked(**query: str) -> str:
        return plans(lambda: client.get(queue, query))

    for name, index in (
        ("mine", "case_in_hand"),
        ("open", "case_in_hand"),
        ("correcting", "case_in_hand"),
        ("today", "case_due"),
        ("overdue", "case_due"),
        ("taken", "deadline_of_officer"),
        ("all", "case_submitted"),
    ):
        assert index in asked(queue=name), name

    name = case.record.subject.plain_name[2:5]
    assert case.number in text(client.get(queue, {"q": case.number}))
    plan = asked(q=case.number[:16])
    assert "record_plain_number" in plan and re.search(r"repairs_repaircase_number_\w+_like", plan)
    plan = asked(q=name)
    assert "subject_name_parts" in plan and re.search(r"subjects_subject_uscc_\w+_like", plan)
    public = plans(lambda: client.post("/search/", {"q": name}))
    assert "subject_name_parts" in public
    start = plans(lambda: client.get(reverse("admin:index")))
    assert start.count("case_in_hand") + start.count("case_due") + start.count("case_submitted") >= 2


def test_records_and_subjects_are_found_by_the_index_of_what_is_asked(make, client):
    made = make(3_000, 8_000, 100)
    officer = User.objects.get(email=made["accounts"]["report"])
    client.force_login(officer)
    record = visible_to(officer).select_related("subject")[0]
    list_ = reverse("admin:records_dishonestyrecord_changelist")
    for asked, index in (
        (record.document_number, "record_plain_number"),
        (record.subject.name, "records_dishonestyrecord_subject_id"),
    ):
        assert record.document_number in text(client.get(list_, {"q": asked}))
        assert index in plans(lambda q=asked: client.get(list_, {"q": q})), asked
    list_ = reverse("admin:subjects_subject_changelist")
    plan = plans(lambda: client.get(list_, {"q": record.subject.name[:6]}))
    assert re.search(r"subjects_subject_name_\w+_like", plan), plan


def test_a_part_of_a_name_is_found_as_a_look_through_all_names_finds_it(make):
    make(5_000, 100, 50)
    names = list(Subject.objects.values_list("pk", "plain_name"))
    for part in ("南京", "云青", "示例商", "（", "贸(", "%", "_示", "京云", "有限公司", "不存在"):
        wanted = {key for key, name in names if part in name}
        assert (
            set(Subject.objects.filter(plain_name__has_part=part).values_list("pk", flat=True)) == wanted
        ), part
