"""重要参考 (Article 16): stated by the applicant or noted by an officer, shown to who reviews and decides, asked by no rule."""

from datetime import date

import pytest
from django.urls import reverse

from applications.ledger.models import Event
from applications.repairs import services
from applications.repairs.assessing import assess_case, case_facts
from applications.repairs.services.improvements import note_improvements
from applications.repairs.shown import digest_of
from tests.fixtures import moment
from tests.pages import one_line
from tests.repairs.steps import accepted, granted, prepared, reviewed

pytestmark = pytest.mark.django_db

SAID = "2026年8月参加社区志愿服务20小时。"
NOTED = "经核实，参加了9月的公益性信用修复培训。"


@pytest.fixture
def case(general_record, market_bureau, alice, wang):
    return accepted(general_record, market_bureau, alice, wang)


def noted(case, actor, words=NOTED):
    return note_improvements(case=case, words=words, actor=actor, at=moment("2026-11-24 09:00"))


def test_the_applicant_states_it_on_the_page_of_fulfilment(client, general_record, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice)
    client.force_login(alice)
    address = reverse("repairs:fulfilment", args=[case.number])
    assert "不是修复的条件" in client.get(address).text
    answers = {f"duty_{duty.pk}": "2026-06-02" for duty in case.obligations.all()}
    client.post(address, {"corrected_on": "2026-06-01", "improvements": SAID, **answers})
    case.refresh_from_db()
    assert case.improvements == SAID
    assert SAID in client.get(address).text


def test_reviewer_and_approver_see_both(client, case, wang, li, zhao):
    type(case).objects.filter(pk=case.pk).update(improvements=SAID)
    client.force_login(li)
    address = reverse("admin:repairs_improvements", args=[case.pk])
    assert address in client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])).text
    assert SAID in client.get(address).text
    assert "已登记" in client.post(address, {"words": NOTED}, follow=True).text
    review = one_line(client.get(reverse("admin:repairs_step", args=[case.pk, "review"])))
    assert SAID in review and NOTED in review
    case.refresh_from_db()
    reviewed(case, li)
    client.force_login(zhao)
    page = one_line(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))
    assert SAID in page and NOTED in page


def test_no_rule_reads_it(case, li):
    on = date(2026, 11, 24)
    facts, before = case_facts(case), assess_case(case, on).to_json()
    type(case).objects.filter(pk=case.pk).update(improvements=SAID)
    case = noted(case, li)
    assert case_facts(case) == facts
    assert assess_case(case, on).to_json() == before


def test_what_was_noted_before_stays_in_the_ledger(case, li):
    noted(case, li)
    case = noted(case, li, words="")
    assert case.noted_improvements == ""
    said = Event.objects.filter(chain=case.number, verb="repair.improvements_noted").order_by("position")
    assert [(event.payload["before"], event.payload["words"]) for event in said] == [("", NOTED), (NOTED, "")]


def test_others_note_nothing_and_nobody_does_after_the_decision(
    general_record, market_bureau, alice, wang, li, zhao, qian, outsider
):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    for person in (alice, qian, outsider, li):
        with pytest.raises(services.NotAllowed):
            noted(case, person)


def test_what_a_colleague_noted_meanwhile_is_not_overwritten(client, case, wang, li):
    """Both opened the page when nothing was noted; the second learns what the first wrote, and adds to it."""
    client.force_login(li)
    address = reverse("admin:repairs_improvements", args=[case.pk])
    opened = client.get(address).context["form"]["seen"].value()
    noted(case, wang)
    answer = client.post(address, {"words": SAID, "seen": opened})
    assert f"王受理已于11月24日 09:00登记：“{NOTED}”。您填写的没有登记" in answer.text and SAID in answer.text
    case.refresh_from_db()
    assert case.noted_improvements == NOTED
    both = {"words": f"{NOTED}{SAID}", "seen": answer.context["form"]["seen"].value()}
    assert "已登记" in client.post(address, both, follow=True).text
    case.refresh_from_db()
    assert case.noted_improvements == f"{NOTED}{SAID}"


def test_what_a_colleague_took_back_meanwhile_is_said(case, wang, li):
    seen = digest_of(noted(case, wang).noted_improvements)
    noted(case, wang, words="")
    with pytest.raises(services.NotReady, match="王受理已于11月24日 09:00取消了登记。您填写的没有登记"):
        note_improvements(case=case, words=SAID, actor=li, at=moment("2026-11-24 10:00"), seen=seen)


def test_a_page_that_never_was_is_none_of_the_newest(case, li):
    with pytest.raises(services.NotReady, match="不是最新的，您填写的没有登记"):
        note_improvements(case=case, words=SAID, actor=li, at=moment("2026-11-24 10:00"), seen="x")
    assert case.noted_improvements == ""
