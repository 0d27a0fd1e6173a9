"""Accessibility, privacy, large text, and whom to ask: what is said is so, and every page leads there."""

import re

import pytest
from django.conf import settings
from django.contrib.messages.storage.fallback import FallbackStorage

from applications.notifications.models import Phone
from applications.organs.models import Organ
from applications.organs.selectors import credit_bureaus, whom_to_ask
from tests.fixtures import TODAY
from tests.repairs import steps

pytestmark = pytest.mark.django_db


def main(response) -> str:
    assert response.status_code == 200
    body = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", body))


def test_every_page_leads_to_the_statements(client):
    for address in ("/", "/guide/", "/v/", "/accounts/login/", "/nowhere/"):
        footer = client.get(address).content.decode().split("<footer", 1)[1]
        for link in ("/privacy/", "/accessibility/", "/organs/", "/text/large/"):
            assert f'href="{link}"' in footer, (address, link)


def test_every_cookie_is_told(client, alice):
    """Those that the code sets, by their own names; with their days."""
    from applications.accounts import known_devices, typed
    from applications.portal.views.statements import LARGE_TEXT
    from credit_repair.middleware import CHANGED, CHANGED_SECONDS

    text = main(client.get("/privacy/"))
    names = [
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
        typed.COOKIE,
        LARGE_TEXT,
        CHANGED,
        "messages",
    ]
    for device in (known_devices.SIGN_IN, known_devices.TRACKING, known_devices.VERIFYING):
        names.append(device.cookie)
        assert device.days == 180
    for name in names:
        assert name in text, name
    assert settings.SESSION_COOKIE_AGE == 30 * 60 and typed.KEPT_FOR.days == 7 and CHANGED_SECONDS < 60
    assert settings.MESSAGE_STORAGE.endswith(FallbackStorage.__name__)


def test_of_text_messages_only_where_there_are_any(client, alice, settings):
    for gateway, phone in (("", False), ("https://sms.example.com", False), ("", True)):
        settings.SMS_GATEWAY_URL = gateway
        if phone:
            Phone.objects.create(user=alice, sealed_number=b"-", code_made_at=TODAY)
        privacy, accessibility = main(client.get("/privacy/")), main(client.get("/accessibility/"))
        assert ("短信网关" in privacy) == ("短信" in accessibility) == bool(gateway)
        # A number that was given while there was a gateway is still kept.
        assert ("接收短信的手机号码（加密保存）" in privacy) == bool(gateway or phone)
        assert ("短信" in privacy) == bool(gateway or phone)


def test_who_reads_is_told(client):
    text = main(client.get("/privacy/"))
    for reader in (
        "没有公示的信息也能看到",
        "认定单位，以及认定地和上级的公共信用信息工作机构、社会信用管理部门",
        "决定书，抄送认定单位",
        "上级社会信用管理部门的负责人",
        "公共信用信息工作机构负责核实的工作人员",
    ):
        assert reader in text


def test_what_is_lacking_is_no_more_than_is_lacking(client):
    """Letters are PDF/UA since they are tagged, and have a copy in English to read."""
    text = main(client.get("/accessibility/"))
    assert "早先签发的PDF文书没有供读屏软件使用的结构标记" in text
    # As documents.models.READING_COPIES has it.
    assert "承诺书和信用报告以外的文书另有英文参考译文，以中文为准" in text
    assert "关于账号的邮件有中文和英文" in text


def test_large_text_is_kept_without_a_script_and_ends_again(client):
    answer = client.get("/text/large/", headers={"referer": "http://testserver/search/?q=x"})
    assert (answer.status_code, answer.url) == (302, "/search/?q=x")
    page = client.get("/search/")
    assert '<html lang="zh-CN" class="large-text">' in page.content.decode()
    assert 'href="/text/usual/"' in page.content.decode()
    # What is one's own is kept by nobody.
    assert client.get("/")["Cache-Control"] == "private, no-store"
    client.get("/text/usual/")
    # A browser drops it.
    assert client.cookies.pop("large_text")["max-age"] == 0
    page = client.get("/")
    assert "large-text" not in page.content.decode().split("<head>")[0] and "Cache-Control" not in page


@pytest.mark.parametrize("referer", ["https://evil.example.com/", "http://testserver//evil.example.com/", ""])
def test_large_text_leads_nowhere_else(client, referer):
    assert client.get("/text/large/", headers={"referer": referer}).url == "/"
    assert client.get("/text/huge/").status_code == 404
    assert client.post("/text/large/").status_code == 405


@pytest.mark.parametrize("place", ["玄武", "玄武区", " 南 京 ", "南京市玄武区"])
def test_the_bureaus_of_a_place(client, credit_bureau, market_bureau, place):
    text = main(client.get("/organs/", {"place": place}))
    assert credit_bureau.name in text and credit_bureau.phone in text
    assert market_bureau.name not in text


def test_a_place_without_its_own_has_the_city_s_and_the_province_s(credit_bureau):
    province = Organ.objects.create(
        code="js",
        name="省中心",
        document_prefix="苏",
        kind="credit_bureau",
        level="province",
        region="320000",
        uscc="1",
    )
    suzhou = Organ.objects.create(
        code="sz",
        name="苏州中心",
        document_prefix="苏州",
        kind="credit_bureau",
        level="city",
        region="320500",
        uscc="2",
    )
    assert credit_bureaus("昆山") == [province, suzhou]
    assert credit_bureaus("玄武") == [province, credit_bureau]
    assert credit_bureaus() == [province, credit_bureau, suzhou]


def test_a_place_that_is_not_here_says_what_to_type(client, credit_bureau):
    page = client.get("/organs/", {"place": "上海<b>"})
    assert "没有名称含“上海<b>”的市、县、区".replace("<b>", "&lt;b&gt;") in page.content.decode()
    assert 'value="上海&lt;b&gt;"' in page.content.decode()


def test_a_page_about_a_case_names_who_has_it_in_hand(client, general_record, market_bureau, alice):
    case = steps.submitted(general_record, market_bureau, alice)
    client.force_login(alice)
    text = main(client.get(f"/a/{case.number}/"))
    assert f"有疑问，请问{market_bureau.name}，电话{market_bureau.phone}" in text
    assert "各地电话和地址" in main(client.get("/desk/"))


def test_who_cannot_be_reached_has_the_bureau_answer(credit_bureau, market_bureau):
    assert whom_to_ask(market_bureau) == market_bureau
    market_bureau.phone = market_bureau.address = ""
    assert whom_to_ask(market_bureau) == credit_bureau
