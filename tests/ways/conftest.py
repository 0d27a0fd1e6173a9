from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.fixtures import moment
from tests.ways.applicant import Applicant

# Milliseconds that a slow machine may take before what is waited for counts as not coming.
expect.set_options(timeout=30_000)


@pytest.fixture
def visits(browser: Browser, live_server, settings) -> Iterator[Callable[..., Applicant]]:
    """visits(english=False, javascript=True) → a person with a browser."""
    contexts = []
    # What letters and codes lead to.
    settings.SITE_URL = live_server.url

    def visit(*, english: bool = False, javascript: bool = True) -> Applicant:
        locale = "en-GB" if english else "zh-CN"
        contexts.append(browser.new_context(locale=locale, java_script_enabled=javascript))
        return Applicant(contexts[-1], live_server.url, language="en" if english else "zh-hans")

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def it_is(time_machine) -> Callable[[str], None]:
    """it_is("2026-11-25 11:00"): whoever had signed in has to do so again."""
    return lambda at: time_machine.move_to(moment(at), tick=False)
