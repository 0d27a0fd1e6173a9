"""The page of a case is no longer than three screens of a telephone, for one that is examined and ones that are decided."""

import pytest

from applications.ledger.models import Event
from tests.repairs.steps import accepted, granted, refused

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT, SCREENS = 360, 740, 3


@pytest.mark.parametrize("how", ["accepted", "granted", "refused"])
def test_three_screens_are_enough(
    new_context, client, live_server, settings, general_record, market_bureau, alice, wang, li, zhao, how
):
    if how == "accepted":
        case = accepted(general_record, market_bureau, alice, wang, at="2026-11-20 15:00")
    else:
        decide = granted if how == "granted" else refused
        case = decide(general_record, market_bureau, alice, wang, li, zhao)
    client.force_login(alice)
    name = settings.SESSION_COOKIE_NAME
    context = new_context(viewport={"width": WIDTH, "height": HEIGHT})
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/a/{case.number}/")
    assert page.locator("h1").inner_text().startswith("办理进度")
    tall, wide = page.evaluate(
        "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
    )
    assert wide <= WIDTH and tall <= SCREENS * HEIGHT, (tall, wide)
    # What leads is seen without scrolling.
    assert page.locator(".lead-sentence").bounding_box()["y"] < HEIGHT / 2
    if how != "granted":
        return
    # Pressing the button brings the answer, and the button is gone for today.
    page.get_by_role("button", name="催办").click()
    page.get_by_text("已催办，通知了").wait_for()
    assert page.get_by_role("button", name="催办").count() == 0
    assert Event.objects.filter(chain=case.number, verb="repair.urged").count() == 1
