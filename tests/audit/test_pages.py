"""Who reads the archive: the audit administrator all of it, a supervisor what their own organ did, and nobody writes."""

import re

import pytest
from django.db import transaction

from applications.accounts.models import Role
from applications.audit.verbs import in_words
from applications.ledger.models import Event
from applications.ledger.sealing import seal_ledger
from applications.ledger.services import record_event
from rules.procedure import TABLE
from tests.fixtures import make_user, moment
from tests.test_architecture import sources

EVENTS = "/admin/ledger/event/"
HEADS = "/admin/ledger/head/"


@pytest.fixture
def auditor(credit_bureau):
    return make_user("audit@example.com", "冯审计", credit_bureau, Role.AUDIT_ADMIN)


@pytest.fixture
def event(market_bureau, wang) -> Event:
    with transaction.atomic():
        record_event(
            chain="XF-320100-2026-000001-0",
            verb="repair.accepted",
            at=moment("2026-11-20 09:00"),
            actor=wang,
            role="intake",
            organ=market_bureau,
            payload={"documents": ["受理通知书"]},
        )
    return Event.objects.get()


@pytest.mark.parametrize(
    ("person", "status", "seen"),
    [
        ("auditor", 200, True),
        ("zhao", 200, True),
        ("outsider", 200, False),
        ("wang", 403, False),
        ("qian", 403, False),
    ],
)
def test_who_reads_the_archive(request, client, event, person, status, seen):
    client.force_login(request.getfixturevalue(person))
    response = client.get(EVENTS)
    assert response.status_code == status
    assert (event.chain in response.content.decode()) is seen
    assert client.get(f"{EVENTS}{event.pk}/change/").status_code == (200 if seen else 404)


def test_an_event_shows_what_it_says(client, event, auditor):
    client.force_login(auditor)
    page = client.get(f"{EVENTS}{event.pk}/change/").content.decode()
    assert "受理通知书" in page and event.hash in page


def test_events_are_told_in_words(client, event, auditor, market_bureau, wang):
    with transaction.atomic():
        for verb in ("repaircase.listed", "subject.read"):
            record_event(chain="x", verb=verb, at=moment("2026-11-20 09:01"), actor=wang, organ=market_bureau)
    client.force_login(auditor)
    page = client.get(EVENTS).content.decode()
    assert "查阅信用修复申请列表" in page and "查阅信用主体" in page and "repaircase.listed" not in page


def test_every_event_has_words():
    """Whatever the code writes into the ledger."""
    literal = re.compile(r'"([a-z]+\.[a-z_]+)"')
    lines = [
        line
        for name, text in sources("applications")
        if re.search(r"record_event|_record\(|Entry\(", text) and "/audit/verbs.py" not in name
        for line in text.splitlines()
        if re.search(r"verb=|_record\w*\(|event=", line)
    ]
    verbs = {verb for line in lines for verb in literal.findall(line)} | {step.event for step in TABLE}
    assert len(verbs) > 50
    assert [verb for verb in sorted(verbs) if in_words(verb) == verb] == []


def test_nobody_changes_it(client, event, auditor):
    client.force_login(auditor)
    assert client.get(f"{EVENTS}add/").status_code == 403
    assert client.post(f"{EVENTS}{event.pk}/delete/").status_code == 403
    assert client.post(f"{EVENTS}{event.pk}/change/", {"verb": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("term", "found"),
    [("XF-320100", True), ("repair.acc", True), ("000001", False), ("repair.granted", False)],
)
def test_search_from_the_beginning(client, event, auditor, term, found):
    client.force_login(auditor)
    page = client.get(EVENTS, {"q": term}).content.decode()
    assert (f">{event.chain}<" in page) is found


def test_heads_are_the_auditors(client, event, auditor, zhao):
    head = seal_ledger(at=moment("2026-11-20 10:00"))
    client.force_login(auditor)
    assert head.root in client.get(HEADS).content.decode()
    client.force_login(zhao)
    assert client.get(HEADS).status_code == 403
