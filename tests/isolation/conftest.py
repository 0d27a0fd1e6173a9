"""The world of these tests: built once for all of them, undone when they end."""

from __future__ import annotations

import logging

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from tests.isolation import world as worlds
from tests.isolation.visiting import unwaited


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    with (
        django_db_blocker.unblock(),
        override_settings(
            # Read and written with no query of their own: there are tens of thousands of requests.
            SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
            MEDIA_ROOT=folder / "files",
            EMAIL_FILE_PATH=str(folder / "mail"),
            ALLOWED_HOSTS=["testserver"],
        ),
        time_machine.travel(worlds.NOW, tick=False),
        unwaited(),
    ):
        yield worlds.build()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _no_word_of_each_refusal(monkeypatch):
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.fixture(autouse=True)
def _private_files():
    """The world's own folder stays the place of files for all of them."""


@pytest.fixture(autouse=True)
def _time_stands_still():
    """At the world's own moment, for all of them."""
