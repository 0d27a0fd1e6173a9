"""Asking the authorities that a signature leans on, for the time and for certificates: over in a bounded time, however slowly they
answer. A letter does not wait longer for them."""

from functools import partial

import requests

from applications.outbox.exchange import TimeIsUp, Transport, in_all

# Seconds for one question and the whole of its answer.
PATIENCE = 3


def ask(url: str, *, headers: dict[str, str], question: bytes | None = None) -> requests.Response:
    """The answer to a question that is posted, or to none. requests.RequestException: there is none in time."""
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, Transport())
        method = "GET" if question is None else "POST"
        talk = partial(session.request, method, url, headers=headers, data=question, timeout=PATIENCE)
        try:
            return in_all(PATIENCE, talk)
        except TimeIsUp as error:
            raise requests.Timeout(f"{url} did not answer within {PATIENCE} seconds") from error
