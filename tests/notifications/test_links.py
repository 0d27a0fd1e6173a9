"""A link that a message bears leads to the page about its subject, however long ago it was written."""

import re

import pytest

from applications.notifications.links import link_to
from applications.notifications.services import notify
from credit_repair.lasting import PAGES
from tests.fixtures import moment
from tests.test_architecture import sources


def kinds() -> set[str]:
    """Whatever the code writes links to; a change of the calendar says of which of its kinds it is."""
    called = [call for _, text in sources("applications") for call in re.findall(r"link_to\(([^,)]+)", text)]
    return {call.strip('"') for call in called if call.startswith('"')} | {"calendarnotice", "localclosure"}


def test_every_kind_has_its_page_and_no_page_is_for_nothing():
    assert kinds() == set(PAGES)


@pytest.mark.parametrize(
    ("kind", "key", "page"),
    [
        ("case", "XF-320100-2026-000001-0", "/a/XF-320100-2026-000001-0/"),
        ("repaircase", 7, "/admin/repairs/repaircase/7/change/"),
        ("repaircases", "", "/admin/repairs/repaircase/"),
        ("calendarnotice", 7, "/admin/calendars/calendarnotice/7/change/"),
        ("localclosure", 7, "/admin/calendars/localclosure/7/change/"),
        ("calendarnotices", "", "/admin/calendars/calendarnotice/"),
        ("clocks", "", "/admin/deadlines/deadline/"),
        ("sweeps", "", "/admin/deadlines/sweep/"),
        ("delivery", "6f1e", "/admin/sharing/delivery/6f1e/change/"),
        ("claim", 7, "/admin/subjects/claim/7/change/"),
        ("subjects", "", "/subjects/"),
        ("rules", 7, "/admin/policies/implementingrules/7/change/"),
        ("adoption", 7, "/oversight/adoptions/7/"),
        ("reports", "", "/reports/"),
    ],
)
def test_it_leads_to_the_page_of_today(client, kind, key, page):
    response = client.get(link_to(kind, key))
    assert (response.status_code, response["Location"]) == (302, page)


@pytest.mark.parametrize(
    "address", ["/to/nothing/", "/to/nothing/7/", "/to/adoption/", "/to/adoption/x/", "/to/reports/7/"]
)
def test_what_is_no_page_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_a_message_of_before_bears_the_page_s_own_address(client, alice):
    notify(
        key="old",
        recipients=[alice],
        subject="办理结果",
        body="…",
        at=moment("2026-11-20 09:00"),
        link="/a/XF-1/",
    )
    client.force_login(alice)
    page = client.get("/messages/").content.decode()
    message = re.search(r'href="(/messages/\d+/)"', page)[1]
    assert 'href="/a/XF-1/"' in client.get(message).content.decode()
