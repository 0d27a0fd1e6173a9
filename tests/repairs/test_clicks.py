"""How many clicks a case takes its three officers, from their lists to the decision, in a real browser: all of it by mouse, or
with the papers opened by key (n, for the next)."""

import pytest
from playwright.sync_api import expect

from applications.documents.services import render_document
from tests.fixtures import TODAY
from tests.repairs.steps import submitted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Officer:
    """Somebody signed in, whose clicks are counted."""

    def __init__(self, user, new_context, client, live_server, settings):
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        context = new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        self.page, self.clicks, self.faults = context.new_page(), 0, []
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.goto(f"{live_server.url}/admin/repairs/repaircase/")

    def click(self, selector):
        self.page.locator(selector).first.click()
        self.clicks += 1

    def choose(self, case, action):
        self.click(f"a[href*='/{case.pk}/straight-on/']")
        # Papers are looked for on the page that comes.
        self.page.wait_for_url(f"**/step/{action}/**")

    def open_papers(self, by):
        """Each once, by its link; or by key, from the form and from inside the frame alike."""
        shown = self.page.frame_locator("iframe[name=viewer]")
        names = [link.inner_text().rpartition("：")[2] for link in self.page.locator("[data-paper]").all()]
        for name in dict.fromkeys(names):
            if by == "mouse":
                self.click(f"[data-paper]:has-text('{name}')")
            else:
                self.page.keyboard.press("n")
            expect(shown.locator("header")).to_contain_text(name)
            # Its own link: until then the last one is still the present one, and so the next key counts from it.
            here = self.page.locator("[data-paper][aria-current]", has_text=name).first
            expect(here.locator("+ .tag-good")).to_be_visible()
            shown.locator("a").first.focus()

    def confirm(self):
        self.click("button[name=take]")
        self.page.wait_for_url("**/change/**")


@pytest.mark.parametrize(
    ("severity", "by", "most"), [("general", "mouse", 10), ("general", "key", 7), ("serious", "mouse", 16)]
)
def test_a_case_from_three_lists_to_the_grant(
    new_context, client, live_server, settings, request, severity, by, most,
    market_bureau, alice, wang, li, zhao,
):  # fmt: skip
    case = submitted(request.getfixturevalue(f"{severity}_record"), market_bureau, alice)
    render_document(case.filing.commitment.document_id, at=TODAY)

    def officer(user):
        return Officer(user, new_context, client, live_server, settings)

    taking = officer(wang)
    taking.choose(case, "accept")
    taking.confirm()

    examining = officer(li)
    examining.choose(case, "review")
    examining.open_papers(by)
    examining.click("button[name=rest]")
    expect(examining.page.get_by_text("系统也没有提示的各项标为属实，还没有提交")).to_be_visible()
    # What the system cannot vouch for is answered one by one.
    unanswered = examining.page.locator("fieldset.verdict:not(:has(input:checked)) input[value=yes]")
    for left in range(unanswered.count(), 0, -1):
        expect(unanswered).to_have_count(left)
        unanswered.first.click()
        examining.clicks += 1
    examining.confirm()

    deciding = officer(zhao)
    deciding.choose(case, "grant")
    frame = deciding.page.frame_locator("iframe[name=viewer]")
    expect(frame.get_by_alt_text("《准予信用修复决定书》第1页")).to_be_visible()
    deciding.confirm()

    case.refresh_from_db()
    assert case.status == "granted"
    assert [*taking.faults, *examining.faults, *deciding.faults] == []
    assert taking.clicks + examining.clicks + deciding.clicks <= most
