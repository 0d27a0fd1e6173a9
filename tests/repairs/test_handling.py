"""Who has charge of a case: taking it, handing it on, giving it back, and who is reminded then."""

import pytest
from django.urls import reverse

from applications.accounts.models import Role, StaffRole
from applications.deadlines.selectors import clocks_of
from applications.deadlines.services import sweep_deadlines
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.objections.steps import file_objection
from applications.repairs import services, steps
from applications.repairs.steps import Defect
from tests.fixtures import make_user, moment
from tests.pages import text
from tests.repairs.steps import accepted, granted, pdf, refused, reviewed, submitted

pytestmark = pytest.mark.django_db

QUEUE = "/admin/repairs/repaircase/"


@pytest.fixture
def ma(market_bureau):
    """Takes in, as wang does."""
    return make_user("ma@example.com", "马受理", market_bureau, Role.INTAKE)


def officer(case, kind="acceptance", round=1):
    return clocks_of(case.number).get(kind=kind, round=round).officer


def assign(case, person, actor, at="2026-11-23 11:00"):
    return services.assign_case(case=case, officer=person, actor=actor, at=moment(at))


def reminded(case):
    found = Message.objects.filter(about=case.number, key__startswith="escalation-", channel="inbox")
    return {message.recipient.name for message in found}


def put(client, case, person, follow=True):
    return client.post(
        reverse("admin:repairs_officer", args=[case.pk]),
        {"officer": person.pk if person else ""},
        follow=follow,
    )


def test_the_officer_alone_is_reminded(general_record, market_bureau, alice, wang, ma):
    case = submitted(general_record, market_bureau, alice)
    assert assign(case, wang, wang)
    # Due on Wednesday the 25th.
    sweep_deadlines(at=moment("2026-11-24 00:05"))
    assert reminded(case) == {"王受理"}
    event = Event.objects.get(chain=case.number, verb="repair.assigned")
    assert (event.actor, event.payload) == (wang, {"officer": wang.pk})


def test_given_back_everybody_is_reminded(general_record, market_bureau, alice, wang, ma):
    case = submitted(general_record, market_bureau, alice)
    assign(case, wang, wang)
    assert assign(case, None, ma), "a colleague may say so as well"
    assert not assign(case, None, ma), "and once is enough"
    sweep_deadlines(at=moment("2026-11-24 00:05"))
    assert reminded(case) == {"王受理", "马受理"}


def test_an_officer_who_has_left_the_post_reminds_nobody_away(
    general_record, market_bureau, alice, wang, ma, li
):
    case = submitted(general_record, market_bureau, alice)
    assign(case, wang, wang)
    StaffRole.objects.filter(user=wang).update(role=Role.REVIEWER)
    sweep_deadlines(at=moment("2026-11-24 00:05"))
    assert reminded(case) == {"马受理"}


def test_whoever_only_takes_in_is_not_the_officer_of_the_decision(
    general_record, market_bureau, alice, wang, li
):
    case = submitted(general_record, market_bureau, alice)
    assign(case, wang, wang)
    steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 12:00"))
    assert (officer(case), officer(case, "decision")) == (wang, None)


def test_whoever_takes_in_and_examines_keeps_the_case(general_record, market_bureau, alice, wang, li):
    StaffRole.objects.create(user=wang, role=Role.REVIEWER)
    case = submitted(general_record, market_bureau, alice)
    assign(case, wang, wang)
    case = steps.accept_case(case=case, actor=wang, at=moment("2026-11-23 12:00"))
    assert officer(case, "decision") == wang
    # Examined, it is for another hand to decide.
    reviewed(case, wang)
    assert officer(case, "decision") is None


def test_a_correction_comes_back_to_the_officer_who_asked_for_it(
    general_record, market_bureau, alice, wang, ma
):
    case = submitted(general_record, market_bureau, alice)
    assign(case, wang, wang)
    steps.draft_correction(
        case=case,
        defects=[Defect("licence", "没有公章。", "请盖章。")],
        actor=wang,
        at=moment("2026-11-23 12:00"),
    )
    steps.ask_for_correction(case=case, actor=wang, at=moment("2026-11-23 12:10"))
    services.add_material(
        case=case, kind="licence", upload=pdf("盖章.pdf"), actor=alice, at=moment("2026-11-24 09:00")
    )
    steps.resubmit_case(case=case, actor=alice, at=moment("2026-11-24 10:00"))
    assert officer(case, round=2) == wang


