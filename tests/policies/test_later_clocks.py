"""A text of before the two later clocks, as it was kept or as somebody pastes it: the clocks are those of the Notice."""

import re
from datetime import date

import pytest
import time_machine

from applications.deadlines.models import Deadline
from applications.oversight.models import ReplayRun
from applications.oversight.tasks import run_replays
from applications.policies import services
from applications.policies.reading import read_policy
from applications.policies.selectors import clock_article, policy_in_force
from applications.records.services import source
from applications.records.services.objections import object_to_information
from rules.instruments import digest_of
from rules.policy import get_policy
from tests.fixtures import moment
from tests.pages import text
from tests.policies.texts import LONGER, policy_text
from tests.repairs.steps import paper

pytestmark = pytest.mark.django_db

AT = moment("2026-11-23 10:00")
# A Monday; Tuesday is a working day like those after it.
LATER = moment("2027-03-01 10:00")


def old_text(*changes):
    """Without the tables of the two clocks."""
    return re.sub(r"\[clocks\.(withdrawal|information)\]\n(?:[^\[\n].*\n)*", "", policy_text(*changes))


@pytest.fixture
def adopted(zheng, feng):
    policy = read_policy(old_text())
    assert {"withdrawal", "information"}.isdisjoint(policy.raw["clocks"])
    adoption = services.propose_adoption(
        policy=policy,
        starts_on=date(2027, 1, 1),
        replay={"totals": {}, "moves": [], "articles": []},
        actor=zheng,
        at=AT,
    )
    services.approve_adoption(adoption=adoption, actor=feng, at=AT)


def test_its_digest_is_that_of_the_text():
    policy = read_policy(old_text())
    assert policy.digest == digest_of(policy.raw)
    assert policy.digest != read_policy(policy_text()).digest
    shipped = get_policy("jiangsu-2020-4").clocks
    assert policy.clocks["withdrawal"] == shipped["withdrawal"]
    assert policy.clocks["information"] == shipped["information"]


def test_a_revocation_and_an_objection_have_their_clocks(adopted, general_record, wang, alice):
    assert policy_in_force(on=LATER.date()).id == "jiangsu-2027-9"
    source.propose_act(
        record=general_record, kind="revoke", grounds="行政复议决定撤销。", document=paper("复议决定书.pdf"),
        document_number="宁政复〔2027〕3号", effective_on=date(2027, 3, 1), actor=wang, at=LATER,
    )  # fmt: skip
    clock = Deadline.objects.get(case_number=general_record.reference)
    # Tuesday 2nd, Wednesday 3rd, Thursday 4th.
    assert (clock.due_on, clock.basis) == (date(2027, 3, 4), "《中华人民共和国行政处罚法》第四十八条")
    objection = object_to_information(
        subject=general_record.subject, record=general_record, unit=general_record.identifying_unit,
        wanted={"facts": "没有这回事。"}, grounds="不属实。", actor=alice, at=LATER,
    )  # fmt: skip
    # Two days more: Friday 5th, Monday 8th. The article is another instrument's than the one in force.
    assert Deadline.objects.get(case_number=objection.number).due_on == date(2027, 3, 8)
    article = clock_article(policy_in_force(on=LATER.date()), "information")
    assert "苏信用发〔2020〕4号" in article and "十三" in article


@time_machine.travel(AT, tick=False)
def test_it_is_tried_on_the_page(client, general_record, zheng):
    client.force_login(zheng)
    answer = client.post("/oversight/policies/try/", {"text": old_text(LONGER)}, follow=True)
    run = ReplayRun.objects.get()
    assert answer.status_code == 200
    run_replays()
    page = text(client.get(f"/oversight/replays/{run.pk}/"))
    assert "提请采用" in page and "期限不明" not in page
