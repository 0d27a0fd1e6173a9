"""What an officer's list and the page of a case ask of the database does not grow with their rows, and nothing encrypted is
read that they do not show."""

import pytest
from django.contrib.admin.templatetags.admin_list import results
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import at_rest
from applications.accounts.models import Role, StaffRole, User
from applications.accounts.templatetags.rows import own_columns
from applications.objections.steps import file_objection
from applications.repairs import access, services
from applications.repairs.models import CorrectionNotice, RepairCase
from applications.repairs.steps import decline_case, submit_case
from applications.subjects.models import Subject
from tests.fixtures import make_record, make_user, moment
from tests.repairs.steps import accepted, prepared, refused, reviewed, submitted

pytestmark = pytest.mark.django_db

QUEUE = "/admin/repairs/repaircase/"
PHONES = {"wang": "13800000001", "li": "13800000002"}


@pytest.fixture
def phones(wang, li):
    """Officers and a subject of whom something is kept encrypted."""
    for person, phone in ((wang, PHONES["wang"]), (li, PHONES["li"])):
        person.phone = phone
        person.save(update_fields=["phone"])


@pytest.fixture
def file(acme, market_bureau, alice):
    """Files one application after the other, all on one day."""
    acme.address = "南京市玄武区示例路1号"
    acme.save()
    filed = []

    def file() -> RepairCase:
        number = f"宁市监处罚〔2026〕{len(filed) + 1}号"
        record = make_record(acme, market_bureau, document_number=number)
        filed.append(submitted(record, market_bureau, alice, "2026-11-20 10:00"))
        return filed[-1]

    return file


@pytest.fixture
def decrypted(monkeypatch):
    """What was read in plain."""
    read, decrypt = [], at_rest.decrypt

    def reading(content, **options):
        read.append(decrypt(content, **options).decode())
        return read[-1].encode()

    monkeypatch.setattr(at_rest, "decrypt", reading)
    return read


def asked(client, path, **query) -> list[str]:
    with CaptureQueriesContext(connection) as heard:
        response = client.get(path, query)
    assert response.status_code == 200
    return [each["sql"] for each in heard.captured_queries]


def sign_in(client, person):
    client.force_login(person)
    # With the first page the session notes that it is in use.
    client.get(QUEUE)


def assign(case, person, actor):
    services.assign_case(case=case, officer=person, actor=actor, at=moment("2026-11-23 09:00"))


def draft_notice(case, person):
    CorrectionNotice.objects.create(
        case=case, round=case.round, drafted_by=person, drafted_at=moment("2026-11-23 09:30")
    )


@pytest.mark.parametrize("query", [{"queue": "mine"}, {"queue": "open"}, {"queue": "all"}, {"q": "宁市监"}])
def test_a_list_asks_no_more_often_for_five_rows_than_for_two(client, file, wang, query):
    sign_in(client, wang)
    for case in (file(), file()):
        assign(case, wang, wang)
    few = asked(client, QUEUE, **query)
    for _ in range(3):
        assign(file(), wang, wang)
    assert len(asked(client, QUEUE, **query)) <= len(few)
    assert len(client.get(QUEUE, query).context["cl"].result_list) == 5


def test_a_list_reads_nothing_encrypted_of_those_whom_it_names(client, file, phones, wang, decrypted):
    for _ in range(3):
        assign(file(), wang, wang)
    assert Subject.objects.get().address == "南京市玄武区示例路1号" == decrypted[-1]
    sign_in(client, wang)
    del decrypted[:]
    queries = asked(client, QUEUE, queue="mine")
    # The reader's own, with the account.
    assert decrypted == [PHONES["wang"]]
    rows = [sql for sql in queries if '"records_dishonestyrecord"' in sql and '"subjects_subject"' in sql]
    assert len(rows) == 1 and '"facts"' not in rows[0], "nor what is long"


