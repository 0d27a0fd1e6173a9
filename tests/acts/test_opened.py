"""Evidence before verdict, of what one officer decides on another's paper: who has not opened it changes nothing."""

from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db.models import ForeignKey
from django.urls import reverse

from applications.accounts.four_eyes import Proposal
from applications.accounts.models import Role
from applications.documents.models import SealPicture
from applications.files.models import StoredFile
from applications.ledger.models import Event
from applications.records.services import source
from applications.records.services.objections import object_to_information
from applications.repairs import steps
from applications.subjects.confirmations import propose_code
from tests.fixtures import make_user, moment
from tests.pages import seen, text
from tests.repairs.steps import granted, paper

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-30 10:00")
NAME = "依据.pdf"


@dataclass
class Decided:
    """What waits for zhao: its page, the address that is posted to, what is posted, and what opens its paper."""

    row: Any
    page: str
    act: str
    opens: str
    posted: dict[str, str]

    def is_done(self):
        self.row.refresh_from_db()
        return bool(getattr(self.row, "decided_at", None) or getattr(self.row, "answered_at", None))


def proposal(row, kind, opens):
    return Decided(
        row,
        reverse(f"admin:{kind}_change", args=[row.pk]),
        reverse(f"admin:{kind}_approve", args=[row.pk]),
        reverse(f"admin:{opens}", args=[row.pk]),
        {},
    )


@pytest.fixture
def act(general_record, wang):
    row = source.propose_act(
        record=general_record,
        kind="revoke",
        grounds="行政复议决定撤销。",
        document=paper(NAME),
        document_number="宁政复〔2026〕3号",
        effective_on=moment("2026-11-26 10:00").date(),
        actor=wang,
        at=moment("2026-11-27 10:00"),
    )
    return proposal(row, "records_sourceact", "records_sourceact_document")


@pytest.fixture
def revocation(general_record, market_bureau, alice, wang, li, zhao):
    row = steps.propose_revocation(
        case=granted(general_record, market_bureau, alice, wang, li, zhao),
        facts="缴款凭证经核实系伪造。",
        statement="当面告知，没有提出意见。",
        evidence=paper(NAME),
        actor=li,
        at=moment("2026-11-27 10:00"),
    )
    return proposal(row, "repairs_revocationproposal", "repairs_revocation_evidence")


@pytest.fixture
def code(wang, zhao):
    zhao.staff_roles.create(role="reviewer")
    row = propose_code(
        code="91350100M000100Y44",
        name="南京示例食品有限公司",
        licence=paper(NAME),
        actor=wang,
        at=moment("2026-11-27 10:00"),
    )
    return proposal(row, "subjects_codeconfirmation", "subjects_code_licence")


@pytest.fixture
def objection(general_record, alice):
    row = object_to_information(
        subject=general_record.subject,
        record=general_record,
        unit=general_record.identifying_unit,
        wanted={"fine_amount": "0.3"},
        grounds="决定书写的是3000元。",
        evidence=[paper(NAME)],
        actor=alice,
        at=moment("2026-11-27 10:00"),
    )
    page = reverse("admin:records_informationobjection_change", args=[row.pk])
    opens = reverse("admin:records_informationobjection_evidence", args=[row.pk, row.evidence_id])
    return Decided(row, page, page, opens, {"reasons": "金额无误。"})


@pytest.fixture(params=["act", "revocation", "code", "objection"])
def decided(request):
    with time_machine.travel(NOW, tick=False):
        yield request.getfixturevalue(request.param)


def test_nothing_is_decided_on_what_was_not_opened(client, decided, zhao):
    client.force_login(zhao)
    answer = client.post(decided.act, decided.posted)
    assert f"您还没有打开“{NAME}”" in seen(answer) and not decided.is_done()
    refusal = Event.objects.get(verb="act.refused", actor=zhao)
    assert refusal.payload["why"] == "Unopened" and "about" in refusal.payload


def test_the_page_leads_to_what_is_to_be_opened_and_then_it_is_decided(client, decided, zhao):
    client.force_login(zhao)
    page = text(client.get(decided.page))
    assert f'href="{decided.opens}?page=1" target="viewer"' in page and "未打开</span>" in page
    assert client.get(decided.opens, {"page": "1"}).status_code == 200
    page = text(client.get(decided.page))
    assert "未打开</span>" not in page and "已打开</span>" in page
    client.post(decided.act, decided.posted)
    assert decided.is_done()


def test_the_whole_file_in_a_window_of_its_own_is_opened_too(client, decided, zhao):
    client.force_login(zhao)
    assert client.get(decided.opens).status_code == 200
    client.post(decided.act, decided.posted)
    assert decided.is_done()


def test_what_could_not_be_shown_was_not_opened(client, decided, zhao):
    stored = StoredFile.objects.get(name=NAME).file
    stored.storage.delete(stored.name)
    client.force_login(zhao)
    assert client.get(decided.opens).status_code == 404
    client.post(decided.act, decided.posted)
    assert not decided.is_done()


def test_a_colleague_who_opened_it_is_no_help(client, decided, market_bureau, zhao):
    colleague = make_user("feng@example.com", "冯审批", market_bureau, Role.APPROVER)
    colleague.staff_roles.create(role="reviewer")
    client.force_login(colleague)
    assert client.get(decided.opens).status_code == 200
    client.force_login(zhao)
    client.post(decided.act, decided.posted)
    assert not decided.is_done()


@pytest.mark.parametrize("kind", ["act", "revocation", "code"])
def test_to_turn_a_proposal_down_nothing_has_to_be_opened(client, request, kind, zhao):
    with time_machine.travel(NOW, tick=False):
        decided = request.getfixturevalue(kind)
        client.force_login(zhao)
        client.post(decided.act.replace("approve", "reject"), {"reason": "文书打不开。"})
    assert decided.is_done() and decided.row.state == "rejected"


def test_what_is_handed_in_himself_nobody_has_to_open(act, wang, zhao):
    StoredFile.objects.filter(name=NAME).update(stored_by=zhao)
    source.approve_act(act=act.row, actor=zhao, at=NOW)
    assert act.is_done()


def test_every_kind_of_proposal_names_its_file():
    """But the seal: its picture stands on the page of the two buttons."""
    kinds = {model for model in apps.get_models() if issubclass(model, Proposal)}
    with_file = {
        kind
        for kind in kinds
        if any(
            isinstance(each, ForeignKey) and each.related_model is StoredFile for each in kind._meta.fields
        )
    }
    silent = {kind for kind in with_file if kind.evidence_files is Proposal.evidence_files}
    assert silent == {SealPicture} and len(with_file) == 5
