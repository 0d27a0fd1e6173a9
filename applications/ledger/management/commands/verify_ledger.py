import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.commands import PortalCommand
from applications.ledger.head_files import NoCopies
from applications.ledger.verification import verify_ledger


class Command(PortalCommand):
    help = gettext_lazy(
        "核对台账：每条事件的摘要和次序、每个链头的签名和文件。有不符即指出第一处，并以状态 1 退出；"
        "应当签名而没有签名的事件也是。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--heads",
            type=Path,
            metavar="DIR",
            help=_("另存于别处的链头文件所在文件夹：其中每个链头都须与数据库一致"),
        )

    def handle(self, *args: Any, heads: Path | None, **options: Any) -> None:
        started = time.perf_counter()
        try:
            result = verify_ledger(at=timezone.now(), copies=heads)
        except NoCopies as error:
            raise CommandError(f"{error}。", returncode=2) from error
        self.stdout.write(_("公钥 %(public_key)s") % {"public_key": result.public_key})
        if result.broken:
            self.stderr.write(_("台账不完整：%(broken)s。") % {"broken": result.broken})
            sys.exit(1)
        self.stdout.write(
            _(
                "台账完整：%(events)s 条事件，%(chains)s 个卷宗，%(heads)s 个链头，"
                "其中 %(unsealed)s 条尚待签名；用时 %(seconds)s 秒。"
            )
            % {
                "events": f"{result.events:,}",
                "chains": f"{result.chains:,}",
                "heads": f"{result.heads:,}",
                "unsealed": f"{result.unsealed:,}",
                "seconds": f"{time.perf_counter() - started:.1f}",
            }
        )
        if result.overdue:
            self.stderr.write(_("签名没有跟上：%(overdue)s。") % {"overdue": result.overdue})
            sys.exit(1)
