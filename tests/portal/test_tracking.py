"""Progress without signing in: what opens it, what it shows, and what guessing meets."""

import re

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.accounts.known_devices import TRACKING
from applications.repairs.services.drafts import case_number
from tests.fixtures import make_record, moment
from tests.repairs.steps import accepted, granted, prepared, refused, submitted

TRACK = "/track/"
WRONG = "办件编号或者查询码不正确，请对照回执重新输入。"
TOO_MANY = "输错次数过多。请在09:15以后再试。"


def wrong_code(case) -> str:
    return f"{(int(case.tracking_code) + 1) % 1_000_000:06d}"


def ask(client, number, code, **extra):
    return client.post(TRACK, {"number": number, "code": code}, **extra)


def without_input(response) -> str:
    """The page without what the visitor typed."""
    return re.sub(r'value="[^"]*"', "", response.content.decode())


@pytest.fixture
def case(general_record, market_bureau, alice, wang):
    return accepted(general_record, market_bureau, alice, wang)


def test_the_page_asks_for_both(client, db):
    page = client.get(TRACK).content.decode()
    assert "办件编号" in page and "查询码" in page
    assert "<title>查询进度" in page


@time_machine.travel(moment("2026-11-24 09:00"), tick=False)
def test_number_and_code_open_the_progress(client, case):
    opened = ask(client, case.number, case.tracking_code)
    assert opened.url == f"/track/{case.number}/"
    page = client.get(opened.url).content.decode()
    assert (
        "南京市市场监督管理局正在审查您的申请，最迟 2026年12月2日（周三） 24:00 前作出决定，还剩 6 个工作日。"
        in page
    )
    # The weekend is explained day by day and does not count.
    assert "2026年11月28日（周六） 周末，不计算" in page
    assert "2026年12月2日（周三） 工作日，第7个工作日" in page
    assert "受理" in page and "2026年11月23日 10:00" in page
    # The code is in no address and on no page.
    assert case.tracking_code not in opened.url + page
    # Closing the browser ends it, as /privacy/ says.
    assert client.cookies["sessionid"]["max-age"] == client.cookies["sessionid"]["expires"] == ""


def test_nobody_is_named_on_it(client, case, alice):
    ask(client, case.number, case.tracking_code)
    page = client.get(f"/track/{case.number}/").content.decode()
    subject = case.record.subject
    for secret in (
        subject.name,
        subject.uscc,
        subject.legal_representative,
        case.filing.contact_name,
        case.filing.contact_phone,
        alice.email,
        "王受理",
        case.record.document_number,
    ):
        assert secret and secret not in page


def test_typing_habits_do_not_matter(client, case):
    fullwidth = case.number.lower().translate({ord(str(n)): ord("０") + n for n in range(10)})
    spaced = f"{case.tracking_code[:3]} {case.tracking_code[3:]}"
    assert ask(client, f" {fullwidth} ", spaced).url == f"/track/{case.number}/"


def test_wrong_number_and_wrong_code_give_the_same_answer(client, case):
    wrong = ask(client, case.number, wrong_code(case))
    missing = ask(client, case_number("320100", 2026, 999999), case.tracking_code)
    assert wrong.status_code == missing.status_code == 200
    assert WRONG in wrong.content.decode()
    assert without_input(wrong) == without_input(missing)
    assert "<title>错误：" in wrong.content.decode()


def test_a_number_that_was_mistyped_is_told_from_a_wrong_code(client, case):
    """Its own check digit says so, whether or not there is such a case; and nothing is counted as a try."""
    wrong_digit = case.number[:-1] + str((int(case.number[-1]) + 1) % 10)
    for _time in range(6):
        answer = ask(client, wrong_digit, case.tracking_code)
    assert "办件编号有数字输错或者颠倒了" in answer.content.decode()
    assert 'href="#id_number"' in answer.content.decode()
    assert ask(client, case.number, case.tracking_code).url == f"/track/{case.number}/"


def test_a_draft_cannot_be_tracked(client, general_record, market_bureau, alice):
    draft = prepared(general_record, market_bureau, alice)
    assert WRONG in ask(client, draft.number, draft.tracking_code).content.decode()


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "一二三四五六", "------", ""])
def test_what_cannot_be_a_code_is_said_at_its_field(client, case, code):
    page = ask(client, case.number, code).content.decode()
    assert 'href="#id_code"' in page
    assert WRONG not in page


def test_the_address_alone_opens_nothing(client, case):
    assert client.get(f"/track/{case.number}/").url == TRACK


def test_one_case_opened_does_not_open_another(client, case, acme, market_bureau, alice):
    other = submitted(
        make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕99号"), market_bureau, alice
    )
    ask(client, case.number, case.tracking_code)
    assert client.get(f"/track/{other.number}/").url == TRACK


def test_five_wrong_codes_close_the_case_for_everyone_for_15_minutes(client, case):
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        for attempt in range(5):
            assert WRONG in ask(client, case.number, wrong_code(case)).content.decode(), attempt
        # From another address, and with the right code: a guesser must not learn it.
        response = ask(client, case.number, case.tracking_code, REMOTE_ADDR="198.51.100.7")
        assert response.status_code == 429
        assert TOO_MANY in response.content.decode()
        assert response["Retry-After"] == "900"
        clock.shift(15 * 60 + 1)
        assert ask(client, case.number, case.tracking_code).status_code == 302


