"""Nothing that a person was shown stays in a browser or on the way."""

from __future__ import annotations

import pytest
from django.urls import reverse

from credit_repair.middleware import PUBLIC
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
    assert kept == (set(PUBLIC) if who == "nobody" else set())


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
