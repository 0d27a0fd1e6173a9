"""The keys of the officers' desk, in a real browser: through the queue without a mouse, and silent while one types."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browsing import SITE, shown
from tests.fixtures import make_record
from tests.repairs.steps import submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

QUEUE = "/admin/repairs/repaircase/"
WORDS = "/admin/jsi18n/"


@pytest.fixture
def pages(client, acme, market_bureau, alice, wang):
    cases = [
        submitted(
            make_record(acme, market_bureau, document_number=f"宁市监处罚〔2026〕{day}号"),
            *(market_bureau, alice, f"2026-11-{day} 10:00"),
        )
        for day in (18, 19, 20)
    ]
    client.force_login(wang)
    addresses = [WORDS, QUEUE, *(f"{QUEUE}{case.pk}/change/" for case in cases)]
    return cases, {address: client.get(address) for address in addresses}


def test_the_queue_is_worked_without_a_mouse(browser, pages):
    cases, answers = pages
    with shown(browser, QUEUE, answers) as seen:
        page = seen.page
        # Down three times, up once: the second of the list, and Enter opens it.
        for key in ("j", "j", "j", "k"):
            page.keyboard.press(key)
        second = f"{QUEUE}{cases[1].pk}/change/?queue=mine"
        assert page.evaluate("document.activeElement.getAttribute('href')") == second
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{second}")
        # And back to the queue from wherever one is.
        page.keyboard.press("g")
        page.keyboard.press("i")
        page.wait_for_url(f"**{QUEUE}")

        # What is typed is text.
        page.locator("#searchbar").focus()
        page.keyboard.type("jk?gi")
        assert page.locator("#searchbar").input_value() == "jk?gi"
        assert page.url == f"{SITE}{QUEUE}" and not page.locator("#keys-help").is_visible()

        page.locator("h1").click()
        page.keyboard.press("?")
        help_ = page.locator("#keys-help")
        assert help_.is_visible() and "我的队列" in help_.inner_text()
        found = Axe().run(page, context="#keys-help").response["violations"]
        assert [violation["id"] for violation in found] == []
        # Whoever does not want them switches them off, and it stays so.
        help_.get_by_role("checkbox").uncheck()
        page.keyboard.press("Escape")
        page.reload()
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.tagName") == "BODY"
        assert seen.complaints == []


@pytest.mark.parametrize("width", [1280, 360])
def test_a_name_has_room_in_the_queue_and_nothing_has_to_be_pushed_aside(browser, pages, width):
    with shown(browser, QUEUE, pages[1], width) as seen:
        assert seen.page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
        lines = seen.page.evaluate(
            "[...document.querySelectorAll('#result_list .field-subject')].map(cell => cell.getClientRects().length"
            " && cell.clientHeight / parseFloat(getComputedStyle(cell).lineHeight))"
        )
        assert 0 < max(lines) < 4, lines


def test_the_queue_and_a_case_are_accessible(browser, pages):
    cases, answers = pages
    for address in (QUEUE, f"{QUEUE}{cases[0].pk}/change/"):
        with shown(browser, address, answers) as seen:
            found = Axe().run(seen.page).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], address
