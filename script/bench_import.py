#!/usr/bin/env python3
"""What the import of a record file costs on PostgreSQL, with all of its checks: beside a bare COPY of the rows that came of it.

Several files in turns, each imported and then copied: its records, subjects, duties and events, into tables with the same
columns, checks, indexes and references. The copied tables must have as many rows as the file brought, or nothing is printed.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import logging
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from throwaway_postgres import scratch_database

ROWS, TURNS = 20_000, 3
WANTED = {"rows_a_second": 3_000, "times_copy": 5, "megabytes": 250}
TABLES = ("subjects_subject", "records_dishonestyrecord", "records_obligation", "ledger_event")


class Cost:
    """Seconds by the clock; of computing, of this process with its children and of the database's own."""

    clock = own = database = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="of each file")
    parser.add_argument("--turns", type=int, default=TURNS)
    arguments = parser.parse_args()
    with scratch_database():
        logging.disable()
        turns = [measure(turn, arguments.rows) for turn in range(arguments.turns)]
    report(arguments.rows, turns)


def measure(turn: int, rows: int) -> dict[str, Cost]:
    from django.utils import timezone

    from applications.organs.models import Organ
    from applications.records.importing.examining import checked_file
    from applications.records.services import import_file

    organ, _new = Organ.objects.get_or_create(
        # The unit that the rows name; in a made province there is one (bench_curves).
        uscc="11320100MB1886843H",
        defaults={
            "code": "bench",
            "name": "南京市市场监督管理局",
            "kind": Organ.Kind.IDENTIFYING_UNIT,
            "level": Organ.Level.CITY,
            "region": "320100",
            "document_prefix": "测市监信修",
        },
    )
    newest = {table: scalar(f"SELECT coalesce(max(id), 0) FROM {table}") for table in TABLES}
    costs = {"import": Cost(), "copy": Cost()}
    with tempfile.TemporaryFile() as file:
        write_file(file, turn, rows)
        with (
            measured(costs["import"]),
            checked_file(file, "bench.csv", organ=organ, on=timezone.localdate()) as checked,
        ):
            batch, _new = import_file(checked=checked, organ=organ, at=timezone.now(), actor=None)
    if (batch.created, batch.rejected) != (rows, 0):
        sys.exit(f"{batch.created} of {rows} rows were imported, {batch.rejected} rejected")
    copied = copy(newest, costs["copy"])
    if copied != {
        table: scalar(f"SELECT count(*) FROM {table} WHERE id > {newest[table]}") for table in TABLES
    }:
        sys.exit("the import and the copy differ in their rows")
    return costs


def write_file(file: BinaryIO, turn: int, rows: int) -> None:
    """A CSV of so many good rows about a third as many companies, none of them known."""
    from rules.codes import uscc_check_character
    from tests.records.files import HEADINGS, row

    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for number in range(turn * rows, (turn + 1) * rows):
        # Of no company of such a province.
        code = f"91320100{900_000_000 + number // 3}"
        amount = number % 90 + 10
        cells = row(
            行政相对人名称=f"南京示例{number // 3}食品有限公司",
            行政处罚决定书文号=f"宁市监处罚〔2026〕9{number:06d}号",
            违法事实=f"经查，当事人在第{number}号仓库存放的预包装食品标签未标明生产日期和保质期。",
            处罚内容=f"罚款{amount}00元，没收违法所得120元",
            处罚决定日期=f"2026-{number % 6 + 1:02d}-{number % 28 + 1:02d}",
            履行状态="未履行",
        ) | {
            "行政相对人代码_1（统一社会信用代码）": code + uscc_check_character(code),
            "罚款金额（万元）": f"0.{amount}",
        }
        writer.writerow([cells.get(heading, "") for heading in HEADINGS])
    text.flush()
    text.detach()


def copy(newest: dict[str, Any], cost: Cost) -> dict[str, int]:
    """How many rows each table took."""
    from django.db import connection, transaction

    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        for table in TABLES:
            make_bare(table)
            with (Path(folder) / table).open("w") as file:
                cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE id > {newest[table]}) TO STDOUT", file)
        with measured(cost), transaction.atomic():
            copied = {}
            for table in TABLES:
                with (Path(folder) / table).open() as file:
                    cursor.copy_expert(f"COPY bare_{table} FROM STDIN", file)
                copied[table] = cursor.rowcount
    return copied


def make_bare(table: str) -> None:
    """A table like the portal's, with its checks, indexes and references."""
    from django.db import connection

    if scalar(f"SELECT to_regclass('bare_{table}') IS NOT NULL"):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
            [table],
        )
        for name, reference in cursor.fetchall():
            for other in TABLES:
                reference = reference.replace(f"REFERENCES {other}(", f"REFERENCES bare_{other}(")
            cursor.execute(f'ALTER TABLE bare_{table} ADD CONSTRAINT "{name}" {reference}')


def scalar(statement: str) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@contextmanager
def measured(cost: Cost) -> Iterator[None]:
    backend = Path(f"/proc/{scalar('SELECT pg_backend_pid()')}/stat")
    began, own, database = time.perf_counter(), computed(), computed_by(backend)
    yield
    cost.clock = time.perf_counter() - began
    cost.own, cost.database = computed() - own, computed_by(backend) - database


def computed() -> float:
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def computed_by(stat: Path) -> float:
    """Nothing where the database is on another machine."""
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report(rows: int, turns: list[dict[str, Cost]]) -> None:
    print(f"{len(turns)} files of {rows:,} rows")
    print(
        f"load of the machine: {' '.join(f'{each:.1f}' for each in os.getloadavg())} on {os.cpu_count()} cores"
    )
    print(f"{'µs a row':<22} {'clock':>8} {'own CPU':>9} {'database CPU':>13} {'rows/s':>8}")
    found: dict[str, dict[str, float]] = {}
    for name in ("import", "copy"):
        found[name] = {
            each: statistics.median(getattr(turn[name], each) for turn in turns) / rows * 1e6
            for each in ("clock", "own", "database")
        }
        one = found[name]
        print(
            f"{name:<22} {one['clock']:>8.0f} {one['own']:>9.0f} {one['database']:>13.0f} {1e6 / one['clock']:>8,.0f}"
        )
    times = statistics.median(turn["import"].clock / turn["copy"].clock for turn in turns)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"the import takes {times:.1f} times as long as the copy; this process grew to {memory:.0f} MB")
    print(
        json.dumps(
            {
                "bench": "import",
                "rows": rows,
                "rows_a_second": round(1e6 / found["import"]["clock"]),
                "times_copy": round(times, 2),
                "megabytes": round(memory),
                "microseconds_a_row": {
                    name: {k: round(v) for k, v in each.items()} for name, each in found.items()
                },
                "wanted": WANTED,
            }
        )
    )


if __name__ == "__main__":
    main()
