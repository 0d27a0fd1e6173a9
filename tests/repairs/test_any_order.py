"""People who do anything at any time: only what the Notice allows happens, and always all of it."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.deadlines.models import Deadline
from applications.documents.models import Document
from applications.ledger.models import Event
from applications.objections.steps import file_objection, handle_objection
from applications.repairs import services, steps
from applications.repairs.steps import Defect
from applications.sharing.models import Delivery
from rules.procedure import IllegalAction
from tests.fixtures import moment
from tests.repairs.steps import all_confirmed, paper, prepared

pytestmark = pytest.mark.django_db

# Articles 2, 7, 8, 9, 11 and 13, written down a second time and by hand.
LEGAL = {
    ("draft", "submit"): "submitted",
    ("draft", "withdraw"): "withdrawn",
    ("submitted", "accept"): "accepted",
    ("submitted", "correct"): "correcting",
    ("submitted", "decline"): "not_accepted",
    ("submitted", "withdraw"): "withdrawn",
    ("correcting", "resubmit"): "submitted",
    ("correcting", "withdraw"): "withdrawn",
    ("accepted", "confirm"): "under_review",
    ("accepted", "doubt"): "under_review",
    ("accepted", "withdraw"): "withdrawn",
    ("under_review", "return"): "accepted",
    ("under_review", "grant"): "granted",
    ("under_review", "refuse"): "refused",
    ("under_review", "withdraw"): "withdrawn",
    ("refused", "object"): "objecting",
    ("objecting", "uphold"): "refused",
    ("objecting", "overturn"): "granted",
    ("refused", "receipt"): "refused",
    ("objecting", "receipt"): "objecting",
    ("granted", "receipt"): "granted",
}
ACTIONS = sorted({action for _, action in LEGAL})
# Which clock is owed an answer in a state; shared decisions have their own besides.
OWED = {
    "submitted": {"acceptance"},
    "accepted": {"decision"},
    "under_review": {"decision"},
    "objecting": {"objection"},
}


class Everybody:
    """The people of one case, and what each does when told to."""

    def __init__(self, record, organ, alice, wang, li, zhao, zhou):
        self.alice, self.wang, self.li, self.zhao, self.zhou = alice, wang, li, zhao, zhou
        self.case = prepared(record, organ, alice)
        self.at = moment("2026-11-20 10:00")
        self.doubted = self.objected = False

    def possible(self, action):
        """Whether the facts, not only the state, let the action through."""
        if action in ("grant", "refuse"):
            return self.doubted == (action == "refuse")
        if action == "object":
            return not self.objected
        if action == "receipt":
            return Deadline.objects.filter(case_number=self.case.number, kind="sharing", met_on=None).exists()
        return True

    def do(self, action):
        case, at = self.case, self.at
        match action:
            case "submit":
                steps.submit_case(case=case, actor=self.alice, at=at)
            case "withdraw":
                steps.withdraw_case(case=case, actor=self.alice, at=at)
            case "accept":
                steps.accept_case(case=case, actor=self.wang, at=at)
            case "correct":
                defect = Defect("fulfilment", "看不清", "请重新扫描")
                steps.draft_correction(case=case, defects=[defect], actor=self.wang, at=at)
                steps.ask_for_correction(case=case, actor=self.wang, at=at)
            case "resubmit":
                if case.status == "correcting":
                    services.add_material(
                        case=case, kind="fulfilment", upload=paper(f"{at}.pdf"), actor=self.alice, at=at
                    )
                steps.resubmit_case(case=case, actor=self.alice, at=at)
            case "decline":
                steps.decline_case(case=case, ground="elsewhere", reason="不属于本省", actor=self.wang, at=at)
            case "confirm" | "doubt":
                doubts = {"corrected": "没有整改"} if action == "doubt" else {}
                services.read_all(case=case, reader=self.li, at=at)
                steps.review_case(
                    case=case, checklist=all_confirmed(case, at.date(), **doubts), actor=self.li, at=at
                )
                self.doubted = action == "doubt"
            case "return":
                steps.return_case(case=case, reason="再核对", actor=self.zhao, at=at)
            case "grant":
                steps.grant_case(case=case, actor=self.zhao, at=at)
            case "refuse":
                steps.refuse_case(case=case, actor=self.zhao, at=at)
            case "object":
                file_objection(case=case, disputed=["corrected"], grounds="已整改", actor=self.alice, at=at)
                self.objected = True
            case "uphold" | "overturn":
                if not hasattr(case, "objection"):
                    raise IllegalAction(case.status, action)
                doubts = {"corrected": "没有整改"} if action == "uphold" else {}
                services.read_all(case=case, reader=self.zhou, at=at)
                handle_objection(
                    objection=case.objection,
                    overturn=action == "overturn",
                    checklist=all_confirmed(case, at.date(), **doubts),
                    reasons="经核实",
                    actor=self.zhou,
                    at=at,
                )
            case "receipt":
                open_clock = Deadline.objects.filter(
                    case_number=case.number, kind="sharing", met_on=None
                ).first()
                position = open_clock.round if open_clock else 1
                steps.record_platform_receipts(
                    receipts=[steps.PlatformReceipt(case.number, position, "P", at)], at=at
                )

    def look(self):
        self.case = type(self.case).objects.select_related("record").get(pk=self.case.pk)
        return self.case


def check_everything_fits(case):
    record = case.record
    open_clocks = Deadline.objects.filter(case_number=case.number, met_on=None, cancelled_on=None)
    kinds = [clock.kind for clock in open_clocks]
    assert {kind for kind in kinds if kind != "sharing"} == OWED.get(case.status, set())
    decisions = Document.objects.filter(about=case.number, kind__in=["grant_decision", "refusal_decision"])
    deliveries = list(Delivery.objects.filter(stream=case.number).order_by("position"))
    assert len(deliveries) == decisions.count()
    assert [one.position for one in deliveries] == list(range(1, len(deliveries) + 1))
    granted = case.status == "granted"
    assert (record.publicity == "withdrawn") is granted
    assert hasattr(record, "annotation") is granted
    if granted:
        assert (
            record.annotation.decision_number
            == case.decision_number
            == deliveries[-1].payload["decision_number"]
        )
    events = list(Event.objects.filter(chain=case.number).order_by("position"))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    steps = [event.payload for event in events if "from" in event.payload]
    assert all(before["to"] == after["from"] for before, after in pairwise(steps))
    if steps:
        assert steps[-1]["to"] == case.status


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    actions=st.lists(st.sampled_from(ACTIONS), min_size=4, max_size=14),
    nudges=st.lists(
        st.sampled_from(["submit", "accept", "confirm", "doubt", "grant", "refuse", "object"]), max_size=7
    ),
)
def test_only_the_table_happens(
    general_record, market_bureau, alice, wang, li, zhao, second_approver, actions, nudges
):
    """``nudges`` go along the main road, so that the far states are reached too."""
    with transaction.atomic():
        people = Everybody(general_record, market_bureau, alice, wang, li, zhao, second_approver)
        for action in [*nudges, *actions]:
            people.at += timedelta(hours=1)
            before = people.look().status
            expected = LEGAL.get((before, action))
            if expected and people.possible(action):
                people.do(action)
                assert people.look().status == expected
            else:
                events = Event.objects.count()
                with pytest.raises((IllegalAction, services.NotReady)), transaction.atomic():
                    people.do(action)
                assert people.look().status == before
                assert Event.objects.count() == events
            check_everything_fits(people.case)
        transaction.set_rollback(True)
