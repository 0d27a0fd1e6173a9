"""What the logs of web, workers and commands leave out."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from credit_repair.log_lines import PrivateFormatter

NUMBER = "11010519491231002X"


def line(message: str, *args: object, error: Exception | None = None) -> str:
    info = (type(error), error, None) if error else None
    record = logging.LogRecord("portal", logging.ERROR, "x.py", 1, message, args, info)
    return PrivateFormatter("%(levelname)s %(message)s").format(record)


@pytest.mark.parametrize(
    ("message", "written"),
    [
        (f"no subject {NUMBER}", "ERROR no subject 1101**********002X"),
        ("call 13912345678", "ERROR call 13*******78"),
        ("550 <zhou.an@example.com> unknown", "ERROR 550 <z***@example.com> unknown"),
        (
            "Not Found: /accounts/password/reset/key/2a-cx3-0f9/",
            "ERROR Not Found: /accounts/password/reset/key/…/",
        ),
        ("Gone: /accounts/confirm-email/MQ:1abc:xyz/", "ERROR Gone: /accounts/confirm-email/…/"),
        ("Not Found: /v/K7MN-PQRS-TUVW-XYZ2/", "ERROR Not Found: /v/…/"),
        ('"GET /search/?q=%E5%91%A8 HTTP/1.1" 200', 'ERROR "GET /search/?… HTTP/1.1" 200'),
        (
            "XF-320100-2026-000001-0 was not deemed accepted",
            "ERROR XF-320100-2026-000001-0 was not deemed accepted",
        ),
    ],
)
def test_a_line_keeps_what_finds_the_fault_and_nobody_s_data(message, written):
    assert line(message) == written


def test_the_row_that_the_database_refused_is_left_out():
    error = ValueError(
        'null value in column "kind"\nDETAIL:  Failing row contains (7, 周示安, 示例路9号,\n二楼, 483920).\n'
    )
    written = line("import failed", error=error)
    assert 'null value in column "kind"' in written
    for secret in ("周示安", "示例路9号", "二楼", "483920"):
        assert secret not in written


LONG = 200_000


@pytest.mark.parametrize(
    "start", [7_600, 8_150, 8_170, 8_185, 8_192, 8_193, 8_400, 8_680, 8_695, 8_704, 9_000]
)
@pytest.mark.parametrize("fill", ["x ", "中文", "/a/", "a,"])
@pytest.mark.parametrize("secret", [NUMBER, "13912345678", "zhou.an@example.com", "/search/?q=secret"])
def test_a_long_line_is_cut_and_shows_nobody_at_the_cut(fill, secret, start):
    before = (fill * LONG)[: start - 1] + " "
    written = line(before + secret + " " + fill * LONG)
    assert len(written) < 9_000
    assert "characters)" in written
    for part in (NUMBER[:15], "1391234", "zhou", "secret"):
        assert part not in written


@pytest.mark.parametrize("fill", ["a", "/", "a/", "@", "a@", "a@a", "?", "DETAIL:", "\n", "1", "."])
def test_a_long_line_of_whatever_is_cut(fill):
    written = line(fill * LONG)
    assert all(len(each) < 9_000 for each in written.split("\n"))


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ("?next=/a/?code=1", "ERROR ?next=/a/?…"),
        ("why?/a/b?code=1 x", "ERROR why?/a/b?… x"),
        ("from=zhou.an@example.com,li@example.org", "ERROR from=z***@example.com,l***@example.org"),
        (".zhou@example.com", "ERROR .***@example.com"),
        ("https://host/a?b=c", "ERROR https://host/a?…"),
        ("really? yes", "ERROR really? yes"),
    ],
)
def test_words_that_run_into_each_other(message, written):
    assert line(message) == written


def test_nothing_is_mailed(settings, mailoutbox):
    settings.ADMINS = [("值班", "duty@example.com")]
    try:
        raise ValueError(NUMBER)
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error: /track/")
    assert mailoutbox == []


def test_every_process_writes_through_it():
    """As a worker sets its logging up, before and after Django has."""
    names = ["celery.task", "celery.app.trace", "django.server", "django.request", "portal"]
    program = (
        "import logging; from credit_repair.celery import app; app.log.setup(loglevel='INFO')\n"
        "import django; django.setup()\n"
        f"for name in {names}: logging.getLogger(name).error('seen {NUMBER}')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.count("seen 1101**********002X") == len(names)
    assert NUMBER not in done.stdout + done.stderr
