"""python manage.py load_sample [--accounts] [--trial]

Loads the sample province; a second run changes nothing. The served mode refuses it without ``--trial``: nothing of it can
be taken out again, and everybody knows the passwords of its accounts. ``--accounts`` prints the accounts to sign in with.
"""

import unicodedata
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from applications.commands import PortalCommand
from applications.sample.accounts import account_table
from applications.sample.loading import load_province
from applications.sample.province import make_province


class Command(PortalCommand):
    help = "装载示例省份：机构、人员、失信行为信息和办件。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", action="store_true", help="只列出示例账号")
        parser.add_argument(
            "--platform",
            action="append",
            default=[],
            metavar="行政区划=地址",
            help="该行政区划的共享平台，如 320100=http://127.0.0.1:8011；默认只有 PLATFORM_URL 的省级平台",
        )
        parser.add_argument("--trial", action="store_true", help="服务模式下也装载：仅限试用，装载后不能撤除")

    def needs_database(self, options: dict[str, Any]) -> bool:
        return not options["accounts"]

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accounts"]:
            self._print(account_table())
            return
        if settings.SERVED and not options["trial"]:
            raise CommandError(
                "这是服务模式，没有装载示例省份：示例账号的口令是公开的，示例数据装载后不能撤除。"
                "确属试用环境的，请加 --trial。",
                returncode=2,
            )
        at = timezone.now()
        platforms = dict(each.partition("=")[::2] for each in options["platform"])
        loaded = load_province(province=make_province(timezone.localdate(at)), at=at, platforms=platforms)
        names = {
            "organs": "机构",
            "officers": "工作人员",
            "record_files": "失信行为信息文件",
            "past": "往月办件",
            "applicants": "申请人",
            "cases": "办件",
            "seals": "印章图样",
            "training": "培训",
        }
        self.stdout.write(
            "示例省份已装载：" + "，".join(f"{names[key]} {count}" for key, count in loaded.items())
            if any(loaded.values())
            else "示例省份以前已装载，没有变化。"
        )

    def _print(self, table: list[tuple[str, ...]]) -> None:
        widths = [max(_columns(row[at]) for row in table) for at in range(len(table[0]))]
        for row in table:
            cells = (cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _columns(text: str) -> int:
    """Width in a terminal, where a Chinese character takes two columns."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