def test_whoever_opened_the_case_at_this_browser_is_not_shut_out(client, case):
    ask(client, case.number, case.tracking_code)
    guesser = Client(REMOTE_ADDR="198.51.100.7")
    neighbour = Client()
    for other in (guesser, neighbour):
        for _attempt in range(6):
            ask(other, case.number, wrong_code(case))
        assert ask(other, case.number, case.tracking_code).status_code == 429
    # Also when the session is long over.
    client.cookies.pop("sessionid")
    assert ask(client, case.number, case.tracking_code).url == f"/track/{case.number}/"
    # The mark is five tries more, not a key.
    client.cookies.pop("sessionid")
    for _attempt in range(5):
        assert WRONG in ask(client, case.number, wrong_code(case)).content.decode()
    assert ask(client, case.number, case.tracking_code).status_code == 429
    assert client.get(f"/track/{case.number}/").url == TRACK


def test_a_browser_is_known_for_the_case_that_it_opened_alone(client, case, acme, market_bureau, alice):
    other = submitted(
        make_record(acme, market_bureau, document_number="宁市监处罚〔2026〕99号"), market_bureau, alice
    )
    ask(client, case.number, case.tracking_code)
    guesser = Client(REMOTE_ADDR="198.51.100.7")
    for _attempt in range(5):
        ask(guesser, other.number, wrong_code(other))
    assert ask(client, other.number, other.tracking_code).status_code == 429
    cookie = client.cookies[TRACKING.cookie]
    assert cookie["httponly"] and cookie["path"] == "/track/"
    assert case.number not in cookie.value


def test_addresses_of_one_network_are_one_visitor(client, case):
    for serial in range(5):
        ask(
            client,
            case_number("320100", 2026, 999990 + serial),
            "000000",
            REMOTE_ADDR=f"2001:db8:1::{serial + 1}",
        )
    assert ask(client, case.number, case.tracking_code, REMOTE_ADDR="2001:db8:1::99").status_code == 429
    assert ask(client, case.number, case.tracking_code, REMOTE_ADDR="2001:db8:2::99").status_code == 302


def test_five_wrong_tries_close_the_page_for_one_address(client, case):
    for serial in range(5):
        ask(client, case_number("320100", 2026, 999990 + serial), "000000")
    assert ask(client, case.number, case.tracking_code).status_code == 429
    assert ask(client, case.number, case.tracking_code, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_right_tries_do_not_count(client, case):
    for _attempt in range(8):
        assert ask(client, case.number, case.tracking_code).status_code == 302


def test_the_limit_holds_in_a_cache_of_files(client, case, settings, tmp_path):
    settings.CACHES = {
        "default": {
            "BACKEND": "credit_repair.cache.CountingFileCache",
            "LOCATION": str(tmp_path / "cache"),
        }
    }
    with time_machine.travel(moment("2026-11-24 09:00"), tick=False) as clock:
        for _attempt in range(5):
            ask(client, case.number, wrong_code(case))
        clock.shift(14 * 60)
        assert ask(client, case.number, case.tracking_code).status_code == 429
        clock.shift(61)
        assert ask(client, case.number, case.tracking_code).status_code == 302
    cache.clear()


@time_machine.travel(moment("2026-12-04 09:00"), tick=False)
def test_a_late_case_says_so(client, case):
    ask(client, case.number, case.tracking_code)
    page = client.get(f"/track/{case.number}/").content.decode()
    assert "法定期限 2026年12月2日（周三） 已过" in page


def test_a_granted_case(client, general_record, market_bureau, alice, wang, li, zhao):
    case = granted(general_record, market_bureau, alice, wang, li, zhao)
    ask(client, case.number, case.tracking_code)
    page = client.get(f"/track/{case.number}/").content.decode()
    assert "准予信用修复" in page
    assert "准予修复" in page


def test_it_is_not_kept_by_caches(client, case):
    assert "no-store" in ask(client, case.number, case.tracking_code)["Cache-Control"]
    assert "no-store" in client.get(f"/track/{case.number}/")["Cache-Control"]


def test_the_number_of_queries(client, case, django_assert_num_queries):
    ask(client, case.number, case.tracking_code)
    # Session, case, clocks, events.
    with django_assert_num_queries(4):
        client.get(f"/track/{case.number}/")


@pytest.mark.parametrize("address", ["/track/{}/", "/a/{}/"])
def test_whether_the_record_is_repaired_costs_no_query_of_its_own(
    client, general_record, market_bureau, alice, wang, li, zhao, address
):
    case = refused(general_record, market_bureau, alice, wang, li, zhao)
    ask(client, case.number, case.tracking_code)
    client.force_login(alice)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address.format(case.number)).status_code == 200
    assert not [each["sql"] for each in asked if each["sql"].startswith('SELECT "records_annotation"')]
