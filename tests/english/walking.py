"""Every page that the public and applicants reach by links, in English, and what on it is Chinese and no data."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.apps import apps
from django.db import models
from django.test import Client

from applications.accounts.models import User
from applications.commitments.wording import own_text
from applications.language import HAN
from applications.portal.open_data.sets import SETS
from applications.subjects.models import Subject
from tests.english.pages import ENGLISH, READ_OUT
from tests.pages import text

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = (
    *("/", "/guide/", "/check/", "/track/", "/search/", "/search/?q=示例", "/v/", "/deadlines/", "/nowhere/"),
    *("/deadlines/?start=2026-09-28&days=7", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"),
    *("/performance/", "/data/", "/guide/rules/"),
)  # fmt: skip
OWN = (
    *("/desk/", "/records/", "/subjects/", "/subjects/claim/", "/subjects/claim/?kind=organisation", "/messages/"),
    *("/reports/", "/accounts/2fa/", "/accounts/email/", "/accounts/password/change/"),
)  # fmt: skip
# Officers' pages and files, the switches themselves, and verification, which counts its visitors.
ELSEWHERE = re.compile(
    r"/(static|admin|oversight|language|text|v/.|feeds|documents/[^/]+/$|accounts/logout)|.*\.(zip|jpg|json|csv|ics|pdf)"
)
# From these somebody comes to all that is theirs.
WAYS = ("/desk/", "/records/")
ONE_OF_MANY = re.compile(r"XF-[\d-]+|YY-[\d-]+|(?<=/performance/)[\w-]+|\d+|[0-9a-f-]{36}")
# Of a kind of page, how many are looked at; of the page of a case each, for its state, and of the copy of a letter.
MOST = 2
STATUS, COPY = "/a/*/", "/documents/*/english/"
WORDS = re.compile(rf"[{HAN}][{HAN}0-9〔〕]*")
MARKED = re.compile(r'<span lang="zh-CN">([^<]*)</span>')
# The name of the other language, and what is typed in Chinese.
QUOTED = frozenset({"简体中文", "南京市", "市场监督管理局", "宁市监处罚〔2026〕15号"})


def data() -> str:
    """All that stands in the database, the texts of commitments, and the names in the law and of the regions."""
    found = []
    for model in apps.get_models():
        if model.__module__.startswith("applications."):
            texts = (models.CharField, models.TextField, models.JSONField)
            names = [each.attname for each in model._meta.concrete_fields if isinstance(each, texts)]
            for row in model._default_manager.values_list(*names):
                found += [
                    value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
                    for value in row
                    if value
                ]
    # What is signed is Chinese before it is signed, too.
    found += [paragraph for subject in Subject.objects.all() for paragraph in own_text(subject)]
    # The heads of the files that can be downloaded.
    found += [str(field.heading) for each in SETS.values() for field in each.fields]
    for folder in ("rules/policies", "applications/organs/data"):
        found += [path.read_text(encoding="utf-8") for path in (ROOT / folder).iterdir() if path.is_file()]
    return "\n".join(found)


def left_in_chinese(page: str, known: str) -> Iterator[str]:
    """The Chinese words of an English page that are no data; names and contents stay as they are."""
    # In a text area is what its writer typed, in the words that a record file takes.
    page = re.sub(r"<(script|style|textarea)\b.*?</\1>", "", MARKED.sub(r"\1", page), flags=re.S)
    for said in [
        *re.findall(r">([^<]+)<", page),
        *re.findall(rf'(?:{"|".join(READ_OUT)})="([^"]*)"', page),
    ]:
        for words in WORDS.findall(html.unescape(said)):
            if words not in QUOTED and words not in known:
                yield f"{words} in {said.strip()[:80]}"


def walk(people: Iterable[str]) -> tuple[list[str], Counter[str]]:
    """What is wrong with the pages, and how many of each kind were looked at."""
    known, wrong, looked = data(), [], Counter[str]()
    for email in ("", *people):
        client = Client(headers=ENGLISH)
        if email:
            client.force_login(User.objects.get(email=email))
        waiting, met = [*(OWN if email else PUBLIC)], set[str]()
        while waiting:
            address = waiting.pop(0)
            kind = ONE_OF_MANY.sub("*", address.partition("?")[0])
            if (
                address in met
                or ELSEWHERE.match(address)
                or (looked[kind] >= MOST and kind not in (STATUS, COPY) and address not in WAYS)
            ):
                continue
            met.add(address)
            looked[kind] += 1
            answer = client.get(address, follow=True)
            if answer.streaming or not answer["Content-Type"].startswith("text/html"):
                continue
            page = text(answer)
            wrong += [f"{address}: {each}" for each in left_in_chinese(page, known)]
            if '<html lang="en">' not in page:
                wrong.append(f"{address}: not said to be English")
            waiting += [html.unescape(link) for link in re.findall(r'href="(/[^"]*)"', page)]
    return wrong, looked
