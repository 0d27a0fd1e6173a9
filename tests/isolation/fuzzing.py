"""Requests that nobody should send, made from the table of pages and from what each page offers to fill in."""

from __future__ import annotations

import json
import re
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from string import Formatter
from typing import Any
from urllib.parse import parse_qsl, quote

from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import Resolver404, resolve

from tests.isolation import values
from tests.isolation.officer_pages import OFFICER_PAGES
from tests.isolation.pages import PAGES, Page
from tests.isolation.people import EVERYBODY
from tests.isolation.visiting import KEPT, READING, REFUSAL, undone
from tests.isolation.world import World

ROOT = Path(__file__).parents[2]
ALL = [*PAGES, *OFFICER_PAGES]
# What the officers' lists and forms understand besides what stands on the page.
LIST_WORDS = ["q", "p", "o", "e", "all", "_facets", "_to_field", "_popup", "_changelist_filters", "page", "next", "lang",
              "s", "code", "from", "term", "action", "_selected_action", "select_across", "index", "_save", "remove",
              "version", "kind", "organ", "reason", "outcome", "status", "state", "queue", "inline"]  # fmt: skip
METHODS = ["GET"] * 9 + ["POST"] * 9 + ["HEAD", "PUT", "DELETE", "OPTIONS"]
TYPES = ["application/json", "text/plain", "application/x-www-form-urlencoded; charset=utf-16", "multipart/form-data",
         "multipart/form-data; boundary=", "", "x" * 300, "application/octet-stream"]  # fmt: skip


