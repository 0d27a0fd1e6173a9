"""The large province, made small: all that holds of real rows holds of its rows, and people can work in it."""

import json
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.documents.verification import verify
from applications.ledger.verification import verify_ledger
from applications.numbering.models import Series
from applications.organs.models import Organ
from applications.records.models import DishonestyRecord
from applications.repairs.models import RepairCase
from applications.repairs.services import check_queues
from applications.sharing.models import Delivery
from applications.subjects.identity import clean_resident_id, clean_uscc
from applications.subjects.models import Subject
from rules.sameness import plain_name, plain_number
from tests.pages import text

pytestmark = pytest.mark.django_db
SIZES = ["--subjects", "150", "--records", "400", "--cases", "200", "--seed", "7"]


@pytest.fixture
def made(capsys, settings, tmp_path) -> dict:
    settings.DATA_DIR = tmp_path
    call_command("make_province", *SIZES)
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_every_invariant_holds(made, tmp_path):
    now = timezone.now()
    assert check_queues(at=now) == []
    verified = verify_ledger(at=now)
    assert (verified.broken, verified.overdue, verified.unsealed) == (None, None, 0)
    # Each case has one, and the platform.
    assert verified.chains == 201 and verified.heads == 1
    # Of what is running nothing was left unsaid before today.
    assert not Deadline.objects.filter(next_step_on__lte=timezone.localdate()).exists()


def test_it_is_as_large_as_was_asked_and_as_skewed_as_life(made):
    assert (made["subjects"], made["records"], made["cases"], made["open"]) == (150, 400, 200, 40)
    assert Subject.objects.count() == 150
    assert DishonestyRecord.objects.count() == 400
    assert RepairCase.objects.count() == 200
    open_states = ("submitted", "correcting", "accepted", "under_review", "objecting")
    states = Counter(RepairCase.objects.values_list("status", flat=True))
    assert sum(states[state] for state in open_states) == 40
    assert all(states[state] for state in (*open_states, "granted", "refused", "not_accepted", "withdrawn"))
    organ = Organ.objects.get(code=made["organ"])
    assert DishonestyRecord.objects.filter(identifying_unit=organ).count() == 400 // 3
    assert RepairCase.objects.filter(organ=organ).count() == 200 // 3


def test_codes_and_plain_forms_hold(made):
    for subject in Subject.objects.all():
        assert subject.plain_name == plain_name(subject.name)
        if subject.is_person:
            assert clean_resident_id(subject.identity_number) == subject.identity_number
        else:
            assert clean_uscc(subject.uscc) == subject.uscc
    for number, plain in DishonestyRecord.objects.values_list("document_number", "plain_number"):
        assert plain == plain_number(number)


def test_days_follow_each_other(made):
    for case in RepairCase.objects.select_related("record"):
        days = [
            case.record.decided_on,
            timezone.localdate(case.submitted_at),
            case.accepted_on,
            case.decided_on,
        ]
        stated = [day for day in days if day]
        assert stated == sorted(stated) and stated[-1] <= timezone.localdate()
    # A repaired record is annotated and not public; any other is public until its day.
    for record in DishonestyRecord.objects.select_related("annotation"):
        if hasattr(record, "annotation"):
            assert record.publicity == "withdrawn"
        else:
            assert (record.publicity == "published") == (record.publicity_until >= timezone.localdate())
    assert not Delivery.objects.filter(delivered_at__lt=F("created_at")).exists()


def test_the_series_go_on_where_the_numbers_end(made):
    case = RepairCase.objects.order_by("-number").first()
    _, region, year, *_ = case.number.split("-")
    numbers = RepairCase.objects.filter(number__startswith=f"XF-{region}-{year}-")
    assert Series.objects.get(key=f"case:{region}:{year}").last == numbers.count()
    assert Subject.objects.create(kind="organisation", name="新示例公司", uscc="91320100MA1TEST0X1").pk == 151


def test_its_documents_are_genuine(made):
    for document in Document.objects.select_related("pdf", "organ")[:20]:
        verdict = verify(document, on=timezone.localdate())
        assert verdict.intact and verdict.standing == "valid"


def test_the_pages_open(made, client):
    organ = Organ.objects.get(code=made["organ"])

    def sign_in(post: str) -> None:
        assert client.login(username=made["accounts"][post], password=made["password"])

    for post in ("intake", "reviewer", "approver"):
        sign_in(post)
        assert client.get(reverse("admin:index")).status_code == 200
        page = client.get(reverse("admin:repairs_repaircase_changelist"), {"queue": "open"})
        assert "XF-" in text(page)
        for case in RepairCase.objects.filter(organ=organ).order_by("status", "pk").distinct()[:60:6]:
            shown = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk]))
            assert shown.status_code == 200 and case.number in text(shown)
    sign_in("supervisor")
    assert client.get(reverse("oversight:desk")).status_code == 200
    sign_in("applicant")
    assert client.get(reverse("portal:desk")).status_code == 200
    sign_in("report")
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([*SIZES[:5], "401", *SIZES[6:]], "办件数须不少于0且不超过记录数"),
        ([*SIZES, "--years", "9"], "年数须为1至5"),
    ],
)
def test_what_cannot_be_is_refused(options, said):
    with pytest.raises(CommandError, match=said) as refused:
        call_command("make_province", *options)
    assert refused.value.returncode == 2
    assert not Organ.objects.exists()


def test_a_database_with_anything_in_it_is_left_alone(market_bureau):
    with pytest.raises(CommandError, match="数据库不是空的") as refused:
        call_command("make_province", *SIZES)
    assert refused.value.returncode == 2
    assert Organ.objects.count() == 1