def test_the_rows_are_those_that_django_would_draw(client, file, wang, zhao):
    for case in (file(), file()):
        assign(case, wang, wang)
    file()
    draft_notice(RepairCase.objects.first(), wang)
    Subject.objects.update(name='甲<b>&"乙')
    for person, queue, rows in ((wang, "mine", 3), (zhao, "all", 3)):
        client.force_login(person)
        changelist = client.get(QUEUE, {"queue": queue}).context["cl"]
        drawn = ["".join(row) for row in own_columns(changelist)["results"]]
        assert len(drawn) == rows and "甲&lt;b&gt;" in drawn[0]
        assert drawn == ["".join(row) for row in results(changelist)]


def test_the_page_of_a_case_asks_as_often_for_five_colleagues_as_for_one(
    client, file, phones, market_bureau, wang, decrypted
):
    case = file()
    path = reverse("admin:repairs_repaircase_change", args=[case.pk])
    sign_in(client, wang)
    alone = asked(client, path)
    for n in range(4):
        colleague = make_user(f"ma{n}@example.com", f"马受理{n}", market_bureau, Role.INTAKE)
        colleague.phone = "13900000000"
        colleague.save(update_fields=["phone"])
    del decrypted[:]
    assert len(asked(client, path)) == len(alone)
    assert "马受理3</option>" in client.get(path).content.decode()
    assert "13900000000" not in decrypted


def test_a_submission_reads_its_papers_once(general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice)
    with CaptureQueriesContext(connection) as heard:
        submit_case(case=case, actor=alice, at=moment("2026-11-20 10:00"))
    assert len([each for each in heard if 'FROM "repairs_material"' in each["sql"]]) == 1


def test_the_page_of_a_refusal_asks_nothing_twice(
    client, general_record, market_bureau, alice, wang, li, zhao
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    services.start_case(
        record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-26 10:00")
    )
    client.force_login(alice)
    address = reverse("repairs:status", args=[case.number])
    client.get(address)
    queries = asked(client, address)
    assert len(queries) == len(set(queries))
    (own,) = [sql for sql in queries if '"repairs_repaircase"."number" = ' in sql]
    assert "accounts_user" not in own and "documents_document" not in own


def test_the_page_of_what_was_not_accepted_looks_for_no_papers(
    client, general_record, market_bureau, alice, wang
):
    case = submitted(general_record, market_bureau, alice)
    decline_case(case=case, ground="elsewhere", reason="不在本省", actor=wang, at=moment("2026-11-23 10:00"))
    client.force_login(alice)
    address = reverse("repairs:status", args=[case.number])
    assert "不在本省" in client.get(address).text
    assert not [sql for sql in asked(client, address) if 'FROM "repairs_inquiry"' in sql]


class TestWhoCanHaveACase:
    """The two forms of one rule, for one person and for all."""

    def both(self, case) -> list[str]:
        staff = User.objects.filter(organ=case.organ, is_staff=True).order_by("name", "pk")
        able = [person.name for person in staff if access.may_handle(person, case)]
        assert [person.name for person in access.handlers_of(case)] == able
        return able

    def test_of_the_role_whoever_can_sign_in(self, file, market_bureau, wang, li):
        make_user("ma@example.com", "马受理", market_bureau, Role.INTAKE)
        gone = make_user("tang@example.com", "唐受理", market_bureau, Role.INTAKE)
        gone.set_unusable_password()
        gone.save()
        left = make_user("he@example.com", "何受理", market_bureau, Role.INTAKE)
        left.is_active = False
        left.save()
        assert sorted(self.both(file())) == ["王受理", "马受理"]

    def test_not_whoever_examined_it(self, general_record, market_bureau, alice, wang, li, zhao):
        StaffRole.objects.create(user=li, role=Role.APPROVER)
        case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
        assert self.both(case) == ["赵审批"]

    def test_an_objection_nobody_who_had_a_part(
        self, general_record, market_bureau, alice, wang, li, zhao, second_approver
    ):
        StaffRole.objects.create(user=li, role=Role.APPROVER)
        case = refused(general_record, market_bureau, alice, wang, li, zhao)
        assert self.both(case) == []
        file_objection(case=case, disputed=[], grounds="已缴清。", actor=alice, at=moment("2026-11-26 10:00"))
        assert self.both(RepairCase.objects.get(pk=case.pk)) == ["周审批"]
