"""A filled database of an earlier version, migrated: nothing is lost or doubled, and everything goes on."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import Client
from django.urls import reverse

from applications.accounts.models import Role, User
from applications.commitments.models import Commitment
from applications.ledger.verification import verify_ledger
from applications.masking import mask_phone
from applications.numbering.models import Series
from applications.repairs.models import Filing, Material, RepairCase
from applications.repairs.services import check_queues
from applications.repairs.services.filings import commitment_is_current
from applications.repairs.tasklist import tasks_of
from applications.sharing.models import Delivery, Destination
from applications.sharing.selectors import in_force
from rules.procedure import STATE_LABELS, State
from tests.fixtures import TODAY
from tests.upgrades.conftest import PLATFORM_URL

MOVED = (
    *("applicant", "contact_name", "contact_phone", "training_completed_on", "training_certificate_number"),
    *("report_issued_on", "report_issuer", "report_number"),
)


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def officer(case: RepairCase, role: str) -> User:
    return User.objects.filter(organ=case.organ, staff_roles__role=role).first()


def test_every_row_is_there_once_and_says_what_it_said(upgraded):
    assert upgraded.moved_models() == {"repairs.commitment", "organs.series"}
    shared = {
        key
        for key, material in upgraded.rows["repairs.material"].items()
        if material["kind"] in ("licence", "training", "credit_report") and material["round"] == 1
    }
    assert {*Material.objects.filter(case=None).values_list("pk", flat=True)} == shared
    assert upgraded.changed == {"repairs.material": {"case": len(shared)}}
    connection.check_constraints()


def test_each_case_is_the_one_case_of_its_filing(upgraded):
    cases = upgraded.rows["repairs.repaircase"]
    records = upgraded.rows["records.dishonestyrecord"]
    assert Filing.objects.count() == len(cases) == 23
    filings = {case.pk: case.filing for case in RepairCase.objects.select_related("filing")}
    assert len({filing.pk for filing in filings.values()}) == len(cases)
    for key, before in cases.items():
        filing = filings[key]
        said = {name: getattr(filing, name) for name in MOVED if name != "applicant"}
        said |= {name: day.isoformat() for name, day in said.items() if name.endswith("_on") and day}
        assert said | {"applicant": filing.applicant_id} == {name: before[name] for name in MOVED}
        assert filing.subject_id == records[before["record"]]["subject"]


def test_each_commitment_is_that_of_its_filing_and_lists_its_record(upgraded):
    commitments = upgraded.rows["repairs.commitment"].values()
    assert Commitment.objects.count() == len(commitments) == 22
    for before in commitments:
        case = RepairCase.objects.get(pk=before["case"])
        now = case.filing.commitment
        assert str(now.document_id) == before["document"]
        assert [*now.records.values_list("pk", flat=True)] == [case.record_id]
        assert now.subject_id == case.record.subject_id
        assert (now.text, now.text_sha256, now.signatory) == (
            before["text"],
            before["text_sha256"],
            before["signatory"],
        )
        assert (now.signed_by_id, now.publication_consent) == (
            before["signed_by"],
            before["publication_consent"],
        )
        assert bool(now.published_at) == bool(before["published_at"])
        assert commitment_is_current(case)


def test_every_series_of_numbers_goes_on_where_it_stood(upgraded):
    before = {key: fields["last"] for key, fields in upgraded.rows["organs.series"].items()}
    assert before and dict(Series.objects.values_list("pk", "last")) == before


def test_what_refers_to_a_model_that_moved_to_another_app_still_does(upgraded):
    kinds = {kind.pk: (kind.app_label, kind.model) for kind in ContentType.objects.all()}
    before = {
        row["model"]: (key, row["app_label"])
        for key, row in upgraded.rows["contenttypes.contenttype"].items()
    }
    for model, left, app in (
        ("series", "organs", "numbering"),
        *((model, "deadlines", "calendars") for model in ("calendarnotice", "localclosure", "recalculation")),
    ):
        key, then = before[model]
        assert then == left and kinds[key] == (app, model)
        assert (left, model) not in kinds.values()


def test_each_case_has_the_materials_that_it_had(upgraded):
    files: dict[int, set[str]] = {case: set() for case in upgraded.rows["repairs.repaircase"]}
    for material in upgraded.rows["repairs.material"].values():
        files[material["case"]].add(material["file"])
    assert files == {
        case.pk: {str(material.file_id) for material in case.materials} for case in RepairCase.objects.all()
    }


def test_each_delivery_bears_what_stood_in_its_message_alone_and_goes_to_the_platform_of_the_settings(
    upgraded,
):
    before = upgraded.rows["sharing.delivery"]
    (platform,) = Destination.objects.all()
    assert (platform.level, platform.region, platform.state) == ("province", "320000", "approved")
    assert (platform.address, platform.key) == (PLATFORM_URL, settings.PLATFORM_KEY)
    assert [*in_force()] == [platform]
    deliveries = Delivery.objects.select_related("organ")
    assert deliveries.count() == len(before) == 5
    for delivery in deliveries:
        fields = before[str(delivery.pk)]
        case = RepairCase.objects.get(number=fields["payload"]["case_number"])
        assert (delivery.about, delivery.region) == (case.number, fields["payload"]["region"])
        assert delivery.organ == case.organ and case.organ.region == delivery.region
        assert delivery.organ.uscc == fields["payload"]["deciding_organ"]["uscc"]
        assert delivery.destination_id == platform.pk


def test_what_is_granted_on_commitments_stays_granted(upgraded):
    before = upgraded.rows["contenttypes.contenttype"]
    (kept,) = [
        key for key, fields in before.items() if fields == {"app_label": "repairs", "model": "commitment"}
    ]
    for config in apps.get_app_configs():
        post_migrate.send(
            config, app_config=config, verbosity=0, interactive=False, using="default", apps=apps, plan=[]
        )
    assert [*ContentType.objects.filter(model="commitment").values_list("pk", "app_label")] == [
        (kept, "commitments")
    ]
    assert Permission.objects.filter(codename="add_commitment").count() == 1


def test_the_archive_is_whole_and_no_case_is_lost_between_two_desks(upgraded, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert verify_ledger(at=TODAY).broken is None
    assert check_queues(at=TODAY) == []


@pytest.mark.parametrize(
    "status", [state for state in State if state not in (State.DRAFT, State.CLOSED, State.REVOKED)]
)
def test_its_people_read_the_steps_that_were_taken(upgraded, status):
    """On the applicant's page and on the officer's, with the labels of the steps of then."""
    label = {
        State.SUBMITTED: "申请已提交",
        State.CORRECTING: "告知补正",
        State.ACCEPTED: "受理",
        State.UNDER_REVIEW: "审查",
        State.GRANTED: "准予",
        State.REFUSED: "不予",
        State.OBJECTING: "异议",
        State.NOT_ACCEPTED: "不予受理",
        State.WITHDRAWN: "撤回",
    }[status]
    for case in RepairCase.objects.filter(status=status):
        page = text_of(signed_in(case.filing.applicant).get(reverse("repairs:status", args=[case.number])))
        assert STATE_LABELS[status] in page and label in page and "承诺书已签署" in page
        assert case.filing.commitment.document.number in page
        desk = signed_in(officer(case, Role.SUPERVISOR) or officer(case, Role.INTAKE))
        page = text_of(desk.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))
        assert (
            mask_phone(case.filing.contact_phone) in page and case.filing.commitment.document.number in page
        )
        for material in case.materials.filter(round__lte=case.round):
            assert material.file.name in page


def test_the_public_finds_what_was_published(upgraded):
    published = Commitment.objects.filter(published_at__isnull=False).first()
    page = text_of(Client().post(reverse("portal:search"), {"q": published.subject.name}))
    assert "信用修复型" in page and str(published.document.organ) in page


def test_a_draft_is_still_lacking_what_it_lacked(upgraded):
    lists = {
        bool(case.filing.commitment): [task.name for task in tasks_of(case) if not task.done]
        for case in RepairCase.objects.filter(status=State.DRAFT, filing__applicant__email__startswith="more")
    }
    assert "签署信用修复承诺书" in lists[False] and "经办人和联系方式" not in lists[False]
    assert lists[True] in ([], ["签署信用修复承诺书"])


def test_half_an_answer_is_still_there(upgraded):
    case = RepairCase.objects.get(status=State.CORRECTING)
    page = text_of(signed_in(case.filing.applicant).get(reverse("repairs:correction", args=[case.number])))
    assert "已经重新盖章。" in page and "盖章.pdf" in page
