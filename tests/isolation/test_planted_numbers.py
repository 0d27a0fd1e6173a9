"""Numbers of persons in every text of a record, as older data has them, and in every column of a file: no page, export,
feed, message, log or workbook shows one.

The addresses are those of the matrix, so a page that is new is crawled without a word here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection, models
from django.test import Client

from applications.documents.models import Document
from applications.documents.rendering import render_pdf
from applications.records.models import DishonestyRecord, Obligation
from tests.documents.test_letters import text_of
from tests.isolation.officer_pages import OFFICER_PAGES
from tests.isolation.pages import PAGES, Page
from tests.isolation.people import CLAIMANT, OTHERS, OWN, SUPERUSERS
from tests.isolation.visiting import undone
from tests.isolation.world import World

pytestmark = pytest.mark.django_db

RESIDENT, PASSPORT, MOBILE = "11010519491231002X", "E23456789", "13912345678"
NUMBERS = (RESIDENT, PASSPORT, MOBILE)
FOUND = re.compile("|".join(NUMBERS))
TEXT = f"身份证{RESIDENT}，护照{PASSPORT}，手机{MOBILE}"
# In the words of these a record is written anew, by those who may read it whole: a mask there would be written into it.
FORMS = {"/records/{record.pk}/objection/"}
ALL = [*PAGES, *OFFICER_PAGES]


def columns() -> Iterator[models.Field]:
    """The text columns of a record that take what a file said."""
    for field in DishonestyRecord._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField) and not field.choices:
            yield field


@pytest.fixture(scope="module")
def planted(world) -> World:
    records = DishonestyRecord.objects.filter(subject=world.near.subject)
    kept = {"region", "plain_number"}
    values = {
        field.name: RESIDENT if (field.max_length or 999) < 60 else TEXT
        for field in columns()
        if field.name not in kept
    }
    # A number of its own each, as the database asks.
    number = values.pop("document_number")
    assert {
        "violation_type",
        "facts",
        "legal_basis",
        "penalty_content",
        "permit_affected",
        "remarks",
    } <= values.keys()
    for record in records:
        DishonestyRecord.objects.filter(pk=record.pk).update(
            document_number=f"{number}，{record.document_number}"[:128],
            other_columns={"code_2": TEXT, "code_3": RESIDENT},
            **values,
        )
    for duty in Obligation.objects.filter(record__in=records):
        Obligation.objects.filter(pk=duty.pk).update(name=f"{RESIDENT}，{MOBILE}，护照{PASSPORT}，{duty.pk}")
    return world


def visitors(page: Page, own: frozenset[str]) -> list[str]:
    """One of each kind whom it opens to: what people of one kind see is alike."""
    kinds: dict[str, str] = {}
    for name in sorted(own - OTHERS - CLAIMANT - SUPERUSERS):
        kinds.setdefault("owner" if name in OWN else name.partition(".")[0], name)
    return list(kinds.values())


def said(response) -> str:
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"%PDF") and b"%%EOF" in content:
        return text_of(content)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"".join(parts.read(name) for name in parts.namelist())
    return content.decode(errors="replace") + str(response.headers)


WRITTEN = (
    "notifications_message",
    "sharing_delivery",
    "documents_document",
    "ledger_event",
    "files_storedfile",
)


def rows_of(table: str, after: int = -1) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return "\n".join(map(str, cursor.fetchall()))


class Crawl:
    def __init__(self, world: World) -> None:
        self.world, self.found, self.visited = world, list[str](), 0
        self.cookies: dict[str, dict[str, str]] = {}
        self.issued = {*Document.objects.values_list("pk", flat=True)}

    def client(self, name: str) -> Client:
        """A browser of the person, as it was before the last page that might have signed it out."""
        client = Client()
        if name not in self.cookies:
            if user := self.world.people.get(name):
                client.force_login(user)
            self.cookies[name] = {key: morsel.value for key, morsel in client.cookies.items()}
        client.cookies.load(self.cookies[name])
        return client

    def ask(self, name: str, method: str, address: str, body=None, follow=False) -> None:
        cache.clear()
        self.visited += 1
        with undone() as written:
            response = getattr(self.client(name), method)(address, body, follow=follow)
            self.note(name, method, address, said(response))
            for table in written & set(WRITTEN):
                self.note(name, method, f"{address} writes {table}", rows_of(table))
            if "documents_document" in written:
                for letter in Document.objects.exclude(pk__in=self.issued):
                    self.note(name, method, f"{address} issues {letter.kind}", text_of(render_pdf(letter).pdf))

    def note(self, name: str, method: str, where: str, text: str) -> None:
        if leaked := sorted(set(FOUND.findall(text))):
            at = text.index(leaked[0])
            self.found.append(f"{name}: {method} {where}: {leaked} … {text[max(0, at - 150) : at + 20]!r}")


def test_no_page_shows_a_number_of_older_data(planted):
    crawl = Crawl(planted)
    for page in ALL:
        address = page.filled(planted, planted.near)
        if page.address not in FORMS:
            for name in visitors(page, page.own):
                crawl.ask(name, "get", address)
        for name in visitors(page, page.own_posts):
            crawl.ask(
                name, "post", address, page.form(planted, planted.near, planted.people.get(name)), follow=True
            )
    import pathlib

    pathlib.Path("/tmp/ten_leaks.txt").write_text("\n".join(crawl.found))
    assert crawl.found == []
    assert crawl.visited > 400
