"""Every address × everybody × one's own and another's: who may, does; nobody else learns or changes anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve

from tests.isolation.officer_pages import OFFICER_PAGES
from tests.isolation.pages import PAGES, Page
from tests.isolation.people import EVERYBODY
from tests.isolation.visiting import KEPT, READING, REFUSAL, people_read_once, refusals_drawn_once, undone
from tests.isolation.world import World

pytestmark = pytest.mark.django_db

ALL = [*PAGES, *OFFICER_PAGES]
SHUT = (302, 403, 404, 405)
# For an applicant, an officer and a visitor each page of a refusal is drawn anew, whatever it was asked for.
DRAWN_ANEW = {"stranger", "unit.intake", "anonymous"}


def routes(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    for each in get_resolver().url_patterns if patterns is None else patterns:
        # As resolve() joins them.
        route = prefix + str(each.pattern).removeprefix("^") if prefix else str(each.pattern)
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from routes(each.url_patterns, route)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    location: str
    written: frozenset[str]


class Visitor:
    """One person's browser. Whatever a request writes is noted, and undone."""

    def __init__(self, name: str, world: World) -> None:
        self.name, self.world = name, world
        self.user = world.people.get(name)
        self.client = Client(raise_request_exception=True)
        if self.user:
            self.client.force_login(self.user)
            # The first page of a session has more to write than the others.
            self.client.get("/accounts/logout/")
        self.cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}

    def ask(self, method: str, address: str, body: Any = None) -> Answer:
        client = self.client
        # What the last answer did to them is undone as well, such as signing out.
        client.cookies.clear()
        client.cookies.load(self.cookies)
        with undone() as written:
            response = getattr(client, method)(address, body)
            content = b"".join(response) if response.streaming else response.content
            said = [str(message) for message in getattr(response.wsgi_request, "_messages", ())]
        heads = unquote(" ".join(response.headers.values()))
        text = "\n".join([content.decode(errors="replace"), *said, heads])
        return Answer(response.status_code, text, response.headers.get("Location", ""), frozenset(written))


def test_every_address_of_the_site_has_its_row(world):
    known = {resolve(page.filled(world, world.near).partition("?")[0]).route for page in ALL}
    assert set(routes()) - known == set()
    assert len(known) >= 217


def found_in(text: str, markers: re.Pattern[str], address: str) -> list[str]:
    """What the answer says of a place beyond what the question said."""
    return sorted(set(markers.findall(text)) - set(markers.findall(address)))


def leads_to_sign_in(answer: Answer) -> bool:
    return answer.location.startswith(("/accounts/login/", "/admin/login/"))


class Judge:
    """Asks as one person, and keeps what was not as the table says."""

    def __init__(self, name: str, world: World) -> None:
        self.name, self.world, self.visitor = name, world, Visitor(name, world)
        self.markers = [
            re.compile("|".join(sorted(map(re.escape, place.markers()), key=len, reverse=True)))
            for place in (world.near, world.far)
        ]
        self.nothing: dict[str, int] = {}
        self.faults: list[str] = []
        self.counted = 0

    def judge(self, page: Page) -> None:
        world = self.world
        tried = [(world.near, page.own, page.own_posts)]
        if page.differs(world):
            tried.append((world.far, page.other if page.names_a_thing else page.own, page.other_posts))
        for place, opens, posts in tried:
            address = page.filled(world, place)
            seen = self.ask(page, "get", address)
            if self.name not in opens:
                self.is_shut(page, address, seen)
            elif seen.status not in page.status or (page.own < EVERYBODY and leads_to_sign_in(seen)):
                self.fault("get", address, f"does not open: {seen.status} {seen.location}")
            if page.body is None and (place is world.far or page.own == EVERYBODY):
                continue
            cache.clear()
            form = page.form(world, place, self.visitor.user)
            done = self.ask(page, "post", address, form)
            if self.name in posts:
                if (
                    not done.written
                    - {"a file", "ledger_event"}
                    - (KEPT if "typed" not in address else set())
                ):
                    self.fault("post", address, f"changes nothing: {done.status} {errors_in(done.text)}")
            elif page.is_private:
                allowed = KEPT | (READING if self.name in opens else REFUSAL)
                if done.written - allowed:
                    self.fault("post", address, f"writes {sorted(done.written - allowed)}")
                if self.name not in opens and done.status not in SHUT:
                    self.fault("post", address, f"is answered {done.status}")

    def is_shut(self, page: Page, address: str, seen: Answer) -> None:
        """Nothing opens, no more is written than that it was refused, and the answer is that for what does not exist."""
        if seen.status not in SHUT:
            self.fault("get", address, f"opens: {seen.status}")
        if seen.written - REFUSAL:
            self.fault("get", address, f"writes {sorted(seen.written - REFUSAL)}")
        if page.names_a_thing and self.name not in (page.near or ()):
            missing = page.missing(self.world)
            if missing not in self.nothing:
                self.nothing[missing] = self.ask(page, "get", missing).status
            if self.nothing[missing] != seen.status:
                self.fault(
                    "get", address, f"{seen.status}, and {self.nothing[missing]} where there is nothing"
                )

    def ask(self, page: Page, method: str, address: str, body: Any = None) -> Answer:
        if method == "get":
            cache.clear()
        self.counted += 1
        answer = self.visitor.ask(method, address, body)
        if self.name == "anonymous" and page.own < EVERYBODY and answer.status == 302:
            leads_on = not leads_to_sign_in(answer) and answer.location not in ("/", "/admin/", "/track/")
            if leads_on:
                self.fault(method, address, f"leads a stranger to {answer.location}")
        if page.near is not None:
            for pattern, readers in zip(self.markers, (page.near, page.other), strict=True):
                leaked = found_in(answer.text, pattern, address)
                if leaked and self.name not in readers:
                    self.fault(method, address, f"{answer.status} tells {leaked[:3]}")
        return answer

    def fault(self, method: str, address: str, words: str) -> None:
        self.faults.append(f"{self.name}: {method.upper()} {address}: {words}")


def errors_in(text: str) -> str:
    """For whoever reads a failure: what the page complains about."""
    found = re.findall(r"(?:errorlist|invalid-feedback|errornote|error-summary)[^>]*>(.{0,120})", text, re.S)
    return " / ".join(re.sub(r"<[^>]+>|\s+", " ", each).strip() for each in found[:3])


@pytest.mark.parametrize("name", sorted(EVERYBODY))
def test_everybody_gets_what_is_theirs_and_nothing_else(world, name):
    judge = Judge(name, world)
    with people_read_once(), nullcontext() if name in DRAWN_ANEW else refusals_drawn_once():
        for page in ALL:
            judge.judge(page)
    assert not judge.faults, "\n".join([f"{len(judge.faults)} of {judge.counted} requests", *judge.faults])
    assert judge.counted > 500


def test_nothing_is_posted_without_the_token_of_a_page(world):
    """As whoever may post there, so that nothing but the missing token stands in the way."""
    visitors: dict[str, Visitor] = {}
    for page in ALL:
        if page.address == "/messages/texts/receipts/":
            # No browser posts there: the gateway signs what it says.
            continue
        name = min(page.own_posts or page.own or EVERYBODY)
        if name not in visitors:
            visitors[name] = Visitor(name, world)
            visitors[name].client.handler.enforce_csrf_checks = True
        visitor, address = visitors[name], page.filled(world, world.near)
        cache.clear()
        answer = visitor.ask("post", address, page.form(world, world.near, visitor.user))
        assert answer.status == 403 and answer.written <= REFUSAL, (name, address)
