"""Comparing a PDF in a real browser: the file stays on the visitor's machine."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.urls import reverse
from playwright.sync_api import Route, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

SITE = "https://credit.example.gov.cn"


def compare(html: str, launch: dict, same: Path, forged: Path) -> None:
    """What a visitor sees on the page of a valid document. The browser gets the page and its files, nothing else."""
    asked, complaints = [], []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/static/"):
            route.fulfill(path=finders.find(path.removeprefix("/static/")))
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    with sync_playwright() as playwright:
        page = playwright.chromium.launch(**launch).new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", answer)
        page.goto(f"{SITE}/v/", wait_until="networkidle")
        before = len(asked)
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

        assert [url for url in asked[before:] if "/static/" not in url] == []
        assert [
            (v["id"], [n["html"] for n in v["nodes"]]) for v in Axe().run(page).response["violations"]
        ] == []
        assert complaints == []


def test_the_browser_compares_without_sending_the_file(client, notice, tmp_path, browser_type_launch_args):
    with notice.pdf.file.open("rb") as stored:
        content = bytearray(stored.read())
    same, forged = tmp_path / "same.pdf", tmp_path / "forged.pdf"
    same.write_bytes(content)
    content[len(content) // 2] ^= 1
    forged.write_bytes(content)
    page = client.get(reverse("documents:verified", args=[notice.verification_code])).content.decode()
    # Playwright keeps an event loop in its thread, beside which Django would refuse the database.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(compare, page, browser_type_launch_args, same, forged).result(timeout=120)