@dataclass
class Found:
    """What went wrong, by kind: how often, and one request of it."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, kind: str, request: str) -> None:
        self.kinds[kind] += 1
        self.examples.setdefault(kind, request)

    def report(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "failures": sum(self.kinds.values()),
            "kinds": [
                {"kind": kind, "count": count, "request": self.examples[kind]}
                for kind, count in self.kinds.most_common()
            ],
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
        }


@dataclass(frozen=True)
class Request:
    """``body``: (content type, bytes), or None."""

    name: str
    method: str
    address: str
    query: str
    body: tuple[str, bytes] | None
    headers: dict[str, str]
    cookies: dict[str, str]

    def __str__(self) -> str:
        sent = f" {self.body[0][:40]} {self.body[1][:300]!r}" if self.body else ""
        return f"{self.name}: {self.method} {self.address[:200]}?{self.query[:200]}{sent}"


class Fuzzer:
    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random, self.found = world, Random(seed), Found()
        self.clients: dict[str, Client] = {}
        self.signed_in: dict[str, dict[str, str]] = {}
        self.offered: dict[str, list[str]] = {}
        self.routes: dict[str, list[Page]] = {}
        for page in ALL:
            route = resolve(page.filled(world, world.near).partition("?")[0]).route
            self.routes.setdefault(route, []).append(page)

    def run(self, requests: int) -> Found:
        """Every page in turn, so that none is left out, each time in another way."""
        for page in self._pages(requests):
            self.send(self.make(page), page)
        return self.found

    def _pages(self, count: int) -> Iterator[Page]:
        waiting: list[Page] = []
        for _ in range(count):
            if not waiting:
                waiting = self.random.sample(ALL, len(ALL))
            yield waiting.pop()

    # -- Making

    def make(self, page: Page) -> Request:
        random, world = self.random, self.world
        may = page.own | page.other | page.own_posts | page.other_posts
        name = random.choice(sorted(may if may and random.random() < 0.7 else EVERYBODY))
        place = random.choice([world.near, world.near, world.far])
        template, _, asked = page.address.partition("?")
        address = self._address(template, place) if random.random() < 0.3 else page.filled(world, place)
        address = address.partition("?")[0]
        method = random.choice(METHODS)
        if method == "POST" and page.own_posts and random.random() < 0.6:
            name = random.choice(sorted(page.own_posts))
            place = world.near
        # The page's own fields more often than those of all pages together.
        own = self.names(page)
        names = [*own * (1 + 60 // max(1, len(own))), *LIST_WORDS]
        query = self._query(names, [name for name, _ in parse_qsl(asked, keep_blank_values=True)])
        if asked and random.random() < 0.7:
            query = "&".join(filter(None, [page.filled(world, place).partition("?")[2], query]))
        cache.clear()
        body = self._body(page, place, name, names) if method in ("POST", "PUT", "DELETE") else None
        headers = {}
        if random.random() < 0.05:
            headers["Accept-Language"] = random.choice(values.LANGUAGES)
        cookies = {}
        for cookie in ("sessionid", "csrftoken", "messages", "django_language"):
            if random.random() < 0.02:
                cookies[cookie] = values.text(random)[:3000].encode("ascii", "replace").decode()
        return Request(name, method, address, query, body, headers, cookies)

    def names(self, page: Page) -> list[str]:
        """The fields of a page, as whom it opens to sees them, and the filters of its list."""
        if page.address not in self.offered:
            opens = sorted(page.own or page.own_posts or EVERYBODY)
            with undone():
                response = self.client(opens[0]).get(page.filled(self.world, self.world.near))
                text = b"".join(response) if response.streaming else response.content
            found = re.findall(
                r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"', text.decode(errors="replace")
            )
            found += re.findall(r'href="\?(?:[^"]*&amp;)?([\w-]+)=', text.decode(errors="replace"))
            form = page.form(self.world, self.world.near, self.world.people["unit.supervisor"])
            self.offered[page.address] = sorted({*found, *form} - {"csrfmiddlewaretoken"})
        return self.offered[page.address]

    def _address(self, template: str, place: Any) -> str:
        """The address with junk where it names a thing; the last part of one that names none."""
        parts = list(Formatter().parse(template))
        if not any(name for _, name, _, _ in parts):
            return (
                template
                if self.random.random() < 0.5
                else template + values.quoted(self.random, self._any()) + "/"
            )
        made = []
        for text, name, _, _ in parts:
            made.append(quote(text, safe="/"))
            if name:
                made.append(
                    values.number(self.random)
                    if self.random.random() < 0.5
                    else values.quoted(self.random, self._any())
                )
        return "".join(made)

    def _any(self) -> str:
        return values.text(self.random)[:6000]

    def _query(self, names: list[str], asked: list[str]) -> str:
        chosen = self.random.choices([*names, *asked * 5], k=self.random.choice([0, 0, 0, 1, 1, 2, 5]))
        pairs = []
        for name in chosen:
            if self.random.random() < 0.05:
                name = self.random.choice([values.text(self.random)[:100], name + "__in", name + "[]", ""])
            pairs.append(f"{values.quoted(self.random, name) if not name.isascii() else quote(name)}="
                         f"{values.quoted(self.random, self._any())}")  # fmt: skip
        return "&".join(pairs)

    def _body(self, page: Page, place: Any, name: str, names: list[str]) -> tuple[str, bytes]:
        random = self.random
        if random.random() < 0.04:
            return random.choice(TYPES), values.text(random).encode("utf-8", "surrogatepass")
        data: dict[str, Any] = {}
        user = self.world.people.get(name)
        if random.random() < 0.75:
            data = {key: [value] for key, value in page.form(self.world, place, user).items()}
        for key in random.choices(names, k=random.choice([1, 1, 1, 2, 8])):
            what = random.random()
            if what < 0.1:
                data.pop(key, None)
            elif what < 0.2:
                data[key] = [values.file(random)]
            elif what < 0.3:
                data[key] = [values.text(random) for _ in range(random.choice([2, 3, 30]))]
            else:
                data[key] = [values.text(random)]
        if random.random() < 0.01:
            data |= {f"f{number}": ["1"] for number in range(1200)}
        if random.random() < 0.05:
            data[values.text(random)[:200]] = [values.text(random)]
        if random.random() < 0.3 and not any(
            hasattr(value, "read") for each in data.values() for value in each
        ):
            pairs = [(key, value) for key, each in data.items() for value in each]
            return "application/x-www-form-urlencoded", "&".join(
                f"{values.quoted(random, str(key))}={values.quoted(random, str(value))}"
                for key, value in pairs
            ).encode()
        sent = {
            key.encode("utf-8", "replace").decode().replace("\x00", ""): [
                values.postable(value) for value in each
            ]
            for key, each in data.items()
        }
        return MULTIPART_CONTENT, encode_multipart(BOUNDARY, sent)

    # -- Sending

    def client(self, name: str) -> Client:
        if name not in self.clients:
            self.clients[name] = client = Client(raise_request_exception=True)
            if name in self.world.people:
                client.force_login(self.world.people[name])
                client.get("/accounts/logout/")
            self.signed_in[name] = {key: morsel.value for key, morsel in client.cookies.items()}
        client = self.clients[name]
        client.cookies.clear()
        client.cookies.load(self.signed_in[name])
        return client

    def send(self, request: Request, page: Page) -> None:
        client = self.client(request.name)
        kept = {key: cookie.coded_value for key, cookie in client.cookies.items()}
        # Written out: since Python 3.13 the client's own cookies take no junk.
        junk = {key: _escaped(value) for key, value in request.cookies.items()}
        sent = "; ".join(f"{key}={value}" for key, value in (kept | junk).items())
        kind, content = request.body or ("application/octet-stream", b"")
        self.found.requests += 1
        with undone() as written:
            try:
                response: HttpResponse = client.generic(  # type: ignore[assignment]
                    request.method,
                    f"{request.address}?{request.query}",
                    content,
                    kind,
                    headers=request.headers | ({"Cookie": sent} if sent else {}),
                )
                if response.streaming:
                    b"".join(response)
            except Exception as error:
                self.found.note(_place_of(error), str(request))
                return
            finally:
                client.exc_info = None
        self.found.statuses[response.status_code] += 1
        if response.status_code >= 500 and not request.address.startswith("/healthz/"):
            self.found.note(f"answered {response.status_code} {page.address}", str(request))
        self._nobody_else_writes(request, written)

    def _nobody_else_writes(self, request: Request, written: set[str]) -> None:
        try:
            route = resolve(request.address).route
        except Resolver404:
            route = ""
        pages = self.routes.get(route, [])
        if any(page.own == EVERYBODY for page in pages):
            return
        posts = set().union(*(page.own_posts | page.other_posts for page in pages))
        reads = set().union(*(page.own | page.other for page in pages))
        allowed = KEPT | (READING if request.name in reads else REFUSAL)
        if request.name not in posts and written - allowed:
            self.found.note(f"{route}: somebody else writes {sorted(written - allowed)}", str(request))


def _place_of(error: Exception) -> str:
    """The exception and the last line of the project that it passed: what has one cause has one name."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if str(ROOT / "applications") in frame.filename or "/rules/" in frame.filename
    ]
    last = (own or frames)[-1]
    path = Path(last.filename)
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name
    words = str(error).splitlines()[0][:90] if str(error) else ""
    return f"{type(error).__name__} {where}:{last.lineno} {re.sub(r'[0-9]{6,}', 'N', words)}"


def as_json(report: dict[str, Any]) -> str:
    return json.dumps(report, ensure_ascii=True)


def _escaped(value: str) -> str:
    """A cookie's value as a browser sends it that was told to keep this."""
    plain = (each if each.isprintable() and each not in '";\\,' else f"\\{ord(each):03o}" for each in value)
    return f'"{"".join(plain)}"'
