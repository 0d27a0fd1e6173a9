"""No officer reads of a person without a trace, on whatever page; what the events say, and what they do not."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils.timezone import localdate

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.reading import note_reading
from applications.ledger.locking import lock_chain
from applications.ledger.models import READINGS, Event
from applications.ledger.selectors import readings_about
from applications.ledger.services import Entry, record_events
from applications.records.models import DishonestyRecord
from applications.repairs.models import RepairCase
from applications.repairs.progress import Reading, progress_of
from tests.fixtures import moment
from tests.isolation.visiting import refusals_drawn_once
from tests.privacy.conftest import MASKED, NUMBER, SECRETS, address, pages
from tests.records.files import as_csv
from tests.records.files import person as person_row

AT = moment("2026-11-27 10:00")

# Pages whose content the walk cannot look into, all of them stored files about somebody.
FILES = {
    "subjects:proof",
    "repairs:open_file",
    "objections:open_evidence",
    "documents:download",
    "admin:records_importbatch_errors",
}


def test_whoever_sees_a_person_is_seen(client, world):
    """Every address of the portal, as every officer: where the person is named, an event of the reader is new."""
    unseen, seen, in_full = set(), set(), set()
    walk = [page for page in pages() if page.name not in ("account_logout", "admin:logout")]
    with refusals_drawn_once():
        for officer in world.officers.values():
            client.force_login(officer)
            for page in walk:
                before = Event.objects.filter(actor=officer).count()
                response = client.get(address(page, world))
                if response.status_code != 200:
                    continue
                body = b"".join(response) if response.streaming else response.content
                text = body.decode(errors="replace")
                if page.route.startswith("admin/") and any(each in text for each in MASKED):
                    in_full.add(page.name)
                shown = page.name in FILES or any(secret in text for secret in SECRETS)
                if not shown:
                    continue
                seen.add(page.name)
                if Event.objects.filter(actor=officer).count() == before:
                    unseen.add(page.name)
    assert unseen == set()
    # Until an officer has said for what (test_revealing).
    assert in_full == set()
    # The walk did come to where people are named.
    models = (
        "repairs_repaircase", "records_dishonestyrecord", "objections_objection", "subjects_subject",
        "subjects_claim", "reports_creditreport",
    )  # fmt: skip
    assert seen >= FILES
    assert seen >= {f"admin:{model}_{view}" for model in models for view in ("changelist", "change")}
    assert seen >= {"admin:subjects_claim_reject", "admin:reports_issue", "admin:reports_void"}


def test_every_room_records_or_says_why_not():
    admins = admin.site._registry.values()
    assert all(isinstance(admin, OrganScopedAdmin) for admin in admins)
    assert {admin.model.__name__ for admin in admins if admin.impersonal} == {
        "CalendarNotice", "Course", "Destination", "Escalation", "Head", "ImplementingRules", "Institution", "LocalClosure", "Organ",
        "Organiser", "Recalculation", "Remedies", "SealPicture", "Sweep",
    }  # fmt: skip


def test_a_case_says_who_opened_it(client, world):
    case = world.objects[RepairCase]
    client.force_login(world.officers["li"])
    client.get(reverse("admin:repairs_repaircase_change", args=[case.pk]))
    event = Event.objects.get(verb="repaircase.read")
    assert (event.actor, event.organ) == (world.officers["li"], world.officers["li"].organ)
    # Its own chain is left to those who decide it.
    assert event.chain == f"reading-{world.officers['li'].pk}"
    assert event.payload["about"] == case.number
    assert [found.pk for found in readings_about(case.number, "repaircase.read")] == [event.pk]


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_no_reader_waits_for_who_is_deciding(market_bureau, wang):
    def read():
        try:
            note_reading(reader=wang, verb="repaircase.read", at=AT, about="XF-1", payload={"object": 1})
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        lock_chain("XF-1")
        pool.submit(read).result(30)
    assert Event.objects.get().payload["about"] == "XF-1"


@pytest.mark.server
def test_the_index_finds_the_readings(db, wang):
    with transaction.atomic():
        record_events(
            entries=[
                Entry(chain=f"reading-{n % 7}", verb="repaircase.read", payload={"about": f"XF-{n}"})
                for n in range(3000)
            ],
            at=AT,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_event")
    plan = readings_about("XF-7", "repaircase.read").explain()
    assert "event_about" in plan and "Seq Scan" not in plan


def test_many_readings_are_counted_and_are_no_steps(world):
    """They are counted where they lie, and never among the steps."""
    case = world.objects[RepairCase]
    for _ in range(30):
        note_reading(
            reader=world.officers["li"], verb="repaircase.read", at=AT, about=case.number, payload={}
        )
    progress = progress_of(case, date(2026, 11, 27))
    # The latest first; before them the reviewer opened the papers.
    assert progress.readings[0] == Reading(
        AT, 30, world.officers["li"].organ.name, "审查岗", "查阅申请", "办理这件申请"
    )
    assert {localdate(each.at) for each in progress.readings[1:]} == {date(2026, 11, 24)}
    assert all(event.verb != "repaircase.read" for _label, event in progress.steps)


def test_a_list_is_one_event_of_its_reader_and_names_rows_not_words(client, world):
    case = world.objects[RepairCase]
    client.force_login(world.officers["zhao"])
    client.get(reverse("admin:repairs_repaircase_changelist"), {"queue": "all", "q": "周示安"})
    event = Event.objects.get(verb="repaircase.listed")
    assert event.chain == f"reading-{world.officers['zhao'].pk}"
    assert event.payload["objects"] == [case.pk]
    assert event.payload["searched"] is True
    assert "周示安" not in str(event.payload)


def test_a_list_that_shows_nobody_and_a_closed_door_are_no_reading(client, world):
    readings = Event.objects.filter(chain__startswith=READINGS)
    before = readings.count()
    client.force_login(world.officers["zhao"])
    client.get(reverse("admin:repairs_repaircase_changelist"), {"queue": "all", "q": "没有这个人"})
    client.force_login(world.officers["security"])
    case = world.objects[RepairCase]
    assert client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])).status_code in (403, 404)
    assert readings.count() == before


def test_looking_a_person_up_for_a_report_is_noted_and_stays_out_of_the_address(client, world):
    client.force_login(world.officers["qian"])
    page = client.post(reverse("admin:reports_choose"), {"term": NUMBER})
    assert "周示安" in page.content.decode()
    event = Event.objects.get(verb="creditreport.listed")
    assert NUMBER not in str(event.payload)
    assert "周示安" not in client.get(reverse("admin:reports_choose"), {"term": NUMBER}).content.decode()


def test_the_preview_of_a_record_file_is_noted(client, world):
    client.force_login(world.officers["wang"])
    file = SimpleUploadedFile("a.csv", as_csv(person_row(失信严重程度="较重", 备注="另一份")))
    organ = world.officers["wang"].organ
    client.post(reverse("admin:records_importbatch_import"), {"organ": organ.pk, "file": file})
    assert Event.objects.get(verb="importbatch.listed").actor == world.officers["wang"]


def test_what_is_one_s_own_is_read_unrecorded(client, world):
    before = Event.objects.count()
    client.force_login(world.agent)
    case = world.objects[RepairCase]
    assert client.get(reverse("repairs:status", args=[case.number])).status_code == 200
    assert "周示安" in client.get(reverse("records:list")).content.decode()
    assert Event.objects.count() == before


def test_the_subject_is_told_who_read(client, world):
    case, record = world.objects[RepairCase], world.objects[DishonestyRecord]
    client.force_login(world.officers["wang"])
    for _ in range(2):
        client.get(reverse("admin:records_dishonestyrecord_change", args=[record.pk]))
    client.get(reverse("admin:repairs_repaircase_change", args=[case.pk]))
    client.force_login(world.agent)
    told = client.get(reverse("records:record", args=[record.pk])).content.decode()
    assert "南京市市场监督管理局工作人员查阅2次" in told and "11月27日" in told
    told = client.get(reverse("repairs:status", args=[case.number])).content.decode()
    row = told[told.index("谁看过我的申请和材料") :]
    read = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)][:5]
    assert read == ["2026年11月27日 14:00", "南京市市场监督管理局", "受理岗", "查阅申请", "办理这件申请"]
    # Who exactly is the organ's to answer for.
    assert "王受理" not in told


@pytest.mark.parametrize("secret", SECRETS)
def test_the_ledger_names_nobody(world, secret):
    assert not [event for event in Event.objects.all() if secret in f"{event.payload}{event.chain}"]
