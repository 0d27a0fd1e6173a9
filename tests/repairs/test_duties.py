"""Several duties: an officer finds out about each of its own, and a refusal names just the one that is not fulfilled."""

from datetime import date

import pytest
from django.urls import reverse

from applications.documents.models import Document
from applications.repairs import services, steps
from applications.repairs.assessing import assess_case, duties_of
from tests.fixtures import TODAY, make_record, moment
from tests.repairs.steps import accepted, all_confirmed, open_papers, prepared

pytestmark = pytest.mark.django_db

NOTE = "罚款收据金额不足。"


@pytest.fixture
def case(acme, market_bureau, alice, wang):
    record = make_record(acme, market_bureau, obligations=("罚款", "没收违法所得"))
    return accepted(record, market_bureau, alice, wang)


def post(client, case, **more):
    checklist = all_confirmed(case, obligations_fulfilled=NOTE)
    data = {"version": case.version, "opinion": ""}
    for code, verdict in checklist.items():
        data |= {f"verdict_{code}": "yes" if verdict["confirmed"] else "no", f"note_{code}": verdict["note"]}
    return client.post(reverse("admin:repairs_step", args=[case.pk, "review"]), data | more)


def test_a_refusal_names_the_duty_that_is_lacking_and_the_day_of_the_other(client, case, li, zhao):
    open_papers(case, li)
    client.force_login(li)
    post(client, case, unfulfilled=["罚款"])
    case.refresh_from_db()
    steps.refuse_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))
    (finding,) = Document.objects.get(about=case.number, kind="refusal_decision").content["findings"]
    assert finding["reason"] == "第四条：尚有法定责任和义务没有履行完毕：罚款。"
    assert finding["remedy"] == "请先履行完毕下列义务，再提供履行完毕的材料：罚款。"
    assert finding["duties"] == [
        {"name": "罚款", "fulfilled_on": None},
        {"name": "没收违法所得", "fulfilled_on": "2026-06-02"},
    ]


def test_the_officer_is_asked_which_duty_it_is(client, case, li):
    client.force_login(li)
    page = post(client, case).content.decode()
    assert "请选出没有履行完毕的义务" in page and "没收违法所得" in page
    case.refresh_from_db()
    assert case.status == "accepted"
    checklist = all_confirmed(case, obligations_fulfilled=NOTE)
    del checklist["obligations_fulfilled"]["unfulfilled"]
    with pytest.raises(services.NotReady, match="请选出没有履行完毕的义务"):
        steps.review_case(case=case, checklist=checklist, actor=li, at=moment("2026-11-24 10:00"))


def test_a_grant_states_each_duty_with_its_day(case, li, zhao):
    open_papers(case, li)
    steps.review_case(case=case, checklist=all_confirmed(case), actor=li, at=moment("2026-11-24 10:00"))
    case.refresh_from_db()
    steps.grant_case(case=case, actor=zhao, at=moment("2026-11-25 10:00"))
    findings = Document.objects.get(about=case.number, kind="grant_decision").content["findings"]
    (finding,) = [each for each in findings if each["code"] == "obligations_fulfilled"]
    assert [duty["fulfilled_on"] for duty in finding["duties"]] == ["2026-06-02", "2026-06-02"]


@pytest.fixture
def numbered(acme, market_bureau):
    """Duties as older data has them: one names a person's telephone. The applicant says when it was fulfilled."""
    record = make_record(acme, market_bureau, obligations=("向13812345678支付赔偿款", "没收违法所得"))
    record.obligations.filter(name__startswith="向").update(fulfilled_on=None)
    return record


def test_the_day_that_the_applicant_states_counts_for_a_duty_whose_name_is_masked(
    numbered, market_bureau, alice
):
    case = prepared(numbered, market_bureau, alice)
    case.obligations.filter(obligation__name__startswith="向").update(fulfilled_on=date(2026, 6, 5))
    finding = assess_case(case, date(2026, 11, 24)).finding("obligations_fulfilled")
    assert finding.met is True and "13812345678" not in finding.reason


def test_a_duty_whose_name_is_masked_is_found_not_to_be_fulfilled(
    client, numbered, market_bureau, alice, wang, li
):
    case = accepted(numbered, market_bureau, alice, wang)
    case.obligations.filter(obligation__name__startswith="向").update(fulfilled_on=date(2026, 6, 5))
    (masked, _other) = duties_of(case)
    assert "13812345678" not in masked
    open_papers(case, li)
    client.force_login(li)
    post(client, case, unfulfilled=[masked])
    case.refresh_from_db()
    review = case.reviews.get()
    assert review.proposal == "refuse"
    for named in (masked, "向13812345678支付赔偿款"):
        review.checklist["obligations_fulfilled"]["unfulfilled"] = [named]
        finding = assess_case(case, date(2026, 11, 24), review.checklist).finding("obligations_fulfilled")
        assert finding.met is False and masked in finding.reason, "also of a review from before"


def test_what_the_applicant_has_not_said_is_not_called_undone(client, alice, general_record, market_bureau):
    case = services.start_case(record=general_record, organ=market_bureau, applicant=alice, at=TODAY)
    client.force_login(alice)
    words = client.get(reverse("repairs:check", args=[case.number])).content.decode()
    assert "没有写明失信行为是否已经纠正" in words and "尚未纠正" not in words
    assert "没有写明下列义务是否已经履行：罚款" in words and "没有履行完毕" not in words
