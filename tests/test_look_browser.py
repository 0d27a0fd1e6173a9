"""One blue, a ring around what has the focus, and room for a finger: as a browser works them out, on the main pages."""

import pytest

from tests.browsing import shown

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PUBLIC = ("/", "/search/", "/track/", "/v/", "/check/", "/deadlines/", "/accounts/login/")
OWN = ("/desk/", "/records/", "/subjects/", "/messages/")
OFFICERS = ("/admin/", "/admin/repairs/repaircase/", "/admin/records/dishonestyrecord/")

# Bootstrap's blues, and Django's.
FOREIGN = """() => {
  const blues = /\\b(13, ?110, ?253|11, ?94, ?215|10, ?88, ?202|10, ?83, ?190|134, ?183, ?254|121, ?174, ?200|65, ?118, ?144|68, ?126, ?155)\\b/;
  const sheets = ["color", "backgroundColor", "borderTopColor", "outlineColor", "boxShadow"];
  const states = ["--bs-btn-color", "--bs-btn-bg", "--bs-btn-border-color", "--bs-btn-hover-bg", "--bs-btn-hover-border-color",
    "--bs-btn-active-bg", "--bs-btn-active-border-color", "--bs-btn-disabled-color", "--bs-btn-disabled-bg"];
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const style = getComputedStyle(one);
    for (const name of sheets) if (blues.test(style[name])) found.push(`${one.outerHTML.slice(0, 80)} ${name} ${style[name]}`);
    if (one.matches(".btn")) for (const name of states) {
      const value = style.getPropertyValue(name);
      if (/#0d6efd|#0b5ed7|#0a58ca|#0a53be/i.test(value)) found.push(`${one.outerHTML.slice(0, 80)} ${name} ${value}`);
    }
  }
  return found;
}"""
SMALL = """() => [...document.querySelectorAll("button, .btn, .button, select, summary, .site-nav a, .site-name, .back-link, "
    + "textarea, input:not([type=hidden], [type=checkbox], [type=radio])")]
  .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, .visually-hidden-focusable"))
  .map((one) => [Math.round(one.getBoundingClientRect().height), one.outerHTML.slice(0, 100)])
  .filter(([height]) => height < 44)"""
RING = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  return [one.outerHTML.slice(0, 80), style.outlineStyle, style.outlineWidth];
}"""


@pytest.fixture
def pages(client, alice, wang):
    """Each page with the answer that its reader gets."""
    answers = {address: client.get(address) for address in PUBLIC}
    for user, addresses in ((alice, OWN), (wang, OFFICERS)):
        client.force_login(user)
        answers |= {address: client.get(address) for address in addresses}
    assert {answer.status_code for answer in answers.values()} == {200}
    return answers


def test_main_pages(browser, pages, general_record):
    faults = []
    with shown(browser, PUBLIC[0], pages, width=360) as seen:
        page = seen.page
        for address in pages:
            page.goto(address)
            faults += [f"{address}: {each}" for each in page.evaluate(FOREIGN)]
            faults += [f"{address}: {height} px {each}" for height, each in page.evaluate(SMALL)]
            for _ in range(8):
                page.keyboard.press("Tab")
                element, style, width = page.evaluate(RING)
                if (style, width) != ("solid", "3px") and not element.startswith("<body"):
                    faults.append(f"{address}: no ring ({style} {width}) {element}")
    assert faults == []
