"""The officers' queue as its pages: lists of one's own and of the organ, filters that are kept, handing over, going on."""

import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from applications.accounts.models import Absence, Role, SavedFilter
from applications.ledger.models import Event
from applications.repairs import services, steps
from applications.repairs.models import RepairCase
from tests.fixtures import make_record, make_user, moment
from tests.repairs.steps import submitted

pytestmark = pytest.mark.django_db

QUEUE = "/admin/repairs/repaircase/"


@pytest.fixture
def ma(market_bureau):
    """Takes in, as wang does."""
    return make_user("ma@example.com", "马受理", market_bureau, Role.INTAKE)


@pytest.fixture
def three(acme, market_bureau, alice) -> list[RepairCase]:
    """Handed in on the 18th, 19th and 20th: due on Monday the 23rd, which is today, Tuesday and Wednesday."""
    records = [
        make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{n}号") for n in (1, 2, 3)
    ]
    return [
        submitted(record, market_bureau, alice, f"2026-11-{day} 10:00")
        for record, day in zip(records, (18, 19, 20), strict=True)
    ]


def text(response) -> str:
    """What one reads, with one space where there is any."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def page(client, person, path=QUEUE, **query) -> str:
    client.force_login(person)
    response = client.get(path, query)
    assert response.status_code == 200, response
    return text(response)


def numbers(shown: str) -> list[str]:
    return re.findall(r"\bXF-\d+-\d{4}-\d{6}-\d\b", shown)


def assign(case, person):
    services.assign_case(case=case, officer=person, actor=person, at=moment("2026-11-23 09:00"))


class TestLists:
    def test_counts_are_the_lengths_of_ones_own_lists_and_of_the_organs(self, client, three, wang, ma):
        assign(three[0], wang)
        shown = page(client, wang)
        for words in ("待我办理 3", "我的今天到期 1", "由我承办 1", "本单位办理中 3", "本单位今天到期 1"):
            assert words in shown
        shown = page(client, ma)
        for words in ("待我办理 2", "我的今天到期 0", "由我承办 0", "本单位办理中 3", "本单位今天到期 1"):
            assert words in shown
        assert numbers(page(client, ma, queue="mine")) == [three[1].number, three[2].number]
        assert numbers(page(client, ma, queue="mine_today")) == []

    def test_the_first_page_names_both(self, client, three, wang, ma):
        assign(three[0], wang)
        shown = page(client, ma, "/admin/")
        for words in ("2 待我办理", "0 我的今天到期", "0 由我承办", "1 本单位今天到期"):
            assert words in shown, shown

    def test_a_department_has_no_cases_of_its_own_and_begins_with_what_is_open(self, client, three, sun):
        shown = page(client, sun)
        assert "待我办理" not in shown and "由我承办" not in shown
        assert len(numbers(shown)) == 3

    def test_of_an_officer_or_of_nobody(self, client, three, wang, ma):
        assign(three[0], wang)
        assert numbers(page(client, ma, queue="open", in_charge=wang.pk)) == [three[0].number]
        assert numbers(page(client, ma, queue="open", in_charge="none")) == [three[1].number, three[2].number]
        client.force_login(ma)
        assert "筛选条件" in text(client.get(QUEUE, {"in_charge": "x"}, follow=True))

    def test_from_a_day_to_a_day(self, client, three, wang):
        shown = page(client, wang, due_on__gte="2026-11-24", due_on__lte="2026-11-25")
        assert numbers(shown) == [three[1].number, three[2].number]
        assert numbers(page(client, wang, due_on__lte="2026-11-24")) == [three[0].number, three[1].number]
        for wrong in ("2026-13-01", "gestern", "0001-01-01"):
            client.force_login(wang)
            assert "筛选条件" in text(client.get(QUEUE, {"due_on__gte": wrong}, follow=True)), wrong


class TestSavedFilters:
    def keep(self, client, person, **data):
        client.force_login(person)
        return client.post(reverse("admin:repairs_repaircase_filters"), data, follow=True)

    def test_kept_under_a_name_opened_again_and_dropped(self, client, three, wang, ma):
        query = "queue=open&due_on__lte=2026-11-24&q=320102199001011234&p=2"
        answer = self.keep(client, wang, name="本周急件", query=query)
        assert "筛选“本周急件”已保存。" in text(answer)
        assert numbers(text(answer)) == [three[0].number, three[1].number]
        saved = SavedFilter.objects.get()
        assert saved.query == "due_on__lte=2026-11-24&queue=open", "nothing that was searched, and no page"
        assert "本周急件" in page(client, wang) and "本周急件" in page(client, wang, "/admin/")
        assert "本周急件" not in page(client, ma), "it is wang's own"

        self.keep(client, ma, drop=saved.pk)
        assert SavedFilter.objects.exists(), "not another's to drop"
        self.keep(client, wang, drop=saved.pk)
        assert not SavedFilter.objects.exists()

    def test_the_same_name_again_replaces_it(self, client, wang):
        self.keep(client, wang, name="一", query="queue=open")
        self.keep(client, wang, name="一", query="queue=closed")
        assert SavedFilter.objects.get().query == "queue=closed"

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ({"name": " ", "query": "queue=open"}, "没有保存：请给这组筛选起一个20个字以内的名称。"),
            ({"name": "很" * 21, "query": "queue=open"}, "没有保存：请给这组筛选起一个20个字以内的名称。"),
            ({"name": "长", "query": "queue=" + "x" * 400}, "没有保存：筛选条件太长"),
        ],
    )
    def test_bad_input(self, client, wang, data, said):
        assert said in text(self.keep(client, wang, **data))
        assert not SavedFilter.objects.exists()

    def test_not_more_than_one_looks_through(self, client, wang):
        for n in range(20):
            SavedFilter.objects.create(
                user=wang, page="repairs_repaircase", name=f"第{n}", query="queue=open"
            )
        assert "最多保存20组" in text(self.keep(client, wang, name="又一组", query="queue=open"))

    def test_an_address_opens_nothing(self, client, wang):
        client.force_login(wang)
        assert client.get(reverse("admin:repairs_repaircase_filters")).status_code == 405


class TestHandingOver:
    def choose(self, client, person, cases):
        client.force_login(person)
        data = {"action": "hand_over", "_selected_action": [case.pk for case in cases]}
        return client.post(f"{QUEUE}?queue=open", data)

    def give(self, client, person, cases, officer):
        client.force_login(person)
        address = f"{reverse('admin:repairs_hand_over')}?cases={','.join(str(case.pk) for case in cases)}"
        return text(client.post(address, {"officer": officer.pk} if officer else {"back": ""}, follow=True))

    def test_all_of_somebodys_cases_to_a_colleague(self, client, three, wang, ma, zhao):
        for case in three:
            assign(case, wang)
        leads = self.choose(client, zhao, three)
        assert leads.status_code == 302
        shown = text(client.get(leads.url))
        assert "指定承办人（3件）" in shown and numbers(shown) == [case.number for case in three]
        assert "3件改由马受理承办。" in self.give(client, zhao, three, ma)
        assert {case.officer for case in RepairCase.objects.all()} == {ma}
        assert Event.objects.filter(verb="repair.assigned", actor=zhao).count() == 3
        assert "3件原来就是这样，没有改变。" in self.give(client, zhao, three, ma)
        assert "3件退回本岗全体。" in self.give(client, zhao, three, None)

    def test_one_that_cannot_be_handed_over_hinders_no_other(self, client, three, wang, ma, li):
        steps.accept_case(case=three[0], actor=wang, at=moment("2026-11-23 09:30"))
        said = self.give(client, wang, three, ma)
        assert f"{three[0].number}没有改变：现在不轮到您的岗位。" in said
        assert "2件改由马受理承办。" in said
        assert RepairCase.objects.filter(officer=ma).count() == 2
        assert "李审查现在不能承办" in self.give(client, wang, three[1:2], li)

    def test_by_whoever_s_turn_it_is(self, client, three, wang, ma, li):
        assert f"{three[0].number}没有改变：现在不轮到您的岗位。" in self.give(client, li, three[:1], ma)

    def test_not_of_another_organ_nor_by_a_department(self, client, three, wang, outsider, sun):
        address = f"{reverse('admin:repairs_hand_over')}?cases={three[0].pk}"
        for stranger in (outsider, sun):
            client.force_login(stranger)
            assert client.get(address).status_code == 404
            assert client.post(address, {"officer": ""}).status_code == 404

    def test_bad_input(self, client, three, wang, outsider):
        client.force_login(wang)
        for cases in ("", "x", "9" * 40, "999999"):
            address = f"{reverse('admin:repairs_hand_over')}?cases={quote(cases)}"
            assert client.get(address).status_code == 404, cases
        address = f"{reverse('admin:repairs_hand_over')}?cases={three[0].pk}"
        assert client.post(address, {"officer": outsider.pk}).status_code == 200
        assert "请选择交给谁" in text(client.post(address, {"officer": ""}))
        assert RepairCase.objects.filter(officer=None).count() == 3

    def test_not_too_many_at_once(self, client, three, wang, monkeypatch):
        monkeypatch.setattr("applications.repairs.admin_handing.MOST_AT_ONCE", 2)
        self.choose(client, wang, three)
        assert "一次最多指定2件" in text(client.get(QUEUE))


class TestGoingOn:
    def decline(self, client, case, queue):
        address = reverse("admin:repairs_step", args=[case.pk, "accept"])
        return client.post(f"{address}?queue={queue}", {"version": case.version}, follow=True)

    def test_after_an_act_the_next_of_the_same_queue_is_a_click_away(self, client, three, wang):
        rows = client.force_login(wang) or client.get(QUEUE).content.decode()
        assert f'href="{QUEUE}{three[0].pk}/change/?queue=mine"' in rows
        shown = client.get(f"{QUEUE}{three[1].pk}/change/?queue=mine").content.decode()
        assert f'href="{QUEUE}{three[1].pk}/step/accept/?queue=mine"' in shown

        said = self.decline(client, three[1], "mine")
        assert f"“待我办理”下一件：{three[2].number}" in text(said)
        assert f'href="{QUEUE}{three[2].pk}/change/?queue=mine"' in said.content.decode()
        # Behind the last one the queue begins anew with what was passed over.
        assert f"“待我办理”下一件：{three[0].number}" in text(self.decline(client, three[2], "mine"))
        assert "“待我办理”中没有其他办件" in text(self.decline(client, three[0], "mine"))

    def test_another_queue_is_another_next(self, client, three, wang):
        client.force_login(wang)
        assert "“本单位今天到期”中没有其他办件" in text(self.decline(client, three[0], "today"))

    def test_from_a_mail_it_is_ones_own_queue(self, client, three, wang):
        client.force_login(wang)
        assert f"“待我办理”下一件：{three[1].number}" in text(self.decline(client, three[0], "nothing"))


class TestAbsences:
    ADD = "/admin/accounts/absence/add/"

    def data(self, person, cover, first="2026-11-23", last="2026-11-27"):
        return {"user": person.pk, "cover": cover.pk, "first_on": first, "last_on": last}

    def test_registered_shown_and_ended(self, client, three, wang, ma):
        assign(three[0], wang)
        client.force_login(wang)
        client.post(self.ADD, self.data(wang, ma))
        absence = Absence.objects.get()
        assert (absence.user, absence.cover, absence.made_by) == (wang, ma, wang)
        assert "由马受理代办；代办人不能承办的，由本岗其他人员办理" in page(client, wang, "/admin/")
        assert "王受理离岗至2026-11-27，由您代办" in page(client, ma, "/admin/")
        assert "代办中" in page(client, ma, "/admin/accounts/absence/")
        assert len(numbers(page(client, ma))) == 3 and numbers(page(client, wang)) == []

        data = {"action": "end", "_selected_action": [absence.pk]}
        client.post("/admin/accounts/absence/", data)
        assert "已提前结束" in page(client, wang, "/admin/accounts/absence/")
        assert len(numbers(page(client, wang))) == 3

    def test_a_head_registers_for_others_and_others_only_for_themselves(self, client, wang, ma, zhao, li):
        client.force_login(ma)
        refused = client.post(self.ADD, self.data(wang, ma))
        assert refused.status_code == 200 and not Absence.objects.exists()
        client.force_login(zhao)
        client.post(self.ADD, self.data(wang, ma))
        assert Absence.objects.get().made_by == zhao
        # Neither the person, nor who stands in, nor the head.
        client.force_login(li)
        said = client.post(
            "/admin/accounts/absence/",
            {"action": "end", "_selected_action": [Absence.objects.get().pk]},
            follow=True,
        )
        assert "由本人、代办人或者本单位负责人结束" in text(said)
        assert Absence.objects.get().ended_at is None

    def test_what_is_wrong_is_said_on_the_form(self, client, wang, ma, li):
        client.force_login(wang)
        assert "末日不能早于首日" in text(client.post(self.ADD, self.data(wang, ma, last="2026-11-20")))
        assert "至少有一个相同的岗位" in text(client.post(self.ADD, self.data(wang, li)))
        assert not Absence.objects.exists()