def test_the_reviewer_cannot_have_charge_of_the_decision_nor_the_decider_of_the_objection(
    general_record, market_bureau, alice, wang, li, zhao, second_approver
):
    StaffRole.objects.create(user=li, role=Role.APPROVER)
    case = reviewed(accepted(general_record, market_bureau, alice, wang), li)
    with pytest.raises(services.NotReady, match="李审查现在不能承办"):
        assign(case, li, zhao)
    assert assign(case, zhao, zhao)


def test_an_objection_is_for_others(
    client, general_record, market_bureau, alice, wang, li, zhao, second_approver
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    file_objection(
        case=case,
        disputed=["obligations_fulfilled"],
        grounds="已缴清。",
        actor=alice,
        at=moment("2026-11-26 10:00"),
    )
    with pytest.raises(services.NotReady, match="赵审批现在不能承办"):
        assign(case, zhao, zhao)
    assert assign(case, second_approver, zhao)
    assert officer(case, "objection") == second_approver
    assert officer(case, "sharing") is None, "that clock is the machine's"
    # It is due first, and the queue names the officer all the same.
    client.force_login(zhao)
    assert '<td class="field-in_charge">周审批</td>' in client.get(QUEUE, {"queue": "all"}).content.decode()


class TestPage:
    def test_taking_handing_over_and_giving_back(
        self, client, general_record, market_bureau, alice, wang, ma, li
    ):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        page = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])).content.decode()
        assert "还没有人承办，期限提醒发给本岗全体人员。" in page
        assert "马受理</option>" in page and "李审查</option>" not in page

        assert "由王受理承办，期限提醒发给王受理。" in put(client, case, wang).content.decode()
        assert officer(case) == wang
        queue = client.get(QUEUE, {"queue": "taken"}).content.decode()
        assert case.number in queue and '<td class="field-in_charge">王受理</td>' in queue

        assert "由马受理承办" in put(client, case, ma).content.decode()
        assert case.number not in client.get(QUEUE, {"queue": "taken"}).content.decode()
        assert "没有指定承办人" in put(client, case, None).content.decode()
        assert officer(case) is None

    def test_a_draft_is_taken_by_whoever_begins_it(self, client, general_record, market_bureau, alice, wang):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        data = {
            "version": case.version,
            "items-TOTAL_FORMS": 1,
            "items-INITIAL_FORMS": 0,
            "items-0-material_kind": "licence",
            "items-0-defect": "没有公章。",
            "items-0-requirement": "请盖章。",
            "draft": "",
        }
        page = client.post(
            reverse("admin:repairs_step", args=[case.pk, "request_correction"]), data, follow=True
        )
        assert "这件申请现在由您承办" in page.content.decode()
        assert officer(case) == wang

    def test_not_yours(self, client, general_record, market_bureau, alice, wang, li, outsider, sun):
        case = submitted(general_record, market_bureau, alice)
        for person in (outsider, li, sun):
            client.force_login(person)
            assert put(client, case, wang).status_code == 404, person
        client.force_login(li)
        page = client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])).content.decode()
        assert "保存承办人" not in page
        assert officer(case) is None

    def test_the_head_hands_out(self, client, general_record, market_bureau, alice, wang, zhao):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(zhao)
        put(client, case, wang)
        assert officer(case) == wang

    def test_wrong_state(self, client, general_record, market_bureau, alice, wang, li, zhao):
        case = granted(general_record, market_bureau, alice, wang, li, zhao)
        client.force_login(zhao)
        assert "没有需要承办的环节" in put(client, case, zhao).content.decode()
        with pytest.raises(services.NotReady, match="没有需要承办的环节"):
            assign(case, zhao, zhao)

    def test_bad_input(self, client, general_record, market_bureau, alice, wang, li, outsider):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(wang)
        for person in (li, outsider, alice):
            assert "承办人没有改变" in put(client, case, person).content.decode()
        assert client.get(reverse("admin:repairs_officer", args=[case.pk])).status_code == 405
        assert officer(case) is None


def test_whoever_never_set_a_password_is_not_offered_as_officer(
    client, general_record, market_bureau, alice, wang, ma
):
    case = submitted(general_record, market_bureau, alice)
    ma.set_unusable_password()
    ma.save()
    client.force_login(wang)
    page = text(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))
    assert wang.name in page.partition('name="officer"')[2] and ma.name not in page
    put(client, case, ma)
    assert officer(case) is None
