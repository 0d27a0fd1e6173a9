"""python manage.py retention [--dry-run]

The nightly job by hand: erases what has been kept long enough (rules/retention.toml), and prints how much of each kind. With
--dry-run it erases nothing, tells nobody, and prints what is due.
"""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.retention import erase_what_is_due, what_is_due
from applications.commands import PortalCommand
from rules.retention import kinds


class Command(PortalCommand):
    help = gettext_lazy("删除、清空保存期限已满的内容。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help=_("只列出数量，不删除。"))

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        at = timezone.now()
        found = what_is_due(at=at) if dry_run else erase_what_is_due(at=at)
        for code, count in found.items():
            self.stdout.write(f"{kinds()[code].label}：{count}")
        self.stdout.write(_("仅供查看，没有删除。") if dry_run else _("以上已经删除或者清空。"))
