"""The portal as it is served: PostgreSQL, Redis, gunicorn, a real worker and beat, a real sharing platform."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script"))

from demo_run import Demo  # noqa: E402

# Milliseconds that a slow machine may take before what is waited for counts as not coming.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)

SECRETS = ("SECRET_KEY", "FIELD_KEY", "LEDGER_KEY", "PLATFORM_KEY")


@pytest.fixture(autouse=True)
def _time_stands_still() -> None:
    """Portal, worker, platform and browser live in the machine's time, and so do these tests."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The sample province, running on a database and a Redis index of its own."""
    server = urlsplit(os.environ["DATABASE_URL"])
    name = f"e2e_{os.getpid()}"
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    data = tmp_path_factory.mktemp("demo")
    running = Demo(data, data / "log", usual_ports=False)
    redis = os.environ["BROKER_URL"].rsplit("/", 1)[0]
    # Test processes side by side must not take each other's nudges.
    first = 2 + 2 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    running.environment |= {secret: os.environ[secret] for secret in SECRETS} | {
        "DATABASE_URL": urlunsplit(server._replace(path=f"/{name}")),
        "BROKER_URL": f"{redis}/{first}",
        "CACHE_URL": f"{redis}/{first + 1}",
    }
    try:
        running.prepare()
        running.start()
        running.wait_until_ready()
        yield running
    finally:
        running.stop(10)
        connection.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.close()


class Visit:
    """A page that remembers what a reader would hold against it: console errors and requests elsewhere."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base = base
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self.page.on(
            "console",
            lambda message: (
                self.faults.append(f"console: {message.text}") if message.type == "error" else None
            ),
        )
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", self._request)

    def _request(self, request: object) -> None:
        address = request.url  # type: ignore[attr-defined]
        if not address.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"request to another host: {address}")

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path if path.startswith("/") else path)
        return self.page

    def log_in(self, email: str, password: str) -> Visit:
        self.open("/accounts/login/")
        self.page.locator("[name=login]").fill(email)
        self.page.locator("[name=password]").fill(password)
        self.page.locator("main form button[type=submit], main form input[type=submit]").click()
        assert "/accounts/login" not in self.page.url, self.page.inner_text("main")
        return self


@pytest.fixture
def visit(demo: Demo, browser: Browser) -> Iterator[object]:
    """visit(width=1280, javascript=True) → a person with a browser of that width."""
    contexts = []

    def make(width: int = 1280, *, javascript: bool = True) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Visit(context, demo.portal_url)

    yield make
    for context in contexts:
        context.close()
