"""Why: the stored assessments of a case, asked again, shown as a tree and as JSON."""

import json
from datetime import date

import pytest
import time_machine

from applications.policies.selectors import policy_by_digest
from applications.repairs.assessing import reassess
from applications.repairs.models import StoredAssessment
from tests.fixtures import make_record, moment
from tests.pages import text
from tests.policies.test_rules_of_units import confirmed
from tests.repairs.steps import granted, refused, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_25th():
    with time_machine.travel(moment("2026-11-25 15:00"), tick=False):
        yield


def as_bytes(content):
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()


class TestAskedAgain:
    def test_the_stored_answer_comes_out_byte_for_byte(
        self, general_record, serious_record, market_bureau, alice, wang, li, zhao, monkeypatch
    ):
        granted(general_record, market_bureau, alice, wang, li, zhao)
        refused(serious_record, market_bureau, alice, wang, li, zhao)
        # The files may have changed since: neither they nor what the process remembers are asked.
        monkeypatch.setattr("rules.policy.load_policies", lambda: ())
        monkeypatch.setattr("applications.policies.selectors._restored", {})
        stored = list(StoredAssessment.objects.all())
        assert len(stored) == 4
        for each in stored:
            assert as_bytes(reassess(each).to_json()) == as_bytes(each.assessment)

    def test_also_under_a_units_own_rules(self, acme, market_bureau, alice, wang, li, zhao, monkeypatch):
        confirmed(market_bureau, zhao)
        record = make_record(acme, market_bureau)
        with time_machine.travel(moment("2026-12-02 10:00"), tick=False):
            submitted(record, market_bureau, alice, at="2026-12-02 10:00")
        monkeypatch.setattr("applications.policies.selectors._restored", {})
        stored = StoredAssessment.objects.get()
        assert stored.policy == "jiangsu-2020-4+nj-scjg-1"
        again = reassess(stored)
        assert as_bytes(again.to_json()) == as_bytes(stored.assessment)
        # 5 months from 2026-05-01: the last day is 2026-10-01.
        assert again.finding("minimum_period").earliest_on == date(2026, 10, 2)
        assert again.policy.digest == stored.policy_version
        assert policy_by_digest(stored.policy_version).clocks["decision"].working_days == 4


class TestPages:
    def test_the_applicant_reads_clause_sentence_fact_and_remedy(
        self, client, general_record, market_bureau, alice, wang, li, zhao
    ):
        case = refused(general_record, market_bureau, alice, wang, li, zhao)
        client.force_login(alice)
        page = text(client.get(f"/a/{case.number}/"))
        assert "决定时的规则核对" in page and "提交时的规则核对" in page
        assert "依据苏信用发〔2020〕4号，按 2026年11月25日 的情况判断。" in page
        assert "第四条" in page and "第六条" in page
        assert "法定责任和义务：罚款（尚未履行完毕）" in page
        assert "信用承诺：2026年11月20日签署，同意公开" in page
        assert "处罚种类：罚款；所涉领域：没有" in page
        assert "可以怎样做：" in page

    def test_in_english(self, client, general_record, market_bureau, alice):
        case = submitted(general_record, market_bureau, alice)
        client.force_login(alice)
        page = text(client.get(f"/a/{case.number}/", headers={"accept-language": "en"}))
        assert "One may apply" in page and "Article 4: " in page
        # Who reads English is not told it twice, and what was done is told as done.
        assert "In English" not in page
        assert "Application submitted" in page and "Submit the application" not in page

    def test_as_data_for_whoever_sees_the_case(
        self, client, general_record, market_bureau, alice, bob, charlie, wang, outsider
    ):
        case = submitted(general_record, market_bureau, alice)
        address = f"/a/{case.number}/explanations.json"
        assert client.get(address).status_code == 302
        for person in (alice, bob, wang):
            client.force_login(person)
            (told,) = client.get(address).json()
            assert (told["stage"], told["outcome"]) == ("submission", "eligible")
            assert told["clauses"][0]["reasons"][0]["facts"][0]["value"] == "320100"
        for person in (charlie, outsider):
            client.force_login(person)
            assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)

    def test_a_draft_has_nothing_to_explain_yet(self, client, general_record, market_bureau, alice):
        from applications.repairs.services import start_case

        case = start_case(
            record=general_record, organ=market_bureau, applicant=alice, at=moment("2026-11-25 09:00")
        )
        client.force_login(alice)
        assert client.get(f"/a/{case.number}/explanations.json").json() == []

    def test_officers_see_the_tree_once_the_review_is_done(
        self, client, general_record, market_bureau, alice, wang, li, zhao
    ):
        case = granted(general_record, market_bureau, alice, wang, li, zhao)
        client.force_login(zhao)
        page = text(client.get(f"/admin/repairs/repaircase/{case.pk}/change/"))
        assert "保存的核对结果" in page and "决定时的规则核对" in page
        assert 'class="explanation-tree"' in page
        assert "Article 4: " in page.split('<details lang="en">')[1]
