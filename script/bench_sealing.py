#!/usr/bin/env python3
"""Seals an archive that has had very many heads: what one round costs, with and without a new event, and the verification."""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta

from throwaway_postgres import scratch_database

HEADS = 300_000
AT = datetime(2024, 7, 6, 2, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=int, default=HEADS)
    wanted = parser.parse_args().heads
    with scratch_database(), tempfile.TemporaryDirectory() as folder:
        from django.conf import settings
        from django.db import transaction

        from applications.ledger.sealing import export_heads, seal_ledger
        from applications.ledger.services import record_event
        from applications.ledger.verification import verify_ledger

        settings.DATA_DIR = folder
        fill(wanted)
        started = time.perf_counter()
        export_heads()
        print(f"{wanted:,} files written in {time.perf_counter() - started:.1f} s")
        now = AT + timedelta(minutes=wanted + 1)
        for what in ("a new event", "nothing new"):
            if what == "a new event":
                with transaction.atomic():
                    record_event(chain="XF-1", verb="repair.reviewed", at=now)
            started = time.perf_counter()
            head = seal_ledger(at=now)
            print(f"sealing with {what}: {(time.perf_counter() - started) * 1000:.1f} ms, head {head}")
        started = time.perf_counter()
        result = verify_ledger(at=now)
        print(
            f"verified in {time.perf_counter() - started:.1f} s: {result.heads:,} heads, broken: {result.broken}"
        )


def fill(wanted: int) -> None:
    """One event and one head a minute."""
    from django.db import transaction

    from applications.ledger import sealing
    from applications.ledger.chain import GENESIS
    from applications.ledger.models import Event, Head
    from applications.ledger.services import Entry, record_events

    with transaction.atomic():
        entries = [Entry(chain=f"XF-{number % 1000}", verb="repair.reviewed") for number in range(wanted)]
        record_events(entries=entries, at=AT)
    root, heads, last = GENESIS, [], None
    for number, (key, digest) in enumerate(
        Event.objects.order_by("pk").values_list("pk", "hash").iterator(chunk_size=5_000), start=1
    ):
        root = sealing.add_to_root(root, digest)
        head = Head(
            number=number,
            last_event=key,
            event_count=number,
            root=root,
            previous=sealing.link(sealing.statement(last), last.signature) if last else None,
            signed_at=AT + timedelta(minutes=number),
        )
        head.signature = sealing.private_key().sign(sealing._bytes(sealing.statement(head))).hex()
        heads.append(head)
        last = head
    Head.objects.bulk_create(heads, batch_size=5_000)


if __name__ == "__main__":
    main()
