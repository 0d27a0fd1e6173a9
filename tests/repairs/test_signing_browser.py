"""A representative signs by link on a telephone: the pages at 360 px, as they come one after the other."""

import os

import pytest
import time_machine
from django.core.cache import cache

from tests.browsing import shown
from tests.repairs.steps import prepared
from tests.repairs.test_signing_link import NOW, at_link, commitment_of, link_of, second, who

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_telephone_really_signs(new_context, live_server, general_record, market_bureau, alice):
    """Past the browser's own checks: it says where a form comes from, or the form is refused."""
    cache.clear()
    draft = prepared(general_record, market_bureau, alice)
    page = new_context(viewport={"width": 360, "height": 800}).new_page()
    page.goto(live_server.url + at_link(link_of(draft)))
    page.locator("[name=name]").fill("陈示例")
    page.locator("[name=tail]").fill("01123X")
    page.get_by_role("button", name="下一步：查看承诺书全文").click()
    page.locator("[name=publication_consent][value=yes]").check()
    page.locator("[name=agreed]").check()
    page.locator("[name=typed]").fill("陈示例")
    page.get_by_role("button", name="签署承诺书").click()
    page.get_by_role("heading", name="承诺书已签署").wait_for()
    assert commitment_of(draft).way == "link"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_a_link_fit_a_telephone(browser, client, general_record, market_bureau, alice, width):
    cache.clear()
    with time_machine.travel(NOW, tick=False):
        draft = prepared(general_record, market_bureau, alice)
        link = link_of(draft)
        client.force_login(alice)
        own = {
            name: client.get(f"/a/{draft.number}/commitment/{name}")
            for name in ("", "link/", "agent/", "paper/")
        }
        client.logout()
        asked, text = client.get(at_link(link)), client.post(at_link(link), who())
        signed = client.post(at_link(link), second(text))
        gone = client.get(at_link(link))
    assert commitment_of(draft).way == "link"
    pages = {**own, "asked": asked, "text": text, "signed": signed, "gone": gone}
    for name, answer in pages.items():
        with shown(browser, "/page/", {"/page/": answer}, width) as seen:
            if folder := os.environ.get("SCREENSHOTS"):
                seen.page.screenshot(path=f"{folder}/{width}-{name.strip('/') or 'own'}.png", full_page=True)
            wide = seen.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, name
            # A hint of the browser about password fields is no complaint.
            complaints = [said for said in seen.complaints if not said.startswith("[DOM]")]
            assert seen.page.locator("h1").count() == 1 and complaints == [], name
