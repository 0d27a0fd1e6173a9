"""发文登记簿: the letters of an organ, found by kind and day, taken away as a table."""

import csv
import io
import re

import pytest

from applications.documents.models import Kind
from applications.documents.services import void_document
from applications.ledger.models import Event
from tests.fixtures import moment

pytestmark = pytest.mark.django_db

REGISTER = "/admin/documents/document/"


@pytest.fixture
def letters(issue, ecology_bureau):
    """Two of the market bureau's on two days, and one of another organ's."""
    return (
        issue(Kind.ACCEPTANCE_NOTICE, at=moment("2026-11-18 23:59")),
        issue(Kind.GRANT_DECISION, at=moment("2026-11-20 00:00")),
        issue(Kind.REFUSAL_DECISION, at=moment("2026-11-20 10:00"), by=ecology_bureau),
    )


def shown(client, person, **query) -> list[str]:
    client.force_login(person)
    response = client.get(REGISTER, query)
    assert response.status_code == 200
    return re.findall(r'<th class="field-number"><a [^>]+>([^<]+)</a>', response.content.decode())


def test_the_letters_of_the_own_organ_the_latest_first(client, letters, wang, outsider):
    accepted, granted, refused = letters
    assert shown(client, wang) == [granted.number, accepted.number]
    assert shown(client, outsider) == [refused.number]


def test_by_kind_by_day_and_by_number(client, letters, wang):
    accepted, granted, _refused = letters
    assert shown(client, wang, kind__exact=Kind.GRANT_DECISION) == [granted.number]
    # Days of Shanghai: the first was issued a minute before the 19th.
    assert shown(client, wang, issued_at__gte="2026-11-19") == [granted.number]
    assert shown(client, wang, issued_at__lte="2026-11-18") == [accepted.number]
    assert shown(client, wang, issued_at__gte="2026-11-18", issued_at__lte="2026-11-20") == [
        granted.number,
        accepted.number,
    ]
    assert shown(client, wang, q=granted.number) == [granted.number]


def test_what_became_of_a_letter(client, letters, wang):
    accepted, _granted, _refused = letters
    void_document(document=accepted, reason="文号有误", actor=None, at=moment("2026-11-23 09:00"))
    client.force_login(wang)
    page = client.get(REGISTER).content.decode()
    assert '<td class="field-standing">已作废</td>' in page and '<td class="field-standing">有效</td>' in page
    page = client.get(f"{REGISTER}{accepted.pk}/change/").content.decode()
    assert "文号有误" in page and "content" not in re.sub(r"<[^>]+>", "", page)


def test_taken_away_as_it_is_filtered_and_noted(client, letters, wang):
    _accepted, granted, _refused = letters
    client.force_login(wang)
    response = client.get(f"{REGISTER}export/csv/", {"kind__exact": Kind.GRANT_DECISION})
    table = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"), newline=""))
    [row] = table
    assert (row["文号"], row["文种"], row["出具时间"], row["状态"]) == (
        granted.number,
        "准予信用修复决定书",
        "2026-11-20 00:00",
        "有效",
    )
    event = Event.objects.get(verb="document.exported")
    assert event.actor == wang and event.payload["rows"] == 1


def test_what_no_officer_signs_names_no_officer(client, letters, wang, alice):
    """A receipt is made when somebody files."""
    accepted, granted, _refused = letters
    accepted.issued_by, granted.issued_by = alice, wang
    for letter in (accepted, granted):
        letter.save(update_fields=["issued_by"])
    client.force_login(wang)
    page = client.get(REGISTER).content.decode()
    assert re.findall(r'<td class="field-signer">([^<]+)</td>', page) == [wang.name, "系统"]
    table = b"".join(client.get(f"{REGISTER}export/csv/").streaming_content).decode("utf-8-sig")
    assert alice.name not in table and f",{wang.name}," in table


def test_it_is_the_organs_alone(client, letters, sun, alice):
    for person in (sun, alice):
        client.force_login(person)
        assert client.get(REGISTER).status_code in (302, 403)
        assert client.get(f"{REGISTER}{letters[0].pk}/change/").status_code in (302, 403, 404)


@pytest.mark.parametrize("wrong", ["2026-02-30", "x", "0001-01-01"])
def test_a_day_that_is_none_is_said_to_be(client, letters, wang, wrong):
    client.force_login(wang)
    page = client.get(REGISTER, {"issued_at__gte": wrong}, follow=True).content.decode()
    assert "网址里的筛选条件或者页码无效" in page
