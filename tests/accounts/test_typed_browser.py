"""What was typed goes back into its form in a real browser, beside what the page has now."""

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse
from playwright.sync_api import Route, sync_playwright

from tests.pages import text
from tests.repairs.steps import submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

SITE = "https://credit.example.gov.cn"


def test_the_browser_puts_it_back(
    client, general_record, market_bureau, alice, wang, browser_type_launch_args
):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    address = reverse("admin:repairs_step", args=[case.pk, "decline"])
    words = "失信行为在外省认定，\n附认定决定书。"
    client.post(address, {"version": case.version - 1, "ground": "elsewhere", "reason": words})
    page = client.get(address)
    html, policy = text(page), page["Content-Security-Policy"]
    assert "script-src" not in policy and settings.STATIC_URL == "/static/"
    complaints: list[str] = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/static/"):
            route.fulfill(path=finders.find(path.removeprefix("/static/")))
        else:
            route.fulfill(
                body=html,
                headers={"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy},
            )

    with sync_playwright() as playwright:
        for width in (1280, 360):
            browser = playwright.chromium.launch(**browser_type_launch_args)
            shown = browser.new_page(viewport={"width": width, "height": 900})
            shown.on("console", lambda message: complaints.append(message.text))
            shown.on("pageerror", lambda error: complaints.append(str(error)))
            shown.route("**/*", answer)
            shown.goto(f"{SITE}{address}", wait_until="networkidle")
            offer = shown.locator(".typed-again")
            assert "您在这里填写过的内容还在" in offer.inner_text()
            assert shown.locator("[name=reason]").input_value() == ""
            assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
            offer.get_by_role("button", name="放回表单").click()
            assert shown.locator("[name=reason]").input_value() == words
            assert shown.locator("[name=ground]").input_value() == "elsewhere"
            # The page's own, not what the stale one had.
            assert shown.locator("[name=version]").input_value() == str(case.version)
            assert "已经放回表单" in offer.inner_text()
            browser.close()
    assert complaints == []
