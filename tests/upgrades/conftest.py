"""The databases from which the upgrades of these tests start: embedded everywhere, and on the server where there is one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.upgrades.versions import Version, empty_database, migrate_to_head

VERSION = Version("f37959a")
# Of the operator: what is served has none unless one is set.
PLATFORM_URL = "https://share.example.cn"
VENDORS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.server)]


@pytest.fixture(params=VENDORS)
def before(request, django_db_setup, django_db_blocker, tmp_path) -> Iterator[Version]:
    """A database of that version, before any migration since."""
    with django_db_blocker.unblock(), empty_database(request.param, tmp_path):
        VERSION.load()
        yield VERSION


@pytest.fixture(scope="module", params=VENDORS)
def upgraded(request, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Version]:
    """The same after all of them; the tests of a module share it."""
    with django_db_blocker.unblock(), empty_database(request.param, tmp_path_factory.mktemp("upgrade")):
        VERSION.load()
        with override_settings(PLATFORM_URL=PLATFORM_URL):
            migrate_to_head()
        VERSION.changed = VERSION.differences()
        yield VERSION
