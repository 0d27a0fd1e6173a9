"""Logs name pages and visitors, never what somebody looked for, a code or a link (credit_repair/access_log.py)."""

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from gunicorn.config import Config

from credit_repair.access_log import GunicornLogger, TemplatesForPaths, path_template

SECRETS = ("K7WRONGCODE2345X", "320102199001011234", "Mq-d4f6sw-0a1b2c", "secret.example")


def logged(path: str, query: str = "", **environ: str) -> str:
    """The line that gunicorn writes for one request."""
    configuration = Config()
    configuration.set("accesslog", "-")
    logger = GunicornLogger(configuration)
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger.access_log.handlers = [handler]
    request = SimpleNamespace(
        headers=[("REFERER", "https://secret.example/search/?number=320102199001011234")]
    )
    response = SimpleNamespace(
        status="200 OK", sent=12, headers=[("Location", f"https://secret.example{path}")]
    )
    logger.access(
        response,
        request,
        {
            "REQUEST_METHOD": "GET",
            "RAW_URI": f"{path}?{query}",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "172.18.0.5",
            "HTTP_REFERER": "https://secret.example/search/?number=320102199001011234",
            **environ,
        },
        timedelta(seconds=1),
    )
    return "".join(lines)


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        ("/search/", "name=x&number=320102199001011234", "GET /search/ "),
        ("/v/K7WRONGCODE2345X/", "", "GET /v/<str:code>/ "),
        ("/accounts/password/reset/key/Mq-d4f6sw-0a1b2c/", "", "GET /accounts/password/reset/key/"),
        ("/accounts/confirm-email/Mq-d4f6sw-0a1b2c/", "", "GET /accounts/confirm-email/"),
        ("/320102199001011234", "", "GET (no page) "),
        ("/static/css/site.css", "v=K7WRONGCODE2345X", "GET /static/css/site.css "),
    ],
)
def test_the_page_is_named_and_nothing_else(path, query, shown):
    line = logged(path, query)
    assert shown in line
    assert not [secret for secret in SECRETS if secret in line]


def test_the_address_is_the_visitor_s(settings):
    settings.BEHIND_PROXY = True
    assert logged("/", HTTP_X_FORWARDED_FOR="192.0.2.7").startswith("192.0.2.7 - - [")
    settings.BEHIND_PROXY = False
    assert logged("/", HTTP_X_FORWARDED_FOR="192.0.2.7").startswith("172.18.0.5 - - [")


def test_the_health_check_is_not_logged():
    assert logged("/livez/") == ""


def test_a_template_cannot_be_a_way_round():
    assert path_template("/v/%0a/x") == "(no page)"


def test_django_s_own_lines_name_the_template_too():
    request = RequestFactory().get("/v/K7WRONGCODE2345X/")
    record = logging.LogRecord("django.request", 30, "", 0, "%s: %s", ("Not Found", request.path), None)
    record.request = request
    assert TemplatesForPaths().filter(record)
    assert record.getMessage() == "Not Found: /v/<str:code>/"
