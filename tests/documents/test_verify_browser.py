"""Comparing a PDF in a real browser: the file stays on the visitor's machine."""

import hashlib

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.browsing import shown

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_the_browser_sends_the_digest_and_not_the_file(browser, client, tmp_path):
    content = b"%PDF-1.7 what nobody else reads"
    (tmp_path / "x.pdf").write_bytes(content)
    address = reverse("documents:verify")
    with shown(browser, address, {address: client.get(address)}) as seen:
        page = seen.page
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        page.fill("input[name=code]", "7KQM")
        page.set_input_files("input[type=file]", tmp_path / "x.pdf")
        with page.expect_request(lambda asked: asked.method == "POST") as posted:
            page.get_by_role("button", name="核验", exact=True).click()
        sent = posted.value.post_data_buffer
        assert hashlib.sha256(content).hexdigest().encode() in sent and b"7KQM" in sent
        assert b"nobody else reads" not in sent and b"x.pdf" not in sent
        assert seen.complaints == []


def test_what_is_no_pdf_goes_to_the_server_which_says_so(browser, client, tmp_path):
    (tmp_path / "x.pdf").write_bytes(b"GIF89a")
    address = reverse("documents:verify")
    with shown(browser, address, {address: client.get(address)}) as seen:
        seen.page.set_input_files("input[type=file]", tmp_path / "x.pdf")
        with seen.page.expect_request(lambda asked: asked.method == "POST") as posted:
            seen.page.get_by_role("button", name="核验", exact=True).click()
        sent = posted.value.post_data_buffer
        assert b"x.pdf" in sent and hashlib.sha256(b"GIF89a").hexdigest().encode() not in sent
