"""What a browser shows after its person has signed out: a public computer at a service window."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.server, pytest.mark.browser]


@pytest.mark.parametrize(
    ("email", "address"),
    [
        ("applicant@example.com", "/records/"),
        ("intake.nj-scjg@example.com", "/admin/repairs/repaircase/?queue=all"),
    ],
)
def test_the_back_button_shows_nothing_after_signing_out(visit, email, address):
    reader = visit().log_in(email, "xiufu-shili-2020")
    private = reader.open(address).locator("h1").inner_text()
    page = reader.open("/messages/")
    page.get_by_role("button", name="退出").click()
    page.wait_for_load_state()
    for _step in range(2):
        page.go_back()
        assert "/accounts/login/" in page.url
        assert private not in page.locator("body").inner_text()
