"""The keys of the officers' desk, in a real browser: through the queue without a mouse, and silent while one types."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route, sync_playwright

from tests.fixtures import make_record
from tests.repairs.steps import submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

SITE = "https://credit.example.gov.cn"
QUEUE = "/admin/repairs/repaircase/"
WORDS = "/admin/jsi18n/"


def open_at(page: Page, path: str, pages: dict[str, str]) -> None:
    """The site as it was rendered, page by page; what was not is empty."""

    def answer(route: Route) -> None:
        asked = route.request.url.removeprefix(SITE)
        if asked.startswith("/static/"):
            route.fulfill(path=finders.find(asked.removeprefix("/static/")))
        else:
            kind = "text/javascript" if asked.startswith(WORDS) else "text/html"
            html = pages.get(asked.partition("?")[0], "<!doctype html><html lang='zh-hans'><title>x</title>")
            route.fulfill(body=html, content_type=f"{kind}; charset=utf-8")

    page.route("**/*", answer)
    page.goto(f"{SITE}{path}")


def work(pages: dict[str, str], cases: list[int], launch: dict) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        open_at(page, QUEUE, pages)

        # Down twice, up once: the second of the list, and Enter opens it.
        for key in ("j", "j", "j", "k"):
            page.keyboard.press(key)
        assert (
            page.evaluate("document.activeElement.getAttribute('href')")
            == f"{QUEUE}{cases[1]}/change/?queue=mine"
        )
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{QUEUE}{cases[1]}/change/?queue=mine")
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
        assert [
            violation["id"] for violation in Axe().run(page, context="#keys-help").response["violations"]
        ] == []
        # Whoever does not want them switches them off, and it stays so.
        help_.get_by_role("checkbox").uncheck()
        page.keyboard.press("Escape")
        page.reload()
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.tagName") == "BODY"
        assert complaints == []


def wide_enough(pages: dict[str, str], launch: dict) -> None:
    """A name has room for itself at 1280, and nothing has to be pushed aside at 360."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch)
        for width in (1280, 360):
            page = browser.new_page(viewport={"width": width, "height": 800})
            open_at(page, QUEUE, pages)
            fits = page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
            assert fits, width
            lines = page.evaluate(
                "[...document.querySelectorAll('#result_list .field-subject')].map(cell => cell.getClientRects().length"
                " && cell.clientHeight / parseFloat(getComputedStyle(cell).lineHeight))"
            )
            assert max(lines) < 4, (width, lines)


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
    return cases, {address: client.get(address).content.decode() for address in addresses}


def test_the_queue_is_worked_without_a_mouse(pages, browser_type_launch_args):
    cases, shown = pages
    # Playwright keeps an event loop in its thread, beside which Django would refuse the database.
    with ThreadPoolExecutor(1) as thread:
        keys = [case.pk for case in cases]
        thread.submit(work, shown, keys, browser_type_launch_args).result(timeout=180)


def test_the_queue_is_read_at_1280_and_at_360(pages, browser_type_launch_args):
    _cases, shown = pages
    with ThreadPoolExecutor(1) as thread:
        thread.submit(wide_enough, shown, browser_type_launch_args).result(timeout=180)
