"""A real browser that is given pages as the tests rendered them: no server, and nothing from anywhere else.

It is the one of the fixture ``browser``. Two drivers in one thread stop each other, so no test starts one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from playwright.sync_api import Browser, Page, Route

SITE = "https://credit.example.gov.cn"
BLANK = "<!doctype html><html lang='zh-hans'><title>x</title>"


class Shown:
    """A page, what it asked for, and what the browser held against it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []


@contextmanager
def shown(
    browser: Browser, path: str, answers: Mapping[str, HttpResponse], width: int = 1280
) -> Iterator[Shown]:
    """The page at ``path`` of a site that has these answers, by path and with their own headers; others are blank."""
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=SITE, locale="zh-CN")
    seen = Shown(context.new_page())

    def answer(route: Route) -> None:
        seen.asked.append(route.request.url)
        asked = route.request.url.removeprefix(SITE)
        kept = answers.get(asked.partition("?")[0])
        if asked.startswith("/static/"):
            route.fulfill(path=finders.find(asked.removeprefix("/static/")))
        elif kept is None:
            route.fulfill(body=BLANK, content_type="text/html; charset=utf-8")
        else:
            route.fulfill(body=kept.content, headers=dict(kept.headers))

    seen.page.on("console", lambda said: seen.complaints.append(said.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.route("**/*", answer)
    try:
        seen.page.goto(path, wait_until="networkidle")
        yield seen
    finally:
        context.close()
