"""A real browser sends what is typed before the form is sent, and says whether it lies on the server."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from applications.accounts.models import TypedText
from applications.accounts.typed import decrypt
from tests.browsing import SITE, shown
from tests.repairs.steps import submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
WORDS = "失信行为在外省认定"
KEEP = "/accounts/typed/keep/"


@pytest.fixture
def case(general_record, market_bureau, alice):
    return submitted(general_record, market_bureau, alice)


@pytest.fixture
def address(case):
    return reverse("admin:repairs_step", args=[case.pk, "decline"])


def serve(seen) -> list[str]:
    """What the page sends to the one address that takes it; it is told that all of it lies there."""
    sent = []

    def answer(route):
        sent.append(route.request.post_data)
        route.fulfill(json={"line": "已保存到服务器 14:03"})

    seen.page.route(f"{SITE}{KEEP}", answer)
    return sent


def arrives(client, address, body) -> None:
    """What the browser sent is taken by the server as it came."""
    answer = client.post(
        KEEP,
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"Referer": f"http://testserver{address}"},
    )
    assert answer.json()["line"].startswith("已保存到服务器")
    assert WORDS in decrypt(TypedText.objects.get().content.encode()).decode()


@pytest.mark.parametrize("width", [1280, 360])
def test_some_seconds_after_the_last_key(browser, client, address, wang, width):
    client.force_login(wang)
    with shown(browser, address, {address: client.get(address)}, width) as seen:
        sent = serve(seen)
        seen.page.clock.install()
        seen.page.locator("[name=reason]").type(WORDS)
        line = seen.page.locator("form:has([name=reason]) .kept-line")
        seen.page.clock.fast_forward(3000)
        assert sent == [] and line.inner_text() == ""
        seen.page.clock.fast_forward(1100)
        expect(line).to_contain_text("已保存到服务器")
        assert line.get_attribute("aria-live") == "polite"
        assert len(sent) == 1
        assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert seen.complaints == []
    arrives(client, address, sent[0])
    # Another day, another window: it is offered, and taking it back is said to the server with the form.
    answer = client.get(address)
    with shown(browser, address, {address: answer}, width) as seen:
        seen.page.get_by_role("button", name="放回表单").click()
        assert seen.page.locator("[name=reason]").input_value() == WORDS
        marks = seen.page.locator("form:has([name=reason]) [name=_sitting]")
        assert marks.count() == 2
        assert marks.last.get_attribute("value") == TypedText.objects.get().action.split("#")[1]


def test_when_the_page_is_left(browser, client, address, wang):
    client.force_login(wang)
    with shown(browser, address, {address: client.get(address)}) as seen:
        sent = serve(seen)
        seen.page.locator("[name=reason]").type(WORDS)
        with seen.page.expect_response(f"{SITE}{KEEP}"):
            seen.page.evaluate("dispatchEvent(new Event('pagehide'))")
    arrives(client, address, sent[0])


def test_a_form_that_was_sent_is_not_kept_on_the_way(browser, client, address, wang):
    client.force_login(wang)
    with shown(browser, address, {address: client.get(address)}) as seen:
        seen.page.locator("[name=reason]").type(WORDS)
        seen.page.locator("[name=take]").click()
        seen.page.wait_for_load_state("networkidle")
        assert f"{SITE}{KEEP}" not in seen.asked


def test_the_server_is_away_and_comes_back(browser, client, address, wang):
    client.force_login(wang)
    with shown(browser, address, {address: client.get(address)}) as seen:
        seen.page.route(f"{SITE}{KEEP}", lambda route: route.abort())
        seen.page.clock.install()
        seen.page.locator("[name=reason]").type(WORDS)
        seen.page.clock.fast_forward(4100)
        line = seen.page.locator("form:has([name=reason]) .kept-line")
        expect(line).to_contain_text("没有保存：连不上服务器")
        assert seen.page.locator("[name=reason]").input_value() == WORDS
        seen.page.unroute(f"{SITE}{KEEP}")
        sent = serve(seen)
        seen.page.clock.fast_forward(61000)
        expect(line).to_contain_text("已保存到服务器")
    arrives(client, address, sent[0])
