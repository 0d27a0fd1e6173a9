"""python manage.py make_province --subjects N --records N --cases N --seed S [--years Y]

A large invented province in an empty, migrated database, to measure on. The last line is JSON.
"""

import json
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from applications.accounts.models import User
from applications.commands import PortalCommand
from applications.ledger.sealing import seal_ledger
from applications.organs.models import Organ
from applications.sample.large import Province
from applications.sample.large_subjects import MOST

MOST_YEARS = 5


class Command(PortalCommand):
    help = "在空数据库中生成一个大型示例省份，用于测量。"

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("subjects", "records", "cases", "seed"):
            parser.add_argument(f"--{name}", type=int, required=True)
        parser.add_argument("--years", type=int, default=3, help=f"跨多少年，1至{MOST_YEARS}")

    def handle(self, *args: Any, **options: Any) -> None:
        sizes = {name: options[name] for name in ("subjects", "records", "cases")}
        if not (0 < sizes["subjects"] <= MOST and 0 <= sizes["cases"] <= sizes["records"]):
            raise CommandError(
                f"主体数须为1至{MOST}，办件数须不少于0且不超过记录数，没有生成任何数据。", returncode=2
            )
        if not 1 <= options["years"] <= MOST_YEARS:
            raise CommandError(f"年数须为1至{MOST_YEARS}，没有生成任何数据。", returncode=2)
        if Organ.objects.exists() or User.objects.exists():
            raise CommandError("数据库不是空的，没有生成任何数据。", returncode=2)
        started, at = time.monotonic(), timezone.now()
        made = Province(**sizes, seed=options["seed"], years=options["years"], at=at).make()
        seal_ledger(at=timezone.now())
        seconds = round(time.monotonic() - started, 1)
        self.stdout.write(json.dumps({**made, "seconds": seconds}, ensure_ascii=False))
