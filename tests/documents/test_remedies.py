"""With whom a decision is challenged: two people change it, letters tell what holds on their day, and every night
somebody looks whether it is there."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.urls import reverse

from applications.accounts.four_eyes import NotProposed
from applications.accounts.models import Role
from applications.documents import remedies
from applications.documents.models import Remedies
from applications.ledger.models import Event
from applications.notifications.models import Message
from rules.errors import InputError
from tests.fixtures import make_user, moment

AT = moment("2026-12-01 09:00")
ADD = reverse("admin:documents_remedies_add")
BODIES = {"authority": "南京市人民政府", "court": "南京市玄武区人民法院"}
SENTENCE = (
    "不服上述决定或者答复的，可以自知道或者应当知道之日起60日内依法向南京市人民政府申请行政复议，"
    "也可以自知道或者应当知道之日起6个月内依法向南京市玄武区人民法院提起行政诉讼。"
)


@pytest.fixture
def operator(credit_bureau):
    return make_user("operator@example.com", "系统员", credit_bureau, Role.SYSTEM_ADMIN)


@pytest.fixture
def head(market_bureau):
    return make_user("head@example.com", "郑局", market_bureau, Role.SUPERVISOR)


@pytest.fixture
def proposal(market_bureau, operator, head):
    return remedies.propose_remedies(
        organ=market_bureau, **BODIES, effective_from=date(2026, 12, 10), actor=operator, at=AT
    )


def page(proposal, verb="change"):
    return reverse(f"admin:documents_remedies_{verb}", args=[proposal.pk])


def test_letters_name_the_bodies_from_their_day_on(proposal, market_bureau, head):
    worded = market_bureau.remedies
    assert remedies.told(market_bureau, moment("2026-12-10 00:00")) == worded, "nobody has approved it"
    remedies.approve_remedies(proposal=proposal, actor=head, at=AT)
    assert remedies.told(market_bureau, moment("2026-12-09 23:59")) == worded
    assert remedies.told(market_bureau, moment("2026-12-10 00:00")) == SENTENCE


def test_what_is_approved_late_holds_from_the_approval_on(proposal, market_bureau, head):
    remedies.approve_remedies(proposal=proposal, actor=head, at=moment("2026-12-15 09:00"))
    assert remedies.in_force(market_bureau, date(2026, 12, 14)) is None
    assert remedies.in_force(market_bureau, date(2026, 12, 15)) == proposal


def test_the_newest_day_holds(proposal, market_bureau, operator, head):
    remedies.approve_remedies(proposal=proposal, actor=head, at=AT)
    later = remedies.propose_remedies(
        organ=market_bureau,
        authority="南京市人民政府",
        court="南京铁路运输法院",
        effective_from=date(2027, 1, 1),
        actor=operator,
        at=AT,
    )
    remedies.approve_remedies(proposal=later, actor=head, at=AT)
    assert "玄武区人民法院" in remedies.told(market_bureau, moment("2026-12-31 10:00"))
    assert "南京铁路运输法院" in remedies.told(market_bureau, moment("2027-01-01 10:00"))


def test_an_organ_without_any_tells_the_periods_of_the_law(credit_bureau):
    assert remedies.told(credit_bureau, AT) == (
        "不服上述决定或者答复的，可以自知道或者应当知道之日起60日内依法申请行政复议，"
        "也可以自知道或者应当知道之日起6个月内依法向人民法院提起行政诉讼。"
    )


def test_both_acts_are_told_and_in_the_ledger(proposal, operator, head):
    assert Message.objects.filter(recipient=head, subject__contains="待复核").exists()
    remedies.approve_remedies(proposal=proposal, actor=head, at=AT)
    assert Message.objects.filter(recipient=operator, subject__contains="已复核").exists()
    events = Event.objects.filter(chain="organ-nj-scjg", verb__startswith="remedies.").order_by("pk")
    assert [(event.verb, event.actor) for event in events] == [
        ("remedies.proposed", operator),
        ("remedies.approved", head),
    ]
    assert events[1].payload["authority"] == "南京市人民政府"
    with pytest.raises(NotProposed):
        remedies.reject_remedies(proposal=proposal, actor=head, reason="再看", at=AT)


def test_who_may_not(market_bureau, ecology_bureau, operator, head, proposal, wang):
    asked = {**BODIES, "effective_from": date(2026, 12, 10), "at": AT}
    for organ, actor in ((ecology_bureau, operator), (market_bureau, head), (market_bureau, wang)):
        with pytest.raises(PermissionDenied):
            remedies.propose_remedies(organ=organ, actor=actor, **asked)
    far = make_user("far@example.com", "远方", ecology_bureau, Role.SUPERVISOR)
    for actor in (operator, wang, far):
        with pytest.raises(PermissionDenied):
            remedies.approve_remedies(proposal=proposal, actor=actor, at=AT)


def test_a_supervisor_of_the_department_over_it_decides_too(proposal, credit_department):
    chief = make_user("chief@example.com", "钱处", credit_department, Role.SUPERVISOR)
    assert remedies.approve_remedies(proposal=proposal, actor=chief, at=AT).decided_by == chief


def test_the_database_refuses_one_person_alone(proposal, operator):
    with pytest.raises(IntegrityError, match="second_person"):
        Remedies.objects.filter(pk=proposal.pk).update(state="approved", decided_by=operator, decided_at=AT)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"authority": " "}, "authority", "行政复议机关的全称"),
        ({"court": "南京市"}, "court", "以“法院”结尾"),
        ({"effective_from": date(2026, 11, 30)}, "effective_from", "不能早于今天"),
    ],
)
def test_bad_input_names_field_and_remedy(market_bureau, operator, changed, field, said):
    asked = {**BODIES, "effective_from": date(2026, 12, 10)} | changed
    with pytest.raises(InputError) as refused:
        remedies.propose_remedies(organ=market_bureau, actor=operator, at=AT, **asked)
    assert refused.value.path == field and said in refused.value.expected


def test_of_two_from_one_day_the_one_approved_last_holds(proposal, market_bureau, operator, head):
    other = remedies.propose_remedies(
        organ=market_bureau,
        authority="南京市人民政府",
        court="南京铁路运输法院",
        effective_from=date(2026, 12, 10),
        actor=operator,
        at=AT,
    )
    remedies.approve_remedies(proposal=other, actor=head, at=AT)
    remedies.approve_remedies(proposal=proposal, actor=head, at=moment("2026-12-02 09:00"))
    assert remedies.told(market_bureau, moment("2026-12-10 10:00")) == SENTENCE


def test_every_night_it_is_told_who_names_no_body(
    proposal, market_bureau, ecology_bureau, credit_bureau, credit_department, operator, head
):
    """Of all whose letters decide; a department sends none."""
    organs = (market_bureau, ecology_bureau, credit_bureau)
    found = remedies.check_remedies(at=AT)
    assert sorted(each.partition("：没有登记")[0] for each in found) == sorted(organ.name for organ in organs)
    remedies.approve_remedies(proposal=proposal, actor=head, at=AT)
    left = remedies.check_remedies(at=moment("2026-12-10 02:50"))
    assert not any(each.startswith(market_bureau.name) for each in left) and len(left) == 2
    assert Message.objects.filter(recipient=operator, subject="有单位没有登记复议机关和管辖法院").exists()


def test_the_pages(client, time_machine, market_bureau, operator, head):
    time_machine.move_to(AT, tick=False)
    client.force_login(operator)
    organ_page = client.get(f"/admin/organs/organ/{market_bureau.pk}/change/").content.decode()
    assert "缺少" in organ_page and "没有登记行政复议机关和管辖法院" in organ_page
    assert f"{ADD}?organ={market_bureau.pk}" in organ_page
    # Others read the same without a link that would be refused to them.
    client.force_login(head)
    read = client.get(f"/admin/organs/organ/{market_bureau.pk}/change/").content.decode()
    assert "没有登记行政复议机关和管辖法院" in read and ADD not in read
    client.force_login(operator)
    assert market_bureau.name in client.get(f"{ADD}?organ={market_bureau.pk}").content.decode()
    posted = {"organ": market_bureau.pk, **BODIES, "effective_from": "2026-12-01"}
    bad = client.post(ADD, posted | {"court": "南京市"})
    assert bad.status_code == 422 and "以“法院”结尾" in bad.content.decode()
    assert client.post(ADD, posted).status_code == 302
    proposal = Remedies.objects.get()
    assert client.post(page(proposal, "approve")).status_code == 404, "one's own"
    client.force_login(head)
    assert SENTENCE in client.get(page(proposal)).content.decode()
    without = client.post(page(proposal, "reject"), {"reason": ""})
    assert "请写明理由" in without.content.decode()
    assert client.post(page(proposal, "approve")).status_code == 302
    late = client.post(page(proposal, "reject"), {"reason": "不对"})
    assert late.status_code == 404 or late.status_code == 409
    client.force_login(operator)
    assert (
        "行政复议机关：南京市人民政府；管辖法院：南京市玄武区人民法院（自2026年12月1日起）"
        in client.get(f"/admin/organs/organ/{market_bureau.pk}/change/").content.decode()
    )


def test_the_same_is_not_proposed_twice(proposal, market_bureau, operator):
    with pytest.raises(InputError, match="系统员已于12月1日 09:00提出，正等待复核"):
        remedies.propose_remedies(
            organ=market_bureau, **BODIES, effective_from=date(2026, 12, 10), actor=operator, at=AT
        )
    assert Remedies.objects.get() == proposal
