"""Pages as somebody reads them who knows no Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.test import Client
from lxml import html

from applications.language import HAN
from tests.pages import seen, text

CHINESE = re.compile(f"[{HAN}]")
READ_OUT = ("alt", "aria-label", "data-label", "placeholder", "title")
ENGLISH = {"Accept-Language": "en"}


def chinese_in(page: str) -> list[str]:
    """What is Chinese in a page and does not say so: names and contents of the procedure are in lang="zh"."""
    return [*_chinese_in(html.fromstring(page), is_chinese=False)]


def _chinese_in(element: Any, *, is_chinese: bool) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in ("script", "style"):
        return
    is_chinese = element.get("lang", "zh" if is_chinese else "en").startswith("zh")
    if not is_chinese:
        for words in (element.text, *(element.get(name) for name in READ_OUT)):
            if words and CHINESE.search(words):
                yield words.strip()
    for child in element:
        yield from _chinese_in(child, is_chinese=is_chinese)
        if not is_chinese and child.tail and CHINESE.search(child.tail):
            yield child.tail.strip()


def form_of(page: HttpResponse, *names: str) -> Any:
    """The last form of a page that has these fields."""
    forms = html.fromstring(text(page)).forms
    return [form for form in forms if {*names} <= {*form.fields.keys()}][-1]


def filled_in(page: HttpResponse, **given: Any) -> dict[str, Any]:
    """The form of a page as a browser sends it, with what somebody chose and typed."""
    values: dict[str, Any] = {}
    for name, value in form_of(page, *given).form_values():
        values.setdefault(name, []).append(value)
    return values | given


def send(client: Client, address: str, **given: Any) -> HttpResponse:
    """Open a page, fill its form in, send it where it goes, and see what comes."""
    page = client.get(address)
    assert page.status_code == 200, address
    to = form_of(page, *given).get("action") or address
    answer = client.post(to, filled_in(page, **given), follow=True)
    assert answer.status_code == 200, (address, answer.status_code)
    assert "error-summary" not in text(answer), seen(answer)
    return answer
