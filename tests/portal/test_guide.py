"""The guide: the whole Notice in plain words, with the numbers of the policies and of nowhere else."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import time_machine
from django.conf import settings

from rules.policy import policy_for
from tests.fixtures import moment

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    def read() -> str:
        response = client.get("/guide/")
        assert response.status_code == 200
        return response.content.decode()

    return read


def test_it_tells_conditions_materials_procedure_and_objection(page):
    text = page()
    for words in (
        "自认定之日起不少于3个月",
        "自认定之日起不少于6个月",
        "最长公示期限为1年",
        "最长公示期限为3年",
        "受理：3个工作日（第八条）",
        "决定：自受理之日起7个工作日（第九条）",
        "共享：自决定之日起2个工作日（第十一条）",
        "异议处理：自收到异议申请之日起5个工作日（第十三条）",
        "信用修复承诺书",
        "信用修复表",
        "信用修复培训证书",
        "信用修复不收费，不需要中介",
    ):
        assert words in text, words


def test_article_6_is_whole(page):
    section = page().split('id="bars"')[1].split('id="materials"')[0]
    assert section.count("<li>") == 6 + 17
    for words in (
        "责令停产停业",
        "吊销许可证（件）",
        "吊销执照",
        "提交虚假材料等不实申请",
        "法律、法规、规章明确规定不予修复",
    ):
        assert words in section


def test_no_number_of_the_law_is_written_into_the_pages():
    """3, 5, 6, 7 working days, months or years come from a policy file only."""
    for name in ("guide", "home", "check_question", "check_result"):
        source = (Path(settings.BASE_DIR) / "templates" / "portal" / f"{name}.html").read_text()
        assert not re.search(r"[0-9一二三四五六七八九十]+\s*个?(工作日|月内|个月|年内)", source), name


def test_another_policy_changes_the_numbers(page, monkeypatch):
    policy = policy_for(moment("2026-11-23 10:00").date())
    slower = replace(policy.clocks["decision"], working_days=9)
    changed = replace(policy, clocks={**policy.clocks, "decision": slower})
    monkeypatch.setattr("applications.portal.views.home.policy_in_force", lambda on: changed)
    assert "决定：自受理之日起9个工作日（第九条）" in page()


def test_it_leads_to_the_credit_bureaus(page):
    assert 'action="/organs/"' in page().split('id="channels"')[1].split('id="fraud"')[0]


@pytest.mark.parametrize(
    "day, told, not_told",
    [
        ("2026-03-31 10:00", "国家发展改革委令第58号", "第36号"),
        ("2026-04-01 10:00", "国家发展改革委令第36号", "第58号"),
    ],
)
def test_national_rules_in_force_are_told(page, day, told, not_told):
    with time_machine.travel(moment(day), tick=False):
        text = page()
    assert told in text and not_told not in text
    assert "可能与本指南不同" in text


@time_machine.travel(moment("2026-11-23 10:00"), tick=False)
def test_what_they_say_differently(page):
    section = re.sub(r"\s+", "", page().split('id="national"')[1])
    assert "自2026年4月1日起在全国施行" in section
    assert "严重失信信息不少于1年（本指南：6个月）" in section
    assert "情况复杂的可以延长10个工作日" in section


def test_the_number_of_queries(client, credit_bureau, django_assert_num_queries):
    # The adopted policy.
    with django_assert_num_queries(1):
        client.get("/guide/")
