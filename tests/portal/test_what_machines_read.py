"""Feeds, the map of the site, and where search engines may not go; the page of implementing rules."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
import time_machine
from django.urls import reverse

from applications.policies.services import withdraw_rules
from applications.portal.performance.keeping import keep_performance
from tests.commitments.conftest import promised, repaired  # noqa: F401
from tests.fixtures import moment
from tests.pages import seen, text
from tests.policies.test_rules_of_units import FIVE_MONTHS, IN_WORDS, confirmed, handed_in
from tests.portal.test_performance import october  # noqa: F401
from tests.training.offering import open_course, open_meeting, written_course, written_meeting

pytestmark = pytest.mark.django_db

ATOM = {"atom": "http://www.w3.org/2005/Atom"}
LATER = moment("2026-12-01 10:00")


def entries(client, name: str, **headers) -> dict[str, str]:
    """Title and address of each entry, in the order of the feed."""
    answer = client.get(f"/feeds/{name}.atom", headers=headers)
    assert answer["Content-Type"].startswith("application/atom+xml")
    found = ElementTree.fromstring(answer.content).findall("atom:entry", ATOM)
    assert all(entry.findtext("atom:updated", namespaces=ATOM) for entry in found)
    return {
        entry.findtext("atom:title", namespaces=ATOM): re.sub(
            r"^https?://[^/]+", "", entry.find("atom:link", ATOM).get("href")
        )
        for entry in found
    }


def test_notices_are_training_rules_and_months(client, market_bureau, qian, zhao, october):  # noqa: F811
    course, meeting = open_course(qian), open_meeting(qian)
    confirmed(market_bureau, zhao)
    keep_performance(at=moment("2026-11-23 03:00"))
    said = {
        "线上课程：信用修复入门": f"/training/courses/{course.pk}/",
        "现场培训：信用修复现场培训": f"/training/meetings/{meeting.pk}/",
        "2026年10月各机构办理情况": "/performance/?period=2026-10",
    }
    assert entries(client, "notices") == said
    with time_machine.travel(LATER, tick=False):
        said |= {"实施细则：市场监管领域信用修复实施细则（宁市监规〔2026〕3号）": "/guide/rules/"}
        assert entries(client, "notices", **{"accept-language": "en"}) == said
        assert all(client.get(address).status_code == 200 for address in said.values())


def test_what_is_not_published_is_no_notice(client, market_bureau, qian, zhao):
    written_course(qian)
    written_meeting(qian)
    handed_in(market_bureau, zhao)
    with time_machine.travel(LATER, tick=False):
        assert entries(client, "notices") == {}


def test_the_rules_of_units_are_told_with_what_they_change(client, market_bureau, zhao):
    rules = confirmed(market_bureau, zhao)
    assert "今天没有单位施行自己的实施细则" in seen(client.get("/guide/rules/"))
    with time_machine.travel(LATER, tick=False):
        page = text(client.get("/guide/rules/"))
        assert IN_WORDS in page and "宁市监规〔2026〕3号" in page and "南京市市场监督管理局" in page
        withdraw_rules(rules=rules, from_day=date(2026, 12, 2), reason="废止。", actor=zhao, at=LATER)
    with time_machine.travel(moment("2026-12-02 10:00"), tick=False):
        assert "宁市监规" not in text(client.get("/guide/rules/"))


def test_drafts_and_rules_laid_over_another_policy_are_not_told(client, market_bureau, zhao):
    rules = confirmed(market_bureau, zhao)
    type(rules).objects.filter(pk=rules.pk).update(base="another")
    handed_in(market_bureau, zhao, FIVE_MONTHS.replace("nj-scjg-1", "nj-scjg-2"))
    with time_machine.travel(LATER, tick=False):
        assert "宁市监规" not in text(client.get("/guide/rules/"))


def test_the_map_has_public_pages_alone(client, qian, acme, general_record, promised, october):  # noqa: F811
    course = open_course(qian)
    keep_performance(at=moment("2026-11-23 03:00"))
    page = text(client.get("/sitemap.xml"))
    paths = re.findall(r"<loc>https?://[^/]+(/[^<]*)</loc>", page)
    assert {"/", "/guide/", "/guide/rules/", "/data/", "/performance/", "/performance/nj-scjg/"} <= set(paths)
    assert f"/training/courses/{course.pk}/" in paths
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200 and "noindex" not in answer.get("X-Robots-Tag", "")
        assert acme.name not in text(answer) and str(general_record) not in text(answer), path
    shut = ("search", "track", "v/", "accounts", "commitments", "records", "subjects", "desk", "sign")
    assert not [path for path in paths if path.startswith(tuple(f"/{each}" for each in shut))]


def test_robots_are_shown_the_map_and_kept_from_searches_codes_and_sign_in(client):
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = text(answer).splitlines()
    assert lines[0] == "User-agent: *"
    assert lines[-1].startswith("Sitemap: http") and lines[-1].endswith(reverse("portal:sitemap"))
    shut = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]
    for address in (
        *(
            "/search/?q=x",
            "/search/results.csv",
            "/track/",
            "/v/abc/",
            "/accounts/login/",
            "/accounts/signup/",
            "/admin/",
        ),
        *(
            "/a/XF-1/",
            "/records/",
            "/sign/x/",
            "/data/records.csv",
            "/data/records.json",
            "/documents/x/",
            "/check/result/",
        ),
    ):
        assert address.startswith(tuple(shut)), address
    for address in (
        "/",
        "/guide/",
        "/data/",
        "/data/records.schema.json",
        "/performance/nj-scjg/",
        "/training/",
        "/check/",
    ):
        assert not address.startswith(tuple(shut)), address
