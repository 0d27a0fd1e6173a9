"""A visitor who answers the self-check page by page."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

START = "/check/"
SLUGS = ("subject", "identification", "severity", "fulfilment", "grounds", "commitment")

# A company, a general record of 2026-05-01, everything done: repairable from 2026-08-02.
READY = {
    "subject": {"kind": "organisation"},
    "identification": {"region": "320100", "identified_on": "2026-05-01"},
    "severity": {"severity": "general"},
    "fulfilment": {
        "corrected": "yes",
        "corrected_on": "2026-06-01",
        "duties": "yes",
        "duties_on": "2026-06-02",
    },
    "grounds": {"neither": "none"},
    "commitment": {"commitment": "yes"},
}


def answers(**changes):
    """READY with the answers of whole pages replaced."""
    return READY | changes


def token_of(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("s", [""])[0]


def answer(client, slug, given, token=""):
    """One page: the answer of the server, a redirect where the answer was good."""
    return client.get(f"/check/{slug}/", {"s": token, "answered": "1", **given})


def walk(client, given, until=None) -> str:
    """Answer every page (up to ``until``); the address that the last answer leads to."""
    url = START
    for slug in SLUGS:
        if slug == until:
            break
        response = answer(client, slug, given[slug], token_of(url))
        assert response.status_code == 302, (slug, errors_of(response))
        url = response.url
    return url


def errors_of(response) -> list[tuple[str, str]]:
    """(field, sentence) of each line in the error summary."""
    page = response.content.decode()
    summary = re.search(r'class="error-summary".*?</div>', page, re.S)
    lines = re.findall(r'<li><a href="#id_(\w+?)(?:_0)?">(.*?)</a></li>', summary[0]) if summary else []
    return [(field, unescape(line)) for field, line in lines]


def result_of(client, given) -> str:
    url = walk(client, given)
    assert url.startswith("/check/result/")
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def headline(page) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", page)[1]


def json_of(client, given) -> dict:
    response = client.get("/check/result.json", {"s": token_of(walk(client, given))})
    assert response["Content-Type"] == "application/json"
    return response.json()
