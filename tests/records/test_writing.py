"""The one writer: what it refuses, what becomes of publicity, and in which order it waits for others."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.accounts.four_eyes import Proposal
from applications.deadlines.services import owed
from applications.ledger import locking
from applications.records.fields import duties_of
from applications.records.models import DishonestyRecord
from applications.records.services import end_publicity, import_records, source, write_record, writing
from applications.records.services import objections as information
from tests.fixtures import make_record, moment
from tests.opening import answer_objection, approve_act, open_evidence, read_evidence
from tests.records.files import as_csv, row
from tests.records.test_acts import AT, propose
from tests.records.test_objections import LATER, file
from tests.repairs.steps import prepared, submitted

pytestmark = pytest.mark.django_db

KEPT = "该记录已有修复申请引用了义务“罚款”，不能删去。请保留原义务的名称，只更新履行日期。"
NO_FINE = {"penalties": ["warning"], "obligations": ()}


class TestADutyThatAnApplicationLists:
    def test_an_act_says_so_and_changes_nothing(
        self, client, general_record, market_bureau, alice, wang, zhao
    ):
        submitted(general_record, market_bureau, alice)
        act = propose(general_record, wang, kind="change", values=NO_FINE)
        client.force_login(zhao)
        read_evidence(act, reader=zhao, at=AT)
        refused = client.post(reverse("admin:records_sourceact_approve", args=[act.pk]))
        assert refused.status_code == 409 and KEPT in refused.content.decode()
        act.refresh_from_db()
        general_record.refresh_from_db()
        assert (act.state, general_record.penalties) == (Proposal.State.PROPOSED, ["fine"])

    def test_an_objection_says_so_and_stays_open(self, client, general_record, market_bureau, alice, zhao):
        submitted(general_record, market_bureau, alice)
        words = {"penalties": "警告", "obligations": "无"}
        objection = file(general_record, alice, wanted=words)
        client.force_login(zhao)
        address = reverse("admin:records_informationobjection_change", args=[objection.pk])
        open_evidence(objection, zhao, AT)
        answer = {f"{what}_{name}": value for name, value in words.items() for what in ("accept", "value")}
        page = client.post(address, answer | {"reasons": "属实。"})
        assert KEPT in page.content.decode()
        objection.refresh_from_db()
        assert objection.answered_at is None

    def test_so_does_restoring_to_before_the_duty(self, general_record, market_bureau, alice, wang, zhao):
        case = prepared(general_record, market_bureau, alice)
        duties = duties_of(general_record.obligations.all())
        more = (*duties, duties[0]._replace(name="责令改正"))
        write_record(
            record=general_record, values={"obligations": more}, verb="record.updated", at=AT, actor=wang
        )
        assert case.obligations.count() == 2
        act = source.restore(change=general_record.changes.get(), grounds="登记有误。", actor=wang, at=AT)
        with pytest.raises(ValidationError, match="引用了义务“责令改正”"):
            approve_act(act=act, actor=zhao, at=AT)

    def test_a_file_loses_that_row_only(self, acme, market_bureau, alice):
        load(market_bureau, 履行状态="罚款:2026-06-01；没收违法所得:2026-06-01")
        submitted(DishonestyRecord.objects.get(), market_bureau, alice)
        again = load(
            market_bureau, 履行状态="罚款:2026-06-01", other=row(行政处罚决定书文号="宁市监处罚〔2026〕90号")
        )
        assert (again.created, again.updated, again.rejected) == (1, 0, 1)

    def test_a_name_that_nothing_refers_to_costs_no_statement_a_record(self, market_bureau):
        def statements(count: int) -> int:
            numbered = [row(行政处罚决定书文号=f"〔2026〕{count}-{n}号") for n in range(count)]
            asked = {}
            for duties in ("未履行", "缴清罚款:2026-06-01"):
                content = as_csv(*(each | {"履行状态": duties} for each in numbered))
                with CaptureQueriesContext(connection) as asked[duties]:
                    batch, _ = import_records(
                        content=content,
                        file_name="a.csv",
                        organ=market_bureau,
                        at=AT,
                        actor=None,
                        confirmed=True,
                    )
            assert batch.updated == count
            record = DishonestyRecord.objects.get(document_number=f"〔2026〕{count}-0号")
            assert [each.name for each in record.obligations.all()] == ["缴清罚款"]
            assert set(record.changes.get().after) == {"obligations"}
            return len(asked["缴清罚款:2026-06-01"])

        assert statements(12) == statements(3)


def load(unit, *, at=AT, other=None, **changes):
    rows = [row(**changes), *([other] if other else [])]
    batch, _ = import_records(
        content=as_csv(*rows), file_name="a.csv", organ=unit, at=at, actor=None, confirmed=True
    )
    return batch


GRAVE = {"penalties": ("order_suspension",), "domains": ["food_drug"]}


class TestTheEndOfPublicity:
    def test_a_shorter_one_of_the_units_own_stays_over(self, acme, market_bureau, wang):
        # Until 2029 by law; the unit had said October, and meant it.
        record = make_record(acme, market_bureau, **GRAVE)
        DishonestyRecord.objects.filter(pk=record.pk).update(publicity_until=date(2026, 10, 1))
        assert end_publicity(at=moment("2026-10-02 00:30")) == 1
        record.refresh_from_db()
        correct(record, wang, {"domains": []})
        assert (record.publicity, record.publicity_until) == ("expired", date(2026, 10, 1))
        assert set(record.changes.last().after) == {"domains"}

    def test_the_law_shortens_it_further(self, acme, market_bureau, wang):
        record = make_record(acme, market_bureau, **GRAVE)
        DishonestyRecord.objects.filter(pk=record.pk).update(publicity_until=date(2028, 1, 1))
        record.refresh_from_db()
        correct(record, wang, {"domains": []})
        # General: one year from 1 May 2026.
        assert record.publicity_until == date(2027, 5, 1)

    def test_it_is_not_before_the_decision(self, general_record, wang):
        DishonestyRecord.objects.filter(pk=general_record.pk).update(publicity_until=date(2026, 6, 1))
        general_record.refresh_from_db()
        correct(general_record, wang, {"decided_on": date(2026, 7, 1), "identified_on": date(2026, 7, 1)})
        assert general_record.publicity_until == date(2026, 7, 1)

    def test_the_longest_follows_the_facts(self, general_record, wang):
        correct(general_record, wang, {"severity": "serious"})
        assert general_record.publicity_until == date(2029, 5, 1)


def correct(record, actor, values):
    write_record(record=record, values=values, verb="record.corrected", at=AT, actor=actor)
    record.refresh_from_db()


@pytest.fixture
def locked(monkeypatch):
    """The chains that were locked, in their order."""
    order: list[str] = []

    def lock_chain(chain: str) -> None:
        order.append(chain)
        locking.lock_chain(chain)

    for module in (writing, owed, information):
        monkeypatch.setattr(module, "lock_chain", lock_chain)
    return order


def test_the_application_is_locked_before_its_record(
    general_record, market_bureau, alice, wang, zhao, locked
):
    case = submitted(general_record, market_bureau, alice)
    first = [case.number, general_record.reference]
    locked.clear()
    act = propose(general_record, wang)
    assert locked[:2] == first
    source.reject_act(act=act, reason="不属实。", actor=zhao, at=AT)
    locked.clear()
    objection = file(general_record, alice)
    assert locked[:3] == [*first, objection.number]
    locked.clear()
    answer_objection(objection=objection, accepted={}, reasons="无误。", actor=zhao, at=LATER)
    assert locked[:3] == [*first, objection.number]
    locked.clear()
    batch = load(market_bureau, at=LATER)
    source.revoke_by_file(record=general_record, batch=batch, at=LATER, actor=None)
    assert locked[locked.index(case.number) :][:2] == first


def test_an_objection_to_what_is_missing_waits_for_its_own_number(acme, market_bureau, alice, locked):
    objection = information.object_to_information(
        subject=acme, record=None, unit=market_bureau, wanted={}, grounds="缺一条。", actor=alice, at=AT
    )
    assert locked == [objection.number]
