"""Nothing that a person was shown stays in a browser or on the way."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from applications.files.bodies import WORDS
from credit_repair.middleware import PUBLIC, SIGNED
from tests.privacy.conftest import address, pages

PRIVATE = "private, no-store"


@pytest.mark.parametrize("who", ["nobody", "agent", "wang"])
def test_no_page_is_kept(client, world, who):
    """Every address of the portal, whatever it answers; but the few that are the same for every visitor."""
    if who != "nobody":
        client.force_login(world.agent if who == "agent" else world.officers[who])
    kept = set()
    for page in pages():
        if page.name in ("account_logout", "admin:logout"):
            continue
        response = client.get(address(page, world))
        if response.get("Cache-Control") != PRIVATE:
            kept.add(page.name)
    assert kept == (set(PUBLIC | SIGNED) if who == "nobody" else set())


def test_what_is_posted_is_not_kept_either(client, world):
    case = world.arguments["number"]
    for name, typed in [
        ("portal:track", {"number": case, "code": "000000"}),
        ("portal:search", {"q": "周示安"}),
        ("account_login", {"login": "lv@example.com", "password": "wrong"}),
        ("account_reset_password", {"email": "lv@example.com"}),
    ]:
        assert client.post(reverse(name), typed)["Cache-Control"] == PRIVATE


def test_an_address_that_does_not_exist_and_a_refusal_are_not_kept(client):
    assert client.get("/nowhere/")["Cache-Control"] == PRIVATE
    assert client.post("/guide/nothing/")["Cache-Control"] == PRIVATE


def test_a_message_to_one_visitor_makes_a_public_page_private(client, charlie):
    client.force_login(charlie)
    client.post(reverse("account_logout"))
    page = client.get("/")
    assert 'role="status"' in page.content.decode()
    assert page["Cache-Control"] == PRIVATE


def refusals(client: Client) -> dict[str, HttpResponse]:
    """What is answered before any page is asked, by the layer that answers it."""
    form = {"content_type": "multipart/form-data; boundary=x"}
    return {
        "400 unreadable": client.get("/search/?q=%00"),
        "400 another host": client.get("/guide", headers={"host": "evil.example.test"}),
        "403 without a token": client.post("/accounts/login/", {"login": "x"}),
        "404": client.get("/nowhere/"),
        "411": client.post("/accounts/login/", b"x", **form, headers={"transfer-encoding": "chunked"}),
        "413": client.post("/accounts/login/", b"x", **form, CONTENT_LENGTH=str(WORDS + 1)),
        "301 to the slash": client.get("/search"),
    }


def test_early_answers_carry_the_headers_of_a_page(db):
    answers = refusals(Client(enforce_csrf_checks=True))
    for name, answer in answers.items():
        assert str(answer.status_code) == name[:3]
        assert answer.headers["Cache-Control"] == PRIVATE, name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name


def test_so_does_the_redirect_to_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client().get("/search/?q=张三")
    assert answer.status_code == 301 and answer["Location"].startswith("https://")
    assert answer["Cache-Control"] == PRIVATE
    assert "X-Frame-Options" in answer and "Content-Security-Policy" in answer


def test_static_files_may_be_kept(client):
    answer = client.get("/static/favicon.svg")
    assert answer.status_code == 200 and "max-age" in answer["Cache-Control"]
    assert "no-store" not in answer["Cache-Control"]
