"""An archive to tamper with, and how."""

from datetime import timedelta

from django.db import connection, transaction

from applications.ledger.services import record_event
from tests.fixtures import moment
from tests.ledger.tampering import triggers_off

AT = moment("2026-11-20 09:00")
# An hour after the last head of the archive.
NOW = moment("2026-11-20 21:00")
MINUTE = timedelta(minutes=1)


def tamper(statement: str, *values) -> None:
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def add_event(*, at, chain="XF-1") -> None:
    with transaction.atomic():
        record_event(chain=chain, verb="repair.decided", at=at)
