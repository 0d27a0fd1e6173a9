"""Who reads the archive: the audit administrator all of it, a supervisor what their own organ did, and nobody writes."""

import ast
import re

import pytest
from django.db import transaction

from applications.accounts.models import Role
from applications.audit.payloads import KEYS, ROLES
from applications.audit.verbs import in_words
from applications.ledger.models import Event
from applications.ledger.sealing import seal_ledger
from applications.ledger.services import record_event
from rules.procedure import TABLE
from tests.fixtures import make_user, moment
from tests.pages import seen
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


def keys_in(tree: ast.AST) -> set[str]:
    """The keys that code puts into a ``payload``, whether given, assigned or added to."""
    found: set[str] = set()
    for node in ast.walk(tree):
        given: list[ast.AST] = []
        match node:
            case ast.keyword(arg="payload", value=value):
                given = [value]
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
                if ast.unparse(target).endswith("payload") and value is not None:
                    given = [value]
                elif isinstance(target, ast.Subscript) and ast.unparse(target.value).endswith("payload"):
                    found |= {each.value for each in [target.slice] if isinstance(each, ast.Constant)}
            case ast.AugAssign(target=target, value=value) if ast.unparse(target).endswith("payload"):
                given = [value]
        dicts = [each for value in given for each in ast.walk(value) if isinstance(each, ast.Dict)]
        found |= {key.value for each in dicts for key in each.keys if isinstance(key, ast.Constant)}
    return found


def test_every_part_of_an_event_and_every_role_has_a_name():
    """Whatever the code writes into the ledger, and, of what it works out, what a filled archive holds."""
    found = {
        key
        for name, text in sources("applications")
        if re.search(r"record_event|note_reading|Entry\(", text)
        and "/sample/" not in name
        and "/rehearsal/" not in name
        for key in keys_in(ast.parse(text))
    }
    assert len(found) > 50
    assert {key for key in found if key not in KEYS} == set()
    roles = {
        role
        for _name, text in sources("applications")
        if "record_event" in text or "note_reading" in text
        for role in re.findall(r'\brole="([a-z_]+)"', text)
    }
    assert {role for role in roles | set(Role.values) | {"system"} if role not in ROLES} == set()


def test_an_event_reads_in_chinese(client, event, auditor, market_bureau, wang):
    with transaction.atomic():
        record_event(
            chain="refused-1",
            verb="act.refused",
            at=moment("2026-11-20 09:01"),
            actor=wang,
            role="staff",
            organ=market_bureau,
            payload={"why": "IllegalAction", "act": "accept", "arguments": {"number": "XF-1"}},
        )
    client.force_login(auditor)
    page = seen(client.get(f"{EVENTS}{Event.objects.last().pk}/change/"))
    for words in (
        "操作被拒绝",
        "工作人员",
        "拒绝的原因：办件的状态不允许这一步",
        "事项：受理",
        "网址中写明：编号：XF-1",
    ):
        assert words in page
    assert "受理岗" in seen(client.get(f"{EVENTS}{event.pk}/change/"))


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
