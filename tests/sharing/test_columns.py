"""Organ, region, case and platform of deliveries that were written before these were columns."""

from importlib import import_module

import pytest
from django.apps import apps

from applications.sharing.models import Delivery, Destination
from applications.sharing.services import push_deliveries
from tests.sharing.conftest import WRITTEN

SUZHOU = {
    "deciding_organ__uscc": "11320500000000001A",
    "deciding_organ__name": "苏州市生态环境局",
    "region": "320500",
}
migration = import_module("applications.sharing.migrations.0003_columns_and_first_destination")


@pytest.fixture
def earlier(write) -> list[Delivery]:
    """Two deliveries as the version before wrote them, one of them delivered, and no platform."""
    rows = [write(1), write(2, **SUZHOU)]
    Delivery.objects.update(about="", organ=None, region="", destination=None)
    Destination.objects.all().delete()
    Delivery.objects.filter(pk=rows[0].pk).update(status="delivered", delivered_at=WRITTEN, receipt={"a": 1})
    return rows


def test_the_migration_fills_them_and_makes_the_first_platform(
    earlier, settings, market_bureau, ecology_bureau
):
    settings.PLATFORM_URL, settings.PLATFORM_KEY = "https://share.example.cn", "the key of the settings"
    migration.fill(apps, None)
    first = Destination.objects.get()
    assert (first.level, first.region, first.address) == ("province", "320000", "https://share.example.cn")
    assert first.key == "the key of the settings"
    ours, theirs = (Delivery.objects.get(pk=row.pk) for row in earlier)
    assert (ours.about, ours.organ, ours.region, ours.destination) == (
        "XF-320100-2026-000001-7", market_bureau, "320100", first,
    )  # fmt: skip
    assert (theirs.about, theirs.organ, theirs.region) == (
        "XF-320100-2026-000002-7", ecology_bureau, "320500",
    )  # fmt: skip
    assert theirs.payload == earlier[1].payload


def test_an_address_of_the_settings_that_ends_in_a_stroke_gets_no_second_one(earlier, settings):
    settings.PLATFORM_URL, settings.PLATFORM_KEY = "https://share.example.cn/api/", "the key of the settings"
    migration.fill(apps, None)
    assert Destination.objects.get().address == "https://share.example.cn/api"


def test_a_second_run_changes_nothing(earlier, settings):
    settings.PLATFORM_URL = "https://share.example.cn"
    migration.fill(apps, None)
    rows = list(Delivery.objects.order_by("pk").values())
    settings.PLATFORM_URL = "https://other.example.cn"
    migration.fill(apps, None)
    assert list(Delivery.objects.order_by("pk").values()) == rows
    assert Destination.objects.get().address == "https://share.example.cn"


def test_a_database_without_organs_stays_empty(db, settings):
    settings.PLATFORM_URL = "https://share.example.cn"
    migration.fill(apps, None)
    assert not Destination.objects.exists()


def test_more_rows_than_a_batch(earlier, settings, monkeypatch):
    monkeypatch.setattr("applications.sharing.columns.ROWS", 1)
    migration.fill(apps, None)
    assert not Delivery.objects.filter(about="").exists()


def test_an_organ_that_is_not_there_leaves_the_rest_filled(earlier):
    row = earlier[1]
    row.payload["deciding_organ"]["uscc"] = "11320500000000009X"
    Delivery.objects.filter(pk=row.pk).update(payload=row.payload)
    migration.fill(apps, None)
    row.refresh_from_db()
    assert (row.about, row.organ, row.region) == ("XF-320100-2026-000002-7", None, "320500")


def test_what_the_version_before_writes_during_an_upgrade_is_delivered(write, platform, market_bureau):
    platform.start()
    delivery = write()
    Delivery.objects.update(about="", organ=None, region="", destination=None)
    assert push_deliveries(at=WRITTEN) == {"delivered": 1}
    delivery.refresh_from_db()
    assert (delivery.organ, delivery.region, delivery.about) == (
        market_bureau, "320100", "XF-320100-2026-000001-7",
    )  # fmt: skip
