"""The self-check as a visitor meets it: questions, mistakes, changes of mind, results. Dates by hand."""

import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.portal.self_check.questions import QUESTIONS
from tests.fixtures import moment
from tests.portal.checking import (
    READY,
    SLUGS,
    START,
    answer,
    answers,
    errors_of,
    headline,
    json_of,
    result_of,
    token_of,
    walk,
)

pytestmark = pytest.mark.django_db
ONLY_ADVICE = "自查结果仅供参考，不影响您提交申请的权利。"
SERIOUS = {"severity": "serious"}
WITH_PAPERS = {
    "commitment": "yes",
    "training": "yes",
    "training_on": "2026-08-01",
    "report": "credit_bureau",
    "report_on": "2026-09-01",
}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(moment("2026-11-23 10:00"), tick=False) as clock:
        yield clock


# -- Questions


def test_there_are_at_most_six_questions_one_a_page(client):
    assert len(QUESTIONS) <= 6
    url = START
    for number, slug in enumerate(SLUGS, 1):
        page = client.get(url).content.decode()
        assert f"自查：第 {number} 个问题，共 6 个" in page
        assert len(re.findall(r"<h1[ >]", page)) == 1
        url = answer(client, slug, READY[slug], token_of(url)).url
    assert url.startswith("/check/result/")


def test_nothing_is_stored(client):
    with CaptureQueriesContext(connection) as asked:
        walk(client, READY)
    assert {query["sql"].split()[0] for query in asked} <= {"SELECT"}
    assert not client.cookies


def test_no_script_is_needed(client):
    for url in (START, walk(client, READY, until="grounds"), walk(client, READY)):
        page = client.get(url).content.decode()
        assert "<script" not in page and " onclick" not in page and " style=" not in page


def test_the_address_tells_nobody_and_robots_stay_away(client):
    response = client.get(walk(client, READY))
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"


def test_serious_conduct_is_asked_for_training_and_report(client):
    general = client.get(walk(client, READY, until="commitment")).content.decode()
    assert "培训" not in re.search(r"<form.*?</form>", general, re.S)[0]
    serious = client.get(walk(client, answers(severity=SERIOUS), until="commitment")).content.decode()
    assert "参加过信用修复培训吗" in serious and "有信用报告吗" in serious


def test_the_severity_page_says_where_it_is_written(client):
    page = client.get(walk(client, READY, until="severity")).content.decode()
    assert "严重程度写在哪里" in page and "处罚决定书" in page and "不清楚" in page
    assert "一般失信行为不少于3个月，严重失信行为不少于6个月" in page


def test_article_6_is_listed_whole_and_in_groups(client):
    page = client.get(walk(client, READY, until="grounds")).content.decode()
    legends = re.findall(r"<legend[^>]*>\s*(.*?)\s*(?:<|$)", page)
    assert [legend.strip() for legend in legends] == [
        "没有下面的情形",
        "受到下列处罚",
        "处罚属于下列领域",
        "因为下列行为受到处罚",
        "其他情形",
    ]
    for words in ("责令停产停业", "吊销执照", "食品药品", "强制性产品认证", "贿赂", "出借和借用资质投标", "聚众扰乱社会秩序"):  # fmt: skip
        assert words in page
    # 3 penalties, 6 domains, 17 kinds of conduct, 2 other grounds.
    assert page.count('type="checkbox"') == 28
    # What most answer comes before them.
    assert page.index("以下都不是") < page.index('type="checkbox"')


# -- Mistakes


