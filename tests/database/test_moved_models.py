"""A model that moves to another app: nothing of what was there is lost, and what refers to it still does."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from applications.calendars.models import CalendarNotice
from applications.numbering.models import Series
from tests.fixtures import moment

BEFORE = [
    ("deadlines", "0003_sweep_left_changed_days"),
    ("calendars", None),
    ("numbering", None),
    ("organs", "0001_initial"),
]
MOVED = {
    "deadlines": {"calendarnotice", "localclosure", "recalculation"},
    "organs": {"series"},
}


def migrate(targets=None) -> None:
    """To these migrations; to the newest where none are named."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())
    ContentType.objects.clear_cache()


@pytest.fixture
def migrated_again(transactional_db):
    yield
    migrate()


def test_rows_and_content_types_move_along(migrated_again):
    notice = CalendarNotice.objects.create(
        year=2019,
        text="…",
        days=[],
        proposed_at=moment("2026-11-20 09:00"),
        document_number="国办发明电〔2019〕3号",
    )
    Series.objects.create(key="document:x", last=7)
    kind = ContentType.objects.get_for_model(CalendarNotice)
    migrate(BEFORE)
    for app, models in MOVED.items():
        assert models <= set(ContentType.objects.filter(app_label=app).values_list("model", flat=True))
    old = MigrationExecutor(connection).loader.project_state(BEFORE[0]).apps
    assert old.get_model("deadlines", "CalendarNotice").objects.get(pk=notice.pk).year == 2019
    migrate()
    assert CalendarNotice.objects.get() == notice
    assert Series.objects.get().last == 7
    moved = ContentType.objects.get_for_model(CalendarNotice)
    assert (moved.pk, moved.app_label) == (kind.pk, "calendars")
    assert not ContentType.objects.filter(app_label="deadlines", model="calendarnotice").exists()
