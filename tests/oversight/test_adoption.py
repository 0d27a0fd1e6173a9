"""The law changes without a line of code: tried, proposed by one person, approved by another, applied by day."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.accounts.four_eyes import NotProposed
from applications.ledger.models import Event
from applications.notifications.models import Message
from applications.oversight.models import ReplayRun
from applications.oversight.tasks import run_replays
from applications.policies import services
from applications.policies.models import PolicyAdoption
from applications.policies.selectors import policy_in_force
from applications.repairs.assessing import assess_case, reassess
from applications.repairs.models import StoredAssessment
from rules.errors import InputError
from rules.policy import get_policy
from tests.fixtures import make_record, moment
from tests.pages import text
from tests.policies.test_rules_of_units import confirmed
from tests.policies.texts import LONGER, SHORTER, new_policy, policy_text
from tests.repairs.steps import prepared, submitted

pytestmark = pytest.mark.django_db

AT = moment("2026-11-23 10:00")
NEW_YEAR = date(2027, 1, 1)
REPORT = {"totals": {}, "moves": [], "articles": []}


@pytest.fixture(autouse=True)
def on_the_23rd():
    with time_machine.travel(AT, tick=False):
        yield


def proposed(actor, policy=None, starts_on=NEW_YEAR):
    return services.propose_adoption(
        policy=policy or new_policy(LONGER), starts_on=starts_on, replay=REPORT, actor=actor, at=AT
    )


class TestByDay:
    def test_it_applies_from_its_day_and_a_later_one_replaces_it(self, zheng, feng):
        services.approve_adoption(adoption=proposed(zheng), actor=feng, at=AT)
        assert policy_in_force(on=date(2026, 12, 31)).id == "jiangsu-2020-4"
        assert policy_in_force(on=NEW_YEAR).id == "jiangsu-2027-9"
        later = new_policy(SHORTER, policy_id="jiangsu-2027-20")
        services.approve_adoption(
            adoption=proposed(feng, later, date(2027, 6, 1)), actor=zheng, at=moment("2026-11-24 09:00")
        )
        assert policy_in_force(on=date(2027, 5, 31)).id == "jiangsu-2027-9"
        assert policy_in_force(on=date(2027, 6, 1)).id == "jiangsu-2027-20"
        # The former law can be taken up again, from a later day.
        again = proposed(zheng, get_policy("jiangsu-2020-4"), date(2027, 9, 1))
        services.approve_adoption(adoption=again, actor=feng, at=AT)
        assert policy_in_force(on=date(2027, 8, 31)).id == "jiangsu-2027-20"
        assert policy_in_force(on=date(2027, 9, 1)).id == "jiangsu-2020-4"

    def test_a_proposal_alone_changes_nothing(self, zheng):
        proposed(zheng)
        assert policy_in_force(on=NEW_YEAR).id == "jiangsu-2020-4"

    def test_a_case_follows_the_policy_of_the_day_of_the_step(
        self, serious_record, market_bureau, alice, wang, zheng, feng
    ):
        from applications.repairs import steps as repairs

        services.approve_adoption(adoption=proposed(zheng), actor=feng, at=AT)
        case = submitted(serious_record, market_bureau, alice)
        stored = StoredAssessment.objects.get()
        assert (stored.policy, stored.assessment["outcome"]) == ("jiangsu-2020-4", "eligible")
        # Twelve months from 2026-03-02 end on 2027-03-02.
        assert assess_case(case, date(2026, 12, 31)).outcome == "eligible"
        assert assess_case(case, NEW_YEAR).earliest_on == date(2027, 3, 3)
        # What was stored stays what it was.
        assert reassess(stored).to_json() == stored.assessment
        repairs.accept_case(case=case, actor=wang, at=moment("2026-12-31 10:00"))

    def test_clocks_follow_it_too(self, general_record, market_bureau, alice, wang, zheng, feng):
        from applications.deadlines.selectors import clocks_of
        from applications.repairs import steps as repairs

        quicker = new_policy(("[clocks.decision]\nworking_days = 7", "[clocks.decision]\nworking_days = 5"))
        services.approve_adoption(adoption=proposed(zheng, quicker), actor=feng, at=AT)
        case = submitted(general_record, market_bureau, alice)
        repairs.accept_case(case=case, actor=wang, at=moment("2027-01-05 10:00"))
        clock = clocks_of(case.number).get(kind="decision")
        assert (clock.working_days, clock.article) == (5, "九")

    def test_rules_based_on_the_former_policy_apply_no_more(self, market_bureau, zhao, zheng, feng):
        confirmed(market_bureau, zhao)
        services.approve_adoption(adoption=proposed(zheng), actor=feng, at=AT)
        assert policy_in_force(on=date(2026, 12, 31), unit=market_bureau).id == "jiangsu-2020-4+nj-scjg-1"
        assert policy_in_force(on=NEW_YEAR, unit=market_bureau).id == "jiangsu-2027-9"


class TestTwoPersons:
    def test_the_proposer_does_not_approve(self, zheng):
        adoption = proposed(zheng)
        with pytest.raises(PermissionDenied):
            services.approve_adoption(adoption=adoption, actor=zheng, at=AT)
        with pytest.raises(PermissionDenied):
            services.reject_adoption(adoption=adoption, reason="改", actor=zheng, at=AT)
        # Nor does the database let it happen.
        with pytest.raises(IntegrityError), transaction.atomic():
            PolicyAdoption.objects.update(state="approved", decided_by=zheng, decided_at=AT)

    @pytest.mark.parametrize("person", ["sun", "zhao", "outsider", "alice"])
    def test_nobody_below_the_province_adopts(self, request, zheng, person):
        other = request.getfixturevalue(person)
        with pytest.raises(PermissionDenied):
            proposed(other)
        with pytest.raises(PermissionDenied):
            services.approve_adoption(adoption=proposed(zheng), actor=other, at=AT)

    def test_it_is_decided_once_and_written_down(self, zheng, feng):
        adoption = proposed(zheng)
        assert Message.objects.filter(recipient=feng, subject__contains="请复核").exists()
        services.approve_adoption(adoption=adoption, actor=feng, at=AT)
        with pytest.raises(NotProposed, match="已采用"):
            services.reject_adoption(adoption=adoption, reason="改", actor=feng, at=AT)
        events = Event.objects.filter(chain=f"adoption-{adoption.pk}").order_by("position")
        assert [(event.verb, event.actor_id) for event in events] == [
            ("policy.proposed", zheng.pk),
            ("policy.adopted", feng.pk),
        ]

    def test_a_page_says_so_in_words_and_not_by_the_name_of_a_field(self, client, zheng, feng):
        adoption = proposed(zheng)
        with time_machine.travel(moment("2027-01-04 10:00"), tick=False):
            client.force_login(feng)
            page = client.post(f"/oversight/adoptions/{adoption.pk}/approve/", follow=True).content.decode()
        assert "应晚于今天" in page and "starts_on" not in page

    def test_a_day_that_has_come_meanwhile_is_refused(self, zheng, feng):
        adoption = proposed(zheng)
        with pytest.raises(InputError, match="应晚于今天"):
            services.approve_adoption(adoption=adoption, actor=feng, at=moment("2027-01-01 08:00"))


class TestWhatCannotBeAdopted:
    def test_what_is_not_known_decides_nothing(self, zheng):
        with pytest.raises(InputError, match="“共享决定”的期限不明"):
            proposed(zheng, get_policy("ndrc-2026-36"))

    @pytest.mark.parametrize(
        "changes, starts_on, said",
        [
            ((), date(2026, 11, 23), "应晚于今天"),
            ((), date(2026, 12, 31), "不在该政策的施行期间内"),
            ((('region_prefix = "32"', 'region_prefix = "33"'),), NEW_YEAR, "不包括江苏省"),
        ],
    )
    def test_bad_input(self, zheng, changes, starts_on, said):
        with pytest.raises(InputError, match=said):
            proposed(zheng, new_policy(*changes), starts_on)

    def test_what_applies_already_and_an_id_of_another_text(self, zheng, feng):
        with pytest.raises(InputError, match="本来就适用"):
            proposed(zheng, get_policy("jiangsu-2020-4"))
        services.approve_adoption(adoption=proposed(zheng), actor=feng, at=AT)
        with pytest.raises(InputError, match="已用于另一文本"):
            proposed(zheng, new_policy(SHORTER), date(2027, 2, 1))
        proposed(zheng, new_policy(SHORTER, policy_id="jiangsu-2027-20"), date(2027, 2, 1))
        with pytest.raises(InputError, match="正等待复核"):
            proposed(feng, new_policy(SHORTER, policy_id="jiangsu-2027-20"), date(2027, 2, 1))


class TestPages:
    def test_tried_proposed_approved(self, client, serious_record, market_bureau, alice, zheng, feng):
        case = submitted(serious_record, market_bureau, alice)
        client.force_login(zheng)
        assert "重评一个政策" in text(client.get("/oversight/policies/"))
        answer = client.post("/oversight/policies/try/", {"text": policy_text(LONGER)})
        run = ReplayRun.objects.get()
        assert answer.url == f"/oversight/replays/{run.pk}/"
        page = text(client.get(answer.url))
        assert "等待开始" in page and "data-refresh" in page and "提请采用" not in page
        run_replays()
        page = text(client.get(answer.url))
        assert "苏信用发〔2027〕9号第五条" in page and "可以申请 → 尚不能申请：1" in page
        assert "data-refresh" not in page
        rows = b"".join(client.get(f"/oversight/replays/{run.pk}/affected.csv").streaming_content)
        assert case.number in rows.decode()
        assert Event.objects.filter(verb="replay.downloaded", actor=zheng).exists()
        page = text(client.post(answer.url, {"starts_on": "2026-11-23"}))
        assert "<title>错误：" in page and "应晚于今天" in page and 'value="2026-11-23"' in page
        page = text(client.post(answer.url, {"starts_on": "2027-01-01"}, follow=True))
        assert "提出人不能复核自己的提议" in page and "同意采用" not in page
        adoption = PolicyAdoption.objects.get()
        approve = reverse("oversight:approve", args=[adoption.pk])
        assert client.post(approve).status_code == 404
        client.force_login(feng)
        page = text(client.get(f"/oversight/adoptions/{adoption.pk}/"))
        assert "同意采用" in page and "可以申请 → 尚不能申请：1" in page and "最短期限12个月" in page
        page = text(client.post(approve, follow=True))
        assert "已采用，自2027年1月1日起适用。" in page
        assert "复核，这项提议已采用，不能再次复核。" in text(client.post(approve, follow=True))
        assert policy_in_force(on=NEW_YEAR).id == "jiangsu-2027-9"

    def test_rejecting_needs_a_reason(self, client, zheng, feng):
        adoption = proposed(zheng)
        PolicyAdoption.objects.update(replay={"totals": {}, "moves": [], "articles": []})
        client.force_login(feng)
        reject = reverse("oversight:reject", args=[adoption.pk])
        answer = client.post(reject, {"reason": " "})
        assert answer.status_code == 422 and "<title>错误：" in text(answer)
        assert "已驳回：第五条待商" in text(client.post(reject, {"reason": "第五条待商"}, follow=True))
        assert Message.objects.filter(recipient=zheng, subject__contains="已驳回").exists()

    def test_bad_input_is_named_and_kept(self, client, zheng):
        client.force_login(zheng)
        page = text(client.post("/oversight/policies/try/", {"text": "id = \n", "since": "2026-13-01"}))
        assert "不是有效的 TOML" in page and 'value="2026-13-01"' in page
        assert "二者选一" in text(client.post("/oversight/policies/try/", {}))
        both = {"shipped": "ndrc-2026-36", "text": policy_text()}
        assert "二者选一" in text(client.post("/oversight/policies/try/", both))
        broken = policy_text(("amount = 3", "amount = 0"))
        assert "severities.general.minimum.amount" in text(
            client.post("/oversight/policies/try/", {"text": broken})
        )
        assert not ReplayRun.objects.exists()

    def test_a_partial_replay_or_a_policy_with_gaps_is_no_ground_for_a_proposal(self, client, zheng):
        client.force_login(zheng)
        client.post("/oversight/policies/try/", {"text": policy_text(), "since": "2026-11-01"})
        client.post("/oversight/policies/try/", {"shipped": "ndrc-2026-36"})
        run_replays()
        partial, gaps = ReplayRun.objects.order_by("pk")
        assert "应当看全部" in text(client.get(f"/oversight/replays/{partial.pk}/"))
        assert "还不能采用" in text(client.get(f"/oversight/replays/{gaps.pk}/"))
        for run in (partial, gaps):
            page = text(
                client.post(f"/oversight/replays/{run.pk}/", {"starts_on": "2027-01-01"}, follow=True)
            )
            assert "不能作为提请采用的依据" in page
        assert not PolicyAdoption.objects.exists()

    def test_a_citys_department_reads_and_does_not_act(self, client, zheng, sun):
        adoption = proposed(zheng)
        client.force_login(sun)
        assert client.get(f"/oversight/adoptions/{adoption.pk}/").status_code == 200
        page = text(client.get("/oversight/policies/"))
        assert "苏信用发〔2027〕9号" in page and "重评一个政策" not in page
        assert client.get("/oversight/policies/try/").status_code == 404
        assert client.post(reverse("oversight:approve", args=[adoption.pk])).status_code == 404

    @pytest.mark.parametrize("person", ["zhao", "qian", "alice"])
    def test_for_everybody_else_there_is_no_such_page(self, client, request, zheng, person):
        adoption = proposed(zheng)
        pages = ["/oversight/policies/", f"/oversight/adoptions/{adoption.pk}/", "/oversight/replays/1/"]
        assert client.get(pages[0]).status_code == 302
        client.force_login(request.getfixturevalue(person))
        for page in pages:
            assert client.get(page).status_code == 404


def test_a_draft_is_checked_by_the_policy_of_the_day(acme, market_bureau, alice, zheng, feng):
    services.approve_adoption(adoption=proposed(zheng), actor=feng, at=AT)
    record = make_record(acme, market_bureau, severity="serious", decided_on=date(2026, 5, 20))
    case = prepared(record, market_bureau, alice)
    # Six months from 2026-05-20 end on 2026-11-20; twelve on 2027-05-20.
    assert assess_case(case, date(2026, 11, 23)).outcome == "eligible"
    assert assess_case(case, NEW_YEAR).earliest_on == date(2027, 5, 21)
