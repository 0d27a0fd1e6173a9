#!/usr/bin/env python3
"""Verifies an archive of 1,000,000 events on PostgreSQL: every hash, every place, every signed head."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime, timedelta

from throwaway_postgres import scratch_database

EVENTS = 1_000_000
EVENTS_A_CHAIN = 10
HEADS = 10
LIMIT_SECONDS = 30.0
AT = datetime(2026, 7, 6, 2, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    wanted = parser.parse_args().events
    with scratch_database():
        from applications.ledger.verification import verify_ledger

        fill(wanted)
        started = time.perf_counter()
        result = verify_ledger(at=AT + timedelta(hours=EVENTS_A_CHAIN))
        seconds = time.perf_counter() - started
    if result.broken or result.events != wanted:
        sys.exit(f"the archive should be whole: {result}")
    print(f"{'events':>12} {'chains':>10} {'heads':>6} {'seconds':>9} {'events/s':>10} {'limit':>6}")
    print(
        f"{result.events:>12,} {result.chains:>10,} {result.heads:>6} {seconds:>9.1f} "
        f"{wanted / seconds:>10,.0f} {LIMIT_SECONDS:>6.0f}"
    )
    met = seconds <= LIMIT_SECONDS * wanted / EVENTS
    print(
        json.dumps(
            {
                "bench": "ledger",
                "events": wanted,
                "seconds": round(seconds, 2),
                "limit": LIMIT_SECONDS,
                "met": met,
            }
        )
    )
    sys.exit(not met)


def fill(wanted: int) -> None:
    from django.db import transaction

    from applications.ledger.sealing import seal_ledger
    from applications.ledger.services import Entry, record_events

    chains = wanted // EVENTS_A_CHAIN
    for turn in range(EVENTS_A_CHAIN):
        with transaction.atomic():
            record_events(
                entries=[
                    Entry(
                        chain=f"XF-320100-2026-{number:06d}-0",
                        verb="repair.reviewed",
                        payload={
                            "from": "accepted",
                            "to": "under_review",
                            "documents": {"notice": str(number)},
                        },
                    )
                    for number in range(chains)
                ],
                at=AT + timedelta(hours=turn),
            )
        seal_ledger(at=AT + timedelta(hours=turn))


if __name__ == "__main__":
    main()
