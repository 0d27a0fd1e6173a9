"""What was typed and never sent is kept as well: for its writer alone, a row for each window, until the form is taken."""

import re

import pytest
import time_machine
from django.core.cache import cache

from applications.accounts import typed, while_typing
from applications.accounts.limits import Limit
from applications.accounts.models import TypedText
from applications.ledger.models import Event
from tests.accounts.test_typed import WORDS, Browser, case, decline, declining, liu
from tests.fixtures import moment
from tests.pages import text

__all__ = ["case", "liu"]
pytestmark = pytest.mark.django_db
KEEP = "/accounts/typed/keep/"
ONE, TWO = "1" * 32, "2" * 32
OTHER_WORDS = "另一个窗口里写的话"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(moment("2026-11-25 14:01"), tick=False) as clock:
        yield clock


@pytest.fixture
def browser():
    return Browser()


def typing(browser, case, token, *, sittings=(ONE,), **data):
    data = declining(case) | {"_action": decline(case), "_sitting": list(sittings)} | data
    return browser.post(KEEP, data, token, page=decline(case))


def line(answer) -> str:
    return answer.json()["line"]


def test_words_that_were_never_sent_are_offered_again(browser, case, wang, clock):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    events = Event.objects.count()
    clock.move_to(moment("2026-11-25 14:03"))
    answer = typing(browser, case, token)
    assert (answer.status_code, line(answer)) == (200, "已保存到服务器 14:03")
    assert Event.objects.count() == events
    assert browser.offered(decline(case))
    kept = TypedText.objects.get()
    assert WORDS not in kept.content and kept.writer == wang


def test_nobody_else_is_offered_them(browser, case, wang, liu):
    browser.sign_in(wang)
    typing(browser, case, browser.token(decline(case)))
    browser.sign_out()
    browser.sign_in(liu)
    assert not browser.offered(decline(case))


def test_they_go_when_the_form_is_taken_and_do_not_come_late(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    typing(browser, case, token)
    assert browser.post(decline(case), declining(case) | {"_sitting": ONE}, token).status_code == 302
    assert not TypedText.objects.exists()
    # Its last words were still on their way.
    assert line(typing(browser, case, token)) == ""
    assert not TypedText.objects.exists()


def test_a_form_that_is_refused_goes_on_with_its_sitting(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    typing(browser, case, token)
    refused = browser.post(decline(case), declining(case) | {"_sitting": ONE, "version": 99}, token)
    assert refused.status_code == 409 and f'data-sittings="{ONE}"' in text(refused)
    assert TypedText.objects.count() == 1


def test_two_windows_keep_a_row_each_and_each_is_told_of_the_other(browser, case, wang, clock):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    typing(browser, case, token)
    clock.move_to(moment("2026-11-25 14:03"))
    told = line(typing(browser, case, token, sittings=[TWO], reason=OTHER_WORDS))
    assert told.startswith("已保存到服务器 14:03。同一张表单在另一个窗口也填写过（11-25 14:01），两份都保留")
    offers = text(browser.client.get(decline(case))).partition('class="typed-again"')[2]
    # The newer one first.
    assert -1 < offers.index(OTHER_WORDS) < offers.index(WORDS)


def test_the_form_of_one_window_leaves_what_the_other_typed(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    typing(browser, case, token)
    typing(browser, case, token, sittings=[TWO], reason=OTHER_WORDS)
    browser.post(decline(case), declining(case) | {"_sitting": TWO}, token)
    assert [row.action for row in TypedText.objects.all()] == [f"{decline(case)}#{ONE}"]


def test_what_the_page_offered_goes_with_its_form(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    typing(browser, case, token)
    browser.post(decline(case), declining(case) | {"_sitting": [TWO, ONE]}, token)
    assert not TypedText.objects.exists()


def test_without_the_script_the_form_takes_all_of_it_away(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    typing(browser, case, token)
    browser.post(decline(case), declining(case), token)
    assert not TypedText.objects.exists()


def test_the_session_ended_while_typing(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.end_session()
    told = line(typing(browser, case, token))
    assert told.startswith("登录已经结束，现在提交不会办理。内容已保存到服务器")
    browser.sign_in(wang)
    assert browser.offered(decline(case))


def test_the_session_ended_and_nobody_knows_whose_it_was(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.end_session()
    browser.client.cookies.pop(typed.COOKIE)
    answer = typing(browser, case, token)
    assert answer.status_code == 403 and line(answer).startswith("没有保存：登录已经结束")
    assert not TypedText.objects.exists()


def test_somebody_else_has_signed_in_meanwhile(browser, case, wang, liu):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.sign_out()
    browser.sign_in(liu)
    events = Event.objects.count()
    assert "已为原来的账号保存" in line(typing(browser, case, token))
    assert TypedText.objects.get().writer == wang and Event.objects.count() == events
    assert not browser.offered(decline(case))


def test_the_same_person_has_signed_in_anew(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    browser.sign_out()
    browser.sign_in(wang)
    assert line(typing(browser, case, token)).startswith("本页打开以后重新登录过")


def test_words_that_were_deleted_again(browser, case, wang):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    typing(browser, case, token)
    assert line(typing(browser, case, token, reason="")) == ""
    assert not TypedText.objects.exists()


def test_secrets_are_left_out(browser, case, wang):
    browser.sign_in(wang)
    typing(browser, case, browser.token(decline(case)), password="not the password", code="123 456")
    content = typed.decrypt(TypedText.objects.get().content.encode()).decode()
    assert WORDS in content
    assert not re.search("password|code|csrf|_sitting|_action", content)


@pytest.mark.parametrize("action", ["/accounts/password/change/", "/track/", "/nowhere/", "", "http://["])
def test_forms_that_are_not_kept(browser, case, wang, action):
    browser.sign_in(wang)
    answer = typing(browser, case, browser.token(decline(case)), _action=action)
    assert answer.status_code == 403 and not TypedText.objects.exists()


def test_too_long_and_too_often(browser, case, wang, monkeypatch):
    browser.sign_in(wang)
    token = browser.token(decline(case))
    answer = typing(browser, case, token, reason="很" * typed.MOST_BYTES)
    assert answer.status_code == 413 and line(answer).startswith("没有保存：内容超过128 KB")
    cache.clear()
    monkeypatch.setattr(while_typing, "LIMIT", Limit("keep-typed", times=1, seconds=3600))
    assert typing(browser, case, token).status_code == 200
    answer = typing(browser, case, token)
    assert answer.status_code == 429 and line(answer).startswith("没有保存：保存得太频繁")


def test_pages_of_passwords_and_codes_do_not_keep(browser, case, wang):
    browser.sign_in(wang)
    assert 'id="keep-typed"' in text(browser.client.get(decline(case)))
    for page in ("/accounts/password/change/", "/track/", "/messages/"):
        assert 'id="keep-typed"' not in text(browser.client.get(page))
