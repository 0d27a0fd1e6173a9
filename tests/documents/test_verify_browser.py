"""Comparing a PDF in a real browser: the file stays on the visitor's machine."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.browsing import shown

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_the_browser_compares_without_sending_the_file(browser, client, notice, tmp_path):
    with notice.pdf.file.open("rb") as stored:
        content = bytearray(stored.read())
    same, forged = tmp_path / "same.pdf", tmp_path / "forged.pdf"
    same.write_bytes(content)
    content[len(content) // 2] ^= 1
    forged.write_bytes(content)
    address = reverse("documents:verified", args=[notice.verification_code])
    with shown(browser, address, {address: client.get(address)}) as seen:
        page = seen.page
        before = len(seen.asked)
        sentence, result = page.locator(".lead-sentence"), page.locator("#comparison")
        button = page.get_by_role("button", name="比对文件")

        button.click()
        result.get_by_text("请选择要比对的PDF文件").wait_for(state="visible")

        page.set_input_files("input[type=file]", forged)
        button.click()
        result.get_by_text("文件与签发的文书不一致").wait_for(state="visible")
        assert "内容不符" in sentence.inner_text()

        page.set_input_files("input[type=file]", same)
        button.click()
        result.get_by_text("文件与签发的文书完全一致").wait_for(state="visible")
        assert re.sub(r"\s", "", sentence.inner_text()) == "这份文书真实有效。"

        assert [url for url in seen.asked[before:] if "/static/" not in url] == []
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        assert seen.complaints == []