@pytest.mark.parametrize(
    "slug, given, field, words",
    [
        ("subject", {}, "kind", "请选择一项"),
        ("subject", {"kind": "alien"}, "kind", "alien"),
        ("identification", {"identified_on": "2026-05-01"}, "region", "请选择认定单位所在的地方"),
        ("identification", {"region": "320100"}, "identified_on", "请填写日期"),
        ("identification", {"region": "320100", "identified_on": "2026-02-30"}, "identified_on", "真实存在的日期"),
        ("identification", {"region": "320100", "identified_on": "2026-11-24"}, "identified_on", "不能晚于今天"),
        ("identification", {"region": "320100", "identified_on": "0206-11-24"}, "identified_on", "核对年份"),
        ("identification", {"region": "320100", "identified_on": "2026-05-01", "decided_on": "x"}, "decided_on", "真实存在的日期"),
        ("severity", {}, "severity", "请选择一项"),
        ("fulfilment", {"duties": "none"}, "corrected", "请选择一项"),
        ("fulfilment", {"corrected": "yes", "duties": "none"}, "corrected_on", "请填写日期"),
        ("fulfilment", {"corrected": "no", "duties": "yes"}, "duties_on", "请填写日期"),
        ("fulfilment", {"corrected": "no", "duties": "yes", "duties_on": "2027-01-01"}, "duties_on", "不能晚于今天"),
        ("grounds", {}, "neither", "都不符合的，选择“以下都不是”"),
        ("grounds", {"penalties": ["revoke_permit"], "neither": "none"}, "neither", "不能再选这一项"),
        ("grounds", {"penalties": ["fine"]}, "penalties", "fine"),
        ("commitment", {}, "commitment", "请选择一项"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_named_on_its_own_page(client, slug, given, field, words):
    url = walk(client, READY, until=slug)
    response = answer(client, slug, given, token_of(url))
    assert response.status_code == 200
    assert "<title>错误：" in response.content.decode()
    ((named, sentence),) = errors_of(response)
    assert named == field and words in sentence


def test_what_was_typed_stays_when_something_else_is_wrong(client):
    url = walk(client, READY, until="identification")
    given = {"region": "320500", "identified_on": "2026-02-30", "decided_on": "2026-04-01"}
    page = answer(client, "identification", given, token_of(url)).content.decode()
    assert '<option value="320500" selected>' in page
    assert 'value="2026-04-01"' in page


def test_serious_papers_need_their_days(client):
    url = walk(client, answers(severity=SERIOUS), until="commitment")
    given = {"commitment": "yes", "training": "yes", "report": "credit_bureau"}
    assert [field for field, _ in errors_of(answer(client, "commitment", given, token_of(url)))] == [
        "training_on",
        "report_on",
    ]


@pytest.mark.parametrize(
    "url", ["/check/result/", "/check/result.json", "/check/result.ics", "/check/grounds/"]
)
def test_without_answers_it_begins_at_the_beginning(client, url):
    assert client.get(url).url == "/check/subject/"


def test_an_unknown_question(client):
    assert client.get("/check/colour/").status_code == 404


@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s + "x", lambda s: "x" + s[1:], lambda s: "%00"]
)
def test_a_changed_address_is_refused_and_a_way_out_shown(client, change):
    token = change(token_of(walk(client, READY)))
    for path in ("/check/result/", "/check/result.json", "/check/result.ics", "/check/severity/"):
        response = client.get(path, {"s": token})
        assert response.status_code == 400
        assert "重新自查" in response.content.decode()


def test_questions_are_only_asked(client):
    assert client.post(START, {"kind": "organisation"}).status_code == 405


# -- Changes of mind


def test_a_page_gone_back_to_shows_what_was_answered(client):
    token = token_of(walk(client, READY))
    page = client.get("/check/identification/", {"s": token}).content.decode()
    assert '<option value="320100" selected>' in page and 'value="2026-05-01"' in page
    grounds = client.get("/check/grounds/", {"s": token}).content.decode()
    assert re.search(r'name="neither" value="none"[^>]*checked', grounds)


def test_one_answer_can_be_changed_without_the_others(client):
    token = token_of(walk(client, READY))
    changed = answer(client, "identification", {"region": "320100", "identified_on": "2026-09-01"}, token)
    # Three months from 1 September end on 1 December; the day after is the first to apply.
    assert headline(client.get(changed.url).content.decode()) == "还不能申请，2026年12月2日（周三）起可以申请"


def test_a_change_that_opens_a_question_leads_to_it_without_blame(client):
    token = token_of(walk(client, READY))
    changed = answer(client, "severity", SERIOUS, token)
    assert changed.url.startswith("/check/commitment/")
    page = client.get(changed.url).content.decode()
    assert "错误：" not in page
    assert re.search(r'name="commitment" value="yes"[^>]*checked', page)


def test_an_earlier_address_still_works(client):
    """The browser's back button: the page of question 4 knows the answers 1 to 3."""
    before = walk(client, READY, until="fulfilment")
    walk(client, READY)
    assert client.get(before).status_code == 200
    given = READY["fulfilment"] | {"corrected": "no"}
    assert answer(client, "fulfilment", given, token_of(before)).url.startswith("/check/grounds/")


# -- Results


def test_eligible(client):
    page = result_of(client, READY)
    assert headline(page) == "可以申请信用修复"
    assert "verdict-good" in page and ONLY_ADVICE in page
    assert ".ics" not in page


@pytest.mark.parametrize(
    "now, expected",
    [
        # General, identified on 1 May: three months end on 1 August, which must have passed.
        ("2026-08-01 23:59", "还不能申请，2026年8月2日（周日）起可以申请"),
        ("2026-08-02 00:00", "可以申请信用修复"),
        # One year of publicity ends on 1 May 2027.
        ("2027-05-01 23:59", "可以申请信用修复"),
        ("2027-05-02 00:00", "公示期已满，不需要修复"),
    ],
)
def test_the_same_address_on_other_days(client, today, now, expected):
    url = walk(client, READY)
    today.move_to(moment(now))
    assert headline(client.get(url).content.decode()) == expected


def test_not_yet_gives_the_day_the_clause_and_the_calendar_file(client):
    given = answers(identification={"region": "320100", "identified_on": "2026-09-01"})
    page = result_of(client, given)
    assert "verdict-warn" in page and ONLY_ADVICE in page
    assert "第四条：自2026年9月1日起不少于3个月的期限未满，2026年12月2日起可以申请。" in page
    assert "/check/result.ics?s=" in page


def test_not_yet_for_want_of_papers(client):
    given = answers(
        severity=SERIOUS,
        identification={"region": "320100", "identified_on": "2026-05-01"},
        commitment={"commitment": "yes", "training": "no", "report": "no"},
    )
    page = result_of(client, given)
    # Six months from 1 May ended on 1 November.
    assert headline(page) == "还不能申请"
    assert "第五条：尚未参加信用修复培训。" in page and "第五条：尚未提供信用报告。" in page
    assert ".ics" not in page


def test_the_day_is_only_the_earliest_while_other_things_are_open(client):
    given = answers(
        severity=SERIOUS,
        identification={"region": "320100", "identified_on": "2026-08-31"},
        commitment={"commitment": "yes", "training": "no", "report": "no"},
    )
    # Six months from 31 August end on the last day of February.
    assert headline(result_of(client, given)) == "还不能申请，最早2027年3月1日（周一）起可以申请"


def test_serious_with_everything(client):
    given = answers(severity=SERIOUS, commitment=WITH_PAPERS)
    assert headline(result_of(client, given)) == "可以申请信用修复"


def test_barred_until_publicity_ends(client):
    given = answers(severity=SERIOUS, commitment=WITH_PAPERS) | {
        "grounds": {"penalties": ["revoke_permit"], "domains": ["food_drug"]}
    }
    page = result_of(client, given)
    assert headline(page) == "不可修复"
    assert "verdict-closed" in page and ONLY_ADVICE in page
    # Three years from 1 May 2026.
    assert "最长公示期限至2029年5月1日（周二）届满" in page
    assert "第六条：属于特定严重失信行为" in page
    assert "收到异议申请的机构应当在5个工作日内核实并作出处理（第十三条）" in page


@pytest.mark.parametrize(
    "grounds", [{"domains": ["food_drug"]}, {"conducts": ["bribery"]}, {"penalties": ["order_suspension"]}]
)
def test_half_of_article_6_does_not_bar(client, grounds):
    assert headline(result_of(client, answers(grounds=grounds))) == "可以申请信用修复"


@pytest.mark.parametrize(
    "ground, reason",
    [
        ("false_material", "第六条：提交虚假材料等不实申请，不予信用修复。"),
        ("statutory_bar", "第六条：法律、法规、规章明确规定不予修复"),
    ],
)
def test_the_other_grounds_of_article_6(client, ground, reason):
    page = result_of(client, answers(grounds={"others": [ground]}))
    assert headline(page) == "不可修复" and reason in page


def test_unknown_severity_gets_the_answer_for_unknown(client):
    given = answers(severity={"severity": "unknown"}, commitment=WITH_PAPERS)
    page = result_of(client, given)
    assert headline(page) == "还不能判断是否可以申请"
    assert "没有写明失信严重程度，无法确定最短期限" in page
    assert "请向认定单位了解失信严重程度" in page
    findings = {each["code"]: each["met"] for each in json_of(client, given)["assessment"]["findings"]}
    assert findings["minimum_period"] is None


@pytest.mark.parametrize(
    "page_answers, code",
    [
        ({"grounds": {"neither": "unknown"}}, "specific_serious"),
        ({"identification": {"region": "unknown", "identified_on": "2026-05-01"}}, "in_scope"),
        ({"fulfilment": {"corrected": "unknown", "duties": "none"}}, "corrected"),
        ({"fulfilment": {"corrected": "yes", "corrected_on": "2026-06-01", "duties": "unknown"}}, "obligations_fulfilled"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_guessed(client, page_answers, code):
    found = json_of(client, answers(**page_answers))["assessment"]
    assert found["outcome"] == "not_yet"
    assert {each["code"]: each["met"] for each in found["findings"]}[code] is None


def test_outside_the_province(client):
    given = answers(identification={"region": "310000", "identified_on": "2026-05-01"})
    page = result_of(client, given)
    assert headline(page) == "不适用江苏省的规定"
    assert "上海市" in page


@pytest.mark.parametrize(
    "choice, reason",
    [("not_public", "没有同意将信用承诺向社会公开"), ("no", "尚未作出信用承诺")],
)
def test_the_commitment_is_a_condition(client, choice, reason):
    page = result_of(client, answers(commitment={"commitment": choice}))
    assert headline(page) == "还不能申请" and reason in page


def test_publicity_that_ends_before_one_may_apply(client):
    # The decision is of 1 December 2025, its publicity ends on 1 December 2026; identified on 1 September
    # 2026, repair could be asked for from 2 December only.
    given = answers(
        identification={"region": "320100", "identified_on": "2026-09-01", "decided_on": "2025-12-01"}
    )
    page = result_of(client, given)
    assert headline(page) == "还不能申请，也不用申请"
    assert "最长公示期限到2026年12月1日（周二）就届满" in page


def test_papers_are_named_for_who_asks(client):
    company = result_of(client, READY)
    person = result_of(client, answers(subject={"kind": "natural_person"}))
    assert "营业执照" in company and "身份证件" not in company
    assert "身份证件" in person and "营业执照" not in person
