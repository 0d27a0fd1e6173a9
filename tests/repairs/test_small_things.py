"""Small things that people stumbled over: what reads alike, leads nowhere, or is said twice."""

import re

import pytest
from django.urls import reverse

from applications.accounts.models import Role
from applications.records.fields import OBLIGATIONS, for_form, read_changes
from applications.records.models import Obligation
from applications.repairs import services
from applications.repairs.assessing import duties_of
from applications.repairs.models import RepairCase
from tests.fixtures import TODAY, make_record, make_user, moment
from tests.pages import one_line, text
from tests.repairs.steps import granted, joined, prepared, refused, submitted
from tests.repairs.test_revocations import proposed

pytestmark = pytest.mark.django_db
ONE, TWO = "向110101197403070011赔偿", "向110101198203070011赔偿"


class TestDutiesThatReadAlike:
    @pytest.fixture
    def record(self, general_record):
        general_record.obligations.all().delete()
        Obligation.objects.bulk_create(
            Obligation(record=general_record, name=name) for name in (ONE, TWO, "罚款")
        )
        return general_record

    def test_each_has_its_ordinal(self, record, market_bureau, alice, wang):
        names = duties_of(RepairCase(record=record))
        assert names[0].endswith("赔偿·1") and names[1].endswith("赔偿·2") and names[2] == "罚款"
        assert not any("0307" in name for name in names)

    def test_one_alone_has_none(self, record):
        record.obligations.get(name=TWO).delete()
        assert "·" not in str(record.obligations.get(name=ONE))

    def test_the_form_that_comes_back_changes_nothing(self, record):
        values, faults = read_changes(record, {OBLIGATIONS: for_form(record, OBLIGATIONS)}, TODAY.date())
        assert not faults
        assert [duty.name for duty in values[OBLIGATIONS]] == [ONE, TWO, "罚款"]


class TestApplyingAgain:
    @pytest.fixture
    def case(self, general_record, market_bureau, alice, wang, li, zhao):
        return refused(general_record, market_bureau, alice, wang, li, zhao)

    def page(self, client, case):
        return text(client.get(reverse("repairs:status", args=[case.number])))

    def test_the_way_is_there_while_none_is_open_and_leads_to_the_open_one_else(
        self, client, case, general_record, market_bureau, alice
    ):
        client.force_login(alice)
        start = reverse("repairs:start", args=[general_record.pk])
        assert "重新申请</a>" in self.page(client, case) and start in self.page(client, case)
        other = services.start_case(
            record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-27 10:00")
        )
        page = self.page(client, case)
        assert start not in page and "重新申请</a>" not in page
        assert f"这条信息的另一次申请 {other.number}（" in page
        assert reverse("repairs:status", args=[other.number]) in page


def test_the_head_of_an_organ_begins_with_its_open_cases(client, general_record, market_bureau, alice):
    case = submitted(general_record, market_bureau, alice)
    head = make_user("head@example.com", "何负责", market_bureau, Role.SUPERVISOR)
    client.force_login(head)
    page = one_line(client.get(reverse("admin:repairs_repaircase_changelist")))
    assert case.number in page and "待我办理" in page


def test_an_officer_begins_with_what_waits_for_them(client, general_record, market_bureau, alice, li):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(li)
    page = one_line(client.get(reverse("admin:repairs_repaircase_changelist")))
    assert case.number not in page


def test_no_step_of_the_way_is_named_twice(client, general_record, market_bureau, alice, wang, li, zhao):
    proposal = proposed(granted(general_record, market_bureau, alice, wang, li, zhao), li)
    client.force_login(zhao)
    page = text(client.get(reverse("admin:repairs_revocationproposal_change", args=[proposal.pk])))
    way = re.search(r'<div class="breadcrumbs">(.*?)</div>', page, re.S)[1]
    steps = [re.sub(r"<[^>]+>", "", each).strip() for each in way.split("›")]
    assert len(set(steps)) == len(steps) == 3


def test_who_never_set_a_password_is_given_no_case(client, general_record, market_bureau, alice, wang):
    case = submitted(general_record, market_bureau, alice)
    new = make_user("new@example.com", "新来", market_bureau, Role.INTAKE)
    new.set_unusable_password()
    new.save()
    client.force_login(wang)
    assert "新来" not in one_line(client.get(reverse("admin:repairs_repaircase_change", args=[case.pk])))
    with pytest.raises(services.NotReady, match="新来现在不能承办"):
        services.assign_case(case=case, officer=new, actor=wang, at=moment("2026-11-23 09:00"))


def test_what_is_grave_looks_grave(client, general_record, market_bureau, alice, wang, li, zhao):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    page = text(client.get(reverse("admin:repairs_step", args=[case.pk, "decline"])))
    assert re.search(r'step-danger" type="submit" name="take"', page)


def test_a_draft_says_on_which_day_it_was_saved(client, general_record, acme, market_bureau, alice):
    case = prepared(general_record, market_bureau, alice, "2026-11-20 14:05")
    client.force_login(alice)
    said = "自动保存于 2026年11月20日 14:05。"
    assert said in text(client.get(reverse("repairs:tasks", args=[case.number])))
    other = make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕99号")
    joined(case, other, market_bureau, alice, moment("2026-11-20 14:05"))
    assert said in text(client.get(reverse("repairs:filing", args=[case.filing_id])))
