"""Numbers of persons in every text of a record, as older data has them: no page, export, feed, message, letter, delivery
or log shows one.

The addresses are those of the matrix, so a page that is new is crawled without a word here. What a file brings in is asked
in tests/records/test_planted_in_files.py.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test import Client

from applications.documents.models import Document
from applications.documents.rendering import render_pdf
from applications.records.models import DishonestyRecord, Obligation
from applications.records.services import write_record
from applications.records.services.source import propose_act
from credit_repair.log_lines import PrivateFormatter
from tests.documents.test_letters import text_of
from tests.isolation.officer_pages import OFFICER_PAGES
from tests.isolation.pages import PAGES
from tests.isolation.people import CLAIMANT, OTHERS, OWN, SUPERUSERS
from tests.isolation.visiting import undone, unwaited
from tests.isolation.world import NOW, World
from tests.opening import answer_objection, approve_act
from tests.repairs.steps import granted, paper

pytestmark = pytest.mark.django_db

RESIDENT, PASSPORT, MOBILE = "11010519491231002X", "E23456789", "13912345678"
FOUND = re.compile("|".join((RESIDENT, PASSPORT, MOBILE)))
TEXT = f"身份证{RESIDENT}，护照{PASSPORT}，手机{MOBILE}"
# Of what a request writes, what leaves the portal or is read by people.
WRITTEN = {
    "notifications_message", "sharing_delivery", "documents_document", "ledger_event", "files_storedfile",
    "records_informationobjection", "repairs_storedassessment",
}  # fmt: skip
# What places and codes look like is nothing that anybody writes.
UNWRITTEN = {"region", "plain_number", "document_number"}


def texts() -> dict[str, str]:
    """Every text column of a record, with what is planted there."""
    return {
        field.name: TEXT if (field.max_length or 999) > 60 else RESIDENT
        for field in DishonestyRecord._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in UNWRITTEN
    }


@pytest.fixture(scope="module")
def planted(world) -> Iterator[World]:
    with unwaited():
        _plant(world)
        yield world
        # The other files share the world.
        transaction.set_rollback(True)


def _plant(world: World) -> None:
    records = DishonestyRecord.objects.filter(subject=world.near.subject)
    assert {
        "violation_type",
        "facts",
        "legal_basis",
        "penalty_content",
        "permit_affected",
        "remarks",
    } <= texts().keys()
    for record in records:
        # The numbers of decisions are not alike; by its plain form this one is found still.
        records.filter(pk=record.pk).update(
            document_number=f"{TEXT}，{record.document_number}"[:128],
            other_columns={"code_2": TEXT, "code_3": RESIDENT},
            **texts(),
        )
    for duty in Obligation.objects.filter(record__in=records):
        Obligation.objects.filter(pk=duty.pk).update(name=f"{TEXT}，{duty.pk}")


def visitors(who: frozenset[str]) -> list[str]:
    """One of each kind: what people of one kind see is alike."""
    kinds: dict[str, str] = {}
    for name in sorted(who - OTHERS - CLAIMANT - SUPERUSERS):
        kinds.setdefault("owner" if name in OWN else name.partition(".")[0], name)
    return list(kinds.values())


def said(response: Any) -> str:
    """All text of an answer, also within a PDF and a workbook."""
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"%PDF") and b"%%EOF" in content:
        return text_of(content)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            content = b"".join(parts.read(name) for name in parts.namelist())
    return content.decode(errors="replace") + str(response.headers)


def rows_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return "\n".join(map(str, cursor.fetchall()))


class Crawl:
    """``found``: where a number was seen, and what stood before it."""

    def __init__(self, world: World) -> None:
        self.world, self.found, self.visited = world, list[str](), 0
        self.cookies: dict[str, dict[str, str]] = {}
        self.issued = {*Document.objects.values_list("pk", flat=True)}

    def client(self, name: str) -> Client:
        """A person's browser, as it was before a page that might have signed the person out."""
        client = Client()
        if name not in self.cookies:
            if user := self.world.people.get(name):
                client.force_login(user)
            self.cookies[name] = {key: morsel.value for key, morsel in client.cookies.items()}
        client.cookies.load(self.cookies[name])
        return client

    @contextmanager
    def watching(self, where: str) -> Iterator[None]:
        """What is written meanwhile is read, and undone."""
        with undone() as written:
            yield
            for table in sorted(written & WRITTEN):
                self.note(f"{where} writes {table}", rows_of(table))
            if "documents_document" in written:
                for letter in Document.objects.exclude(pk__in=self.issued):
                    self.note(f"{where} issues {letter.kind}", text_of(render_pdf(letter).pdf))

    def ask(self, name: str, method: str, address: str, body: Any = None) -> None:
        cache.clear()
        self.visited += 1
        where = f"{name}: {method} {address}"
        with self.watching(where):
            self.note(where, said(getattr(self.client(name), method)(address, body, follow=method == "post")))

    def note(self, where: str, text: str) -> None:
        if leaked := FOUND.search(text):
            self.found.append(f"{where}: {text[max(0, leaked.start() - 200) : leaked.end()]!r}")


