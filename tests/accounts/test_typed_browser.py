"""What was typed goes back into its form in a real browser, beside what the page has now."""

import pytest
from django.conf import settings
from django.urls import reverse

from tests.browsing import shown
from tests.repairs.steps import submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_browser_puts_it_back(browser, client, general_record, market_bureau, alice, wang, width):
    case = submitted(general_record, market_bureau, alice)
    client.force_login(wang)
    address = reverse("admin:repairs_step", args=[case.pk, "decline"])
    words = "失信行为在外省认定，\n附认定决定书。"
    client.post(address, {"version": case.version - 1, "ground": "elsewhere", "reason": words})
    answer = client.get(address)
    assert "script-src" not in answer["Content-Security-Policy"] and settings.STATIC_URL == "/static/"
    with shown(browser, address, {address: answer}, width) as seen:
        page = seen.page
        offer = page.locator(".typed-again")
        assert "您在这里填写过的内容还在" in offer.inner_text()
        assert page.locator("[name=reason]").input_value() == ""
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        offer.get_by_role("button", name="放回表单").click()
        assert page.locator("[name=reason]").input_value() == words
        assert page.locator("[name=ground]").input_value() == "elsewhere"
        # The page's own, not what the stale one had.
        assert page.locator("[name=version]").input_value() == str(case.version)
        assert "已经放回表单" in offer.inner_text()
        assert seen.complaints == []
