"""Who gets a document, and what one sees while it is being made."""

import pytest
from django.urls import reverse

from applications.documents import access, services
from applications.ledger.models import Event
from tests.documents.conftest import ISSUED

pytestmark = pytest.mark.django_db


def get(client, user, document, **query):
    if user:
        client.force_login(user)
    return client.get(reverse("documents:download", args=[document.pk]), query)


def test_officers_of_the_issuing_organ_get_it_and_leave_a_trace(client, notice, li):
    response = get(client, li, notice)
    assert response.status_code == 200
    assert b"".join(response.streaming_content).startswith(b"%PDF-")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    event = Event.objects.get(verb="document.read")
    assert (event.payload["about"], event.actor, event.payload["number"]) == (notice.about, li, notice.number)


@pytest.mark.parametrize("query", [{}, {"page": "1"}])
def test_a_pdf_that_is_gone_was_not_read(client, notice, li, query):
    notice.pdf.file.storage.delete(notice.pdf.file.name)
    assert get(client, li, notice, **query).status_code == 404
    assert not Event.objects.filter(verb="document.read").exists()


@pytest.mark.parametrize("stranger", ["charlie", "alice", "outsider"])
def test_for_anybody_else_it_does_not_exist(client, notice, stranger, request):
    assert get(client, request.getfixturevalue(stranger), notice).status_code == 404
    assert not Event.objects.filter(verb="document.read").exists()


def test_an_account_without_a_role_gets_nothing(client, notice, li):
    li.staff_roles.all().delete()
    assert get(client, li, notice).status_code == 404


def test_a_system_administrator_reads_no_cases(client, notice, li):
    li.staff_roles.all().delete()
    li.staff_roles.create(role="system_admin")
    assert get(client, li, notice).status_code == 404


def test_a_visitor_is_asked_to_sign_in(client, notice):
    response = get(client, None, notice)
    assert response.status_code == 302
    assert "/accounts/login/" in response.url


def test_a_room_above_can_let_its_people_read(client, notice, alice, monkeypatch):
    monkeypatch.setattr(access, "_readers", [])
    access.register(lambda user, document: user == alice and document == notice)
    assert get(client, alice, notice).status_code == 200
    # Applicants read what is theirs; that is nobody's business.
    assert not Event.objects.filter(verb="document.read").exists()


def test_a_fresh_document_is_waited_for(client, issue, li, time_machine):
    time_machine.move_to("2026-12-02 14:03:05+08:00")
    response = get(client, li, issue())
    assert response.status_code == 202
    text = response.content.decode()
    assert "正在生成文书" in text
    assert '<meta http-equiv="refresh" content="3">' in text


def test_after_ten_seconds_the_reader_no_longer_waits_for_the_worker(client, issue, li, time_machine):
    time_machine.move_to("2026-12-02 14:03:11+08:00")
    response = get(client, li, issue())
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"


def test_a_document_that_cannot_be_made_says_so(client, issue, li, time_machine):
    time_machine.move_to("2026-12-02 14:03:11+08:00")
    document = issue("correction_notice", received_on="no date")
    response = get(client, li, document)
    assert response.status_code == 202
    assert "这次没有生成成功" in response.content.decode()
    document.refresh_from_db()
    assert document.render_attempts == 1


def test_a_void_document_stays_readable_for_its_officers(client, notice, li, zhao):
    services.void_document(document=notice, reason="写错了", actor=zhao, at=ISSUED)
    assert get(client, li, notice).status_code == 200


def test_wrong_addresses_and_methods(client, notice, li):
    client.force_login(li)
    missing = reverse("documents:download", args=["00000000-0000-0000-0000-000000000000"])
    assert client.get(missing).status_code == 404
    assert client.get("/documents/1/").status_code == 404
    assert client.post(reverse("documents:download", args=[notice.pk])).status_code == 405


def test_a_name_with_markup_is_shown_as_it_is(client, issue, li, time_machine):
    time_machine.move_to("2026-12-02 14:03:05+08:00")
    document = issue()
    document.number = "<b>1</b>"
    document.save()
    assert "&lt;b&gt;1&lt;/b&gt;" in get(client, li, document).content.decode()
