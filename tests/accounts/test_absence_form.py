"""Who can be chosen to stand in: only whom the registration would take."""

import re

import pytest

from applications.accounts.models import Role
from tests.fixtures import make_user
from tests.pages import text

pytestmark = pytest.mark.django_db

ADD = "/admin/accounts/absence/add/"


def choices(page, name):
    select = re.search(rf'<select name="{name}".*?</select>', page, re.S)[0]
    return [words.strip() for words in re.findall(r"<option[^>]*>([^<]*)</option>", select)]


def test_only_colleagues_with_a_role_of_mine_are_offered(client, wang, li, zhao, market_bureau):
    make_user("ma@example.com", "马受理", market_bureau, Role.INTAKE)
    client.force_login(wang)
    page = text(client.get(ADD))
    assert choices(page, "cover")[1:] == ["马受理（受理岗）"]
    assert choices(page, "user")[1:] == ["王受理（受理岗）"]


def test_whoever_is_alone_in_a_role_is_told(client, wang, li, zhao):
    client.force_login(wang)
    assert choices(text(client.get(ADD)), "cover") == ["本单位没有与您岗位相同的其他人员"]


def test_a_head_registers_for_everybody_and_sees_who_holds_what(client, wang, li, zhao, market_bureau):
    head = make_user("head@example.com", "周负责", market_bureau, Role.SUPERVISOR)
    client.force_login(head)
    page = text(client.get(ADD))
    assert {"王受理（受理岗）", "周负责（负责人）"} <= set(choices(page, "user"))
    assert {"王受理（受理岗）", "李审查（审查岗）"} <= set(choices(page, "cover"))


def test_a_form_that_was_not_taken_says_so_in_chinese(client, wang, li):
    client.force_login(wang)
    given = {"user": wang.pk, "cover": "", "first_on": "2026-11-24", "last_on": "2026-11-20"}
    page = text(client.post(ADD, given))
    title = re.search(r"<title>(.*?)</title>", page, re.S)[1].strip()
    assert title.startswith("错误：新增离岗代办") and "Error" not in page
    # What a field is called stands without the English colon of Django's translation.
    assert "离开的人:" not in page
