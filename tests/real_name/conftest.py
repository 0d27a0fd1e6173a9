"""The provider runs beside the tests, so these live in the machine's time, as it does."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
import requests
from django.test import Client

from tests.real_name.provider import CLIENT, SECRET

ROOT = Path(__file__).resolve().parents[2]
PORTAL = "http://127.0.0.1:8000"
START, BACK = "/subjects/real-name/", "/subjects/real-name/return/"


@pytest.fixture(autouse=True)
def _time_stands_still() -> None:
    """In place of that of all other tests."""


@dataclass
class Provider:
    issuer: str

    def sends_back(self, client: Client, who: str, **changed: str) -> str:
        """Start at the portal, sign in at the provider, and stop before the portal: the address that the provider sends
        the browser to. ``changed`` are parameters that somebody alters on the way there."""
        parts = urlsplit(client.get(START)["Location"])
        asked = dict(parse_qsl(parts.query)) | changed
        with requests.Session() as browser:
            address = urlunsplit(parts._replace(query=urlencode(asked)))
            answer = browser.get(address, allow_redirects=False, timeout=20)
            login = f"{self.issuer.removesuffix('/o')}/login/?" + urlencode({"who": who, "next": address})
            assert answer.headers["Location"].startswith("/login/"), answer.text
            answer = browser.get(login, allow_redirects=False, timeout=20)
            answer = browser.get(answer.headers["Location"], allow_redirects=False, timeout=20)
            assert answer.headers["Location"].startswith(PORTAL + BACK), answer.text
            return answer.headers["Location"].removeprefix(PORTAL)

    def visit(self, client: Client, who: str, **changed: str):
        """There and back; what the portal shows in the end."""
        return client.get(self.sends_back(client, who, **changed), follow=True)


@pytest.fixture(scope="session")
def running(tmp_path_factory) -> Iterator[Provider]:
    folder = tmp_path_factory.mktemp("provider")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.real_name.provider", str(port), str(folder), PORTAL],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + 120
        while not (folder / "ready").exists():
            assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.05)
        yield Provider(f"http://127.0.0.1:{port}/o")
    finally:
        process.kill()
        process.wait()


def configured(issuer: str) -> dict[str, str]:
    return {
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "label": "江苏政务服务网",
        "scope": "openid profile",
        "name_claim": "name",
        "number_claim": "id_number",
    }


@pytest.fixture
def provider(running, settings, db) -> Provider:
    settings.REAL_NAME = configured(running.issuer)
    return running