def test_no_page_shows_a_number_of_older_data(planted, caplog):
    crawl, place = Crawl(planted), planted.near
    for page in [*PAGES, *OFFICER_PAGES]:
        address = page.filled(planted, place)
        for name in visitors(page.own):
            crawl.ask(name, "get", address)
        for name in visitors(page.own_posts):
            crawl.ask(name, "post", address, page.form(planted, place, planted.people.get(name)))
    for asked in (place.subject.name, place.record.plain_number, place.revoked_record.plain_number):
        crawl.ask("anonymous", "post", "/search/", {"q": asked})
    case = place.case_submitted
    crawl.ask("anonymous", "post", "/track/", {"number": case.number, "code": case.tracking_code})
    assert crawl.found == []
    assert crawl.visited > 300
    formatter = PrivateFormatter("%(levelname)s %(message)s")
    assert [line for line in map(formatter.format, caplog.records) if FOUND.search(line)] == []


def test_nor_does_what_is_said_when_such_a_record_changes(planted):
    crawl, place = Crawl(planted), planted.near
    intake, decider = place.people["unit.intake"], place.decider
    with crawl.watching("a change under application"):
        write_record(
            record=DishonestyRecord.objects.get(pk=place.case_accepted.record_id),
            values={"facts": "没有。", "penalty_content": "罚款1元", "violation_type": "轻微"},
            verb="record.updated", at=NOW, actor=intake,
        )  # fmt: skip
    for case in (place.case_submitted, place.case_granted):
        for kinds in (["revoke"], ["revoke", "unrevoke"]):
            with crawl.watching(f"{kinds} of {case.status}"):
                record = DishonestyRecord.objects.get(pk=case.record_id)
                for kind in kinds:
                    _act(record, kind, intake, decider)
    with crawl.watching("an answer"):
        objection = place.information_objection
        answer_objection(
            objection=objection, accepted={"facts": "没有"}, reasons="属实", actor=decider, at=NOW
        )
    bureau = [place.people[f"bureau.{role}"] for role in ("intake", "reviewer", "approver")]
    with crawl.watching("a bureau's grant"):
        granted(
            DishonestyRecord.objects.get(pk=place.record.pk),
            place.organs["bureau"], place.people["owner"], *bureau,
        )  # fmt: skip
    assert crawl.found == []


def _act(record: DishonestyRecord, kind: str, intake: Any, decider: Any) -> None:
    act = propose_act(
        record=record, kind=kind, grounds=f"经{MOBILE}核实。", document=paper("决定.pdf"),
        effective_on=NOW.date(), actor=intake, at=NOW,
    )  # fmt: skip
    approve_act(act=act, actor=decider, at=NOW)
    record.refresh_from_db()
