"""Every page that a person of the demo reaches: no console error, no request elsewhere, nothing wider than a
phone, no accessibility violation that axe can find."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.server, pytest.mark.browser]

PASSWORD = "xiufu-shili-2020"
PEOPLE = {
    "visitor": (None, ["/", "/guide/", "/check/", "/track/", "/search/", "/v/", "/deadlines/", "/accounts/login/",
                       "/accounts/signup/", "/accounts/password/reset/", "/performance/", "/data/", "/guide/rules/"]),
    "applicant": ("applicant@example.com", ["/desk/", "/records/", "/subjects/", "/subjects/claim/", "/messages/", "/reports/"]),
    "newcomer": ("newcomer@example.com", ["/desk/", "/records/", "/subjects/"]),
    "intake": ("intake.nj-scjg@example.com", ["/admin/", "/admin/repairs/repaircase/", "/admin/records/dishonestyrecord/",
                                              "/admin/records/importbatch/import/", "/messages/"]),
    "approver": ("approver.nj-scjg@example.com", ["/admin/", "/admin/repairs/repaircase/?queue=all", "/admin/objections/objection/",
                                                  "/admin/deadlines/deadline/"]),
    "report officer": ("report.nj-xyzx@example.com", ["/admin/", "/admin/reports/creditreport/", "/admin/reports/creditreport/new/"]),
    "supervisor": ("supervisor.nj-fgw@example.com", ["/admin/", "/oversight/", "/admin/deadlines/deadline/",
                                                     "/admin/deadlines/escalation/"]),
}  # fmt: skip


def links_worth_following(page) -> list[str]:
    """One address of each kind that the page links to: a number or code in it stands for all of its kind."""
    import re

    found: dict[str, str] = {}
    for link in page.locator("main a[href], #content a[href]").all():
        address = link.get_attribute("href") or ""
        if not address.startswith("/") or re.search(
            r"/documents/|/proofs/|/logout|\?|/v/|\.ics|\.json|\.csv|\.atom|/file/|/history/|/template/|/export/",
            address,
        ):
            continue
        found.setdefault(
            re.sub(r"XF-[\d-]+|(?<=/performance/)[\w-]+|\d+|[0-9a-f-]{36}", "*", address), address
        )
    return list(found.values())


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_are_clean_and_fit_a_phone(visit, who):
    email, starts = PEOPLE[who]
    reader = visit(360)
    if email:
        reader.log_in(email, PASSWORD)
    waiting, seen, faults = list(starts), set(), []
    while waiting:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        reader.faults.clear()
        page = reader.open(address)
        faults += [f"{address}: {fault}" for fault in reader.faults]
        if page.locator("h1").count() != 1:
            faults.append(f"{address}: {page.locator('h1').count()} h1")
        if address in starts:
            waiting += links_worth_following(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            faults.append(f"{address}: {width} px wide")
        for violation in Axe().run(page).response["violations"]:
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:2])
            faults.append(f"{address}: {violation['id']} {nodes}")
    assert faults == []
